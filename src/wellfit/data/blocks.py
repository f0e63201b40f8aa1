"""Blocks of memory that travel to a device without a copy."""

import math
from typing import Any

import numpy as np

ALIGNMENT = 64
"""Bytes: where JAX takes a numpy array on the CPU as it is."""


def aligned_zeros(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros whose first number lies at a multiple of 64 bytes.

    >>> aligned_zeros((3, 2), np.float32).ctypes.data % 64
    0
    """
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    plain = np.zeros(size + ALIGNMENT, np.uint8)
    first = -plain.ctypes.data % ALIGNMENT
    return plain[first : first + size].view(dtype).reshape(shape)
