"""Arrays as the kernels read them: rows of floats that lie beside each other."""

import numpy as np

from wellfit.native import library


def taken(*arrays: np.ndarray) -> bool:
    """Whether there are kernels, and they take these arrays (n, d)."""
    return library.available() and all(map(_is_plain, arrays))


def side(array: np.ndarray) -> tuple[int, bool, int]:
    """Where an array lies, whether it is of doubles, and how many numbers its lines are apart."""
    return array.ctypes.data, array.dtype == np.float64, array.strides[0] // array.itemsize


def _is_plain(array: np.ndarray) -> bool:
    return (
        array.ndim == 2
        and array.dtype in (np.float32, np.float64)
        and array.dtype.isnative
        and array.flags.aligned
        and array.strides[1] == array.itemsize
        and array.strides[0] >= 0
        and array.strides[0] % array.itemsize == 0
    )
