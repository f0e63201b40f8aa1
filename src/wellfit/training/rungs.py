"""A short ladder of sizes: arrays are padded to the next rung, so that similar tables share one compiled program."""

import contextlib
from collections.abc import Iterator

import numpy as np


def rung(n: int, smallest: int = 16) -> int:
    """The smallest rung that holds n: powers of two up to 128, then four rungs to the octave (at most 25 % waste).

    >>> [rung(n) for n in (1, 17, 100, 129, 800, 803, 1000)]
    [16, 32, 128, 160, 896, 896, 1024]
    """
    size = smallest
    while size < n and size < 128:
        size *= 2
    if n <= size:
        return size
    octave = 1 << (int(n - 1).bit_length() - 1)  # the power of two at or below n - 1
    step = octave // 4
    return octave + step * -(-(n - octave) // step)


def pad_rows(array: np.ndarray, size: int) -> np.ndarray:
    """``array`` with zeros appended along its first axis until it has ``size`` rows."""
    if len(array) == size:
        return array
    padded = np.zeros((size, *array.shape[1:]), array.dtype)
    padded[: len(array)] = array
    return padded


_rooms: list[int] = []  # rows of the largest fit of each search that is going on


@contextlib.contextmanager
def room_for(n: int) -> Iterator[None]:
    """Fits to half of n rows and more are padded as one to all n is: a search's folds share its last fit's program."""
    _rooms.append(n)
    try:
        yield
    finally:
        _rooms.remove(n)


def shared_rung(n: int, rows: int) -> int:
    """The rung for n of a fit's ``rows``: that of as large a share of the rows that ``room_for`` says.

    >>> with room_for(1000):
    ...     shared_rung(800, rows=800), shared_rung(160, rows=800), shared_rung(200, rows=200)
    (1024, 224, 224)
    """
    expected = next(reversed(_rooms), 0)
    if not n or 2 * rows < expected or rows >= expected:
        return rung(n)
    return rung(-(-n * expected // rows))
