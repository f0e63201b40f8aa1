"""The order of the rows in every epoch, drawn on the host from a numpy RandomState exactly as scikit-learn draws it."""

import numpy as np

from wellfit.training.plan import Orders

ENTRIES = 2**21  # row numbers in one table
MOST_EPOCHS = 64
FIRST_EPOCHS = 16  # in the first table: a fit may stop early, and orders cost time
FOREVER = np.int32(2**30)


class EpochOrders:
    """Row orders, epoch after epoch; each permutes the one before.

    Parameters
    ----------
    rng : RandomState; it is left where it would be had only the epochs run been drawn (``finish``)
    train : (n,) row numbers that train
    size : length of a table's line, at least n
    start : (n,) the permutation to go on from, or None
    shuffle : whether rows are shuffled at all
    """

    def __init__(
        self, rng: np.random.RandomState, train: np.ndarray, size: int, start: np.ndarray | None, shuffle: bool
    ) -> None:
        n = len(train)
        self.rng, self.train, self.shuffle = rng, np.asarray(train, np.int32), shuffle
        self.permutation = np.arange(n) if start is None or len(start) != n else start
        self.capacity = max(1, min(MOST_EPOCHS, ENTRIES // size)) if shuffle else 1
        self.table = np.zeros((self.capacity, size), np.int32)
        self.first = self.until = 0
        self.before = (rng.get_state(), self.permutation)

    def __call__(self, epoch: int) -> Orders:
        """The orders from this epoch on."""
        n = len(self.train)
        if not self.shuffle:
            self.table[0, :n] = self.train
            return Orders(self.table, np.asarray(0, np.int32), np.asarray(FOREVER))
        if epoch >= self.until:
            self.before = (self.rng.get_state(), self.permutation)
            self.first, self.until = epoch, epoch + min(self.capacity, max(FIRST_EPOCHS, epoch))
            self.table = np.zeros_like(self.table)
            for line in range(self.until - self.first):
                self._draw()
                self.table[line, :n] = self.train[self.permutation]
        return Orders(self.table, np.asarray(self.first, np.int32), np.asarray(self.until, np.int32))

    def finish(self, epochs: int) -> np.ndarray:
        """Leave the generator after so many epochs, and return the permutation of the last of them."""
        if self.shuffle and epochs != self.until:
            state, self.permutation = self.before
            self.rng.set_state(state)
            for _ in range(epochs - self.first):
                self._draw()
        return self.permutation

    def _draw(self) -> None:
        turns = np.arange(len(self.train))
        self.rng.shuffle(turns)
        self.permutation = self.permutation[turns]
