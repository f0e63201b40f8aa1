"""A short ladder of sizes: arrays are padded to the next rung, so that similar tables share one compiled program."""

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
