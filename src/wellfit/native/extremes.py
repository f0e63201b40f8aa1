"""The least and the largest number of each column by the kernel: one pass over memory, where numpy makes two."""

import numpy as np

from wellfit.native import library
from wellfit.native.plain import side


def extremes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of x (n, d), such as ``plain.taken`` says: each (d,) of its dtype; NaN where any is, ±inf of no rows."""
    low, high = (np.empty(x.shape[1], x.dtype) for _ in range(2))
    library.extremes(*side(x), *x.shape, low.ctypes.data, high.ctypes.data)
    return low, high
