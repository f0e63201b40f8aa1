"""The order of the rows in every epoch, drawn on the host from a numpy generator exactly as scikit-learn draws it."""

from typing import Any, NamedTuple

import numpy as np

from wellfit.core.sharing import Draws
from wellfit.training.plan import Orders

ENTRIES = 2**21  # row numbers in one table
MOST_EPOCHS = 32
FIRST_EPOCHS = 16  # in the first table, at least: a fit may stop early, and orders cost time
FIRST_ENTRIES = 2**15
FOREVER = np.int32(2**30)


class EpochOrders:
    """Row orders, epoch after epoch; each permutes the one before.

    Parameters
    ----------
    draws : of a numpy generator; ``ended`` leaves them where they would be had only the epochs run been drawn
    train : (n,) row numbers that train
    size : length of a table's line, at least n
    start : (n,) the permutation to go on from, or None
    shuffle : whether rows are shuffled at all
    most : epochs that will be asked for at most
    """

    def __init__(
        self, draws: Draws, train: np.ndarray, size: int, start: np.ndarray | None, shuffle: bool, most: int
    ) -> None:
        n = len(train)
        self.draws, self.train, self.shuffle, self.most = draws, np.asarray(train, np.int32), shuffle, most
        self.permutation = np.arange(n) if start is None or len(start) != n else start
        self.capacity = max(1, min(MOST_EPOCHS, ENTRIES // size)) if shuffle else 1
        self.table = np.zeros((self.capacity, size), np.int32)
        self.first = self.until = 0
        self.before = (draws.mark(), self.permutation)

    def __call__(self, epoch: int) -> Orders:
        """The orders from this epoch on."""
        n = len(self.train)
        if not self.shuffle:
            self.table[0, :n] = self.train
            return Orders(self.table, np.asarray(0, np.int32), np.asarray(FOREVER))
        if epoch >= self.until:
            self.before = (self.draws.mark(), self.permutation)
            least = max(FIRST_EPOCHS, FIRST_ENTRIES // n)
            self.first = epoch
            self.until = epoch + max(1, min(self.capacity, max(least, epoch), self.most - epoch))
            lines, self.permutation = self.draws(_lines, self.permutation, self.train, self.until - epoch)
            self.table = np.empty_like(self.table)  # earlier calls may still read the last one
            self.table[: len(lines), :n] = lines
            self.table[: len(lines), n:] = 0
        return Orders(self.table, np.asarray(self.first, np.int32), np.asarray(self.until, np.int32))

    def ended(self, epochs: int) -> "Ended":
        """What is left of the orders after so many epochs, and of their memory."""
        if not self.shuffle or epochs == self.until:
            return Ended(self.draws, None, self.permutation, 0)
        return Ended(self.draws, *self.before, epochs - self.first)


class Ended(NamedTuple):
    """A generator that has drawn too far, and the last permutation before it did."""

    draws: Draws
    mark: Any
    permutation: np.ndarray
    epochs: int

    def finish(self) -> np.ndarray:
        """Leave the generator after the epochs that were run, and return the permutation of the last of them."""
        if self.mark is None:
            return self.permutation
        self.draws.back(self.mark)
        return self.draws(_after, self.permutation, self.epochs)


def _lines(
    rng: np.random.RandomState, permutation: np.ndarray, train: np.ndarray, epochs: int
) -> tuple[np.ndarray, np.ndarray]:
    """So many epochs' orders (epochs, n), and the last permutation."""
    lines, permutation = np.empty((epochs, len(train)), np.int32), permutation.copy()
    for line in lines:
        rng.shuffle(permutation)
        line[:] = train[permutation]
    return lines, permutation


def _after(rng: np.random.RandomState, permutation: np.ndarray, epochs: int) -> np.ndarray:
    """The permutation of the last of so many epochs."""
    permutation = permutation.copy()
    for _ in range(epochs):
        rng.shuffle(permutation)
    return permutation
