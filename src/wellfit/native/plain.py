"""Arrays as the kernels read them: rows of floats that lie beside each other."""

from typing import Any

import numpy as np

from wellfit.native import library

FLOATS = (np.dtype(np.float32), np.dtype(np.float64))
"""Of this machine's own order of bytes."""


def taken(*arrays: Any) -> bool:
    """Whether there are kernels, and these are arrays (n, d) that they take."""
    return library.available() and all(map(_is_plain, arrays))


def side(array: np.ndarray) -> tuple[int, bool, int]:
    """Where an array lies, whether it is of doubles, and how many numbers its lines are apart."""
    return array.ctypes.data, array.dtype == np.float64, array.strides[0] // array.itemsize


def _is_plain(array: Any) -> bool:
    return (
        isinstance(array, np.ndarray)
        and array.ndim == 2
        and array.dtype in FLOATS
        and array.flags.aligned
        and array.strides[1] == array.itemsize
        and array.strides[0] >= 0
        and array.strides[0] % array.itemsize == 0
    )
