"""Blocks of memory: such as travel to a device without a copy, and such as a core's cache holds."""

import math
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

ALIGNMENT = 64
"""Bytes: where JAX takes a numpy array on the CPU as it is."""

CHUNK = 1 << 16
"""Numbers that are worked on at a time: in float64 as many as a core's cache holds."""

WORTH_THREADS = 1 << 21
"""Numbers from which on it takes less time to start threads than to do without."""


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


def slices(n: int, d: int) -> Iterator[slice]:
    """The rows of a table (n, d), a chunk of numbers at a time."""
    size = max(1, CHUNK // max(d, 1))
    for first in range(0, n, size):
        yield slice(first, min(first + size, n))


def side_by_side(work: Callable[[slice], Any], rows: Iterable[slice], numbers: int) -> Iterable[Any]:
    """The work on each slice of a table of so many numbers, in their order; on all cores where that pays.

    >>> list(side_by_side(lambda rows: rows.stop, slices(70_000, 2), 140_000))
    [32768, 65536, 70000]
    """
    if numbers < WORTH_THREADS:
        return map(work, rows)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:  # numpy lets go of the interpreter
        return list(pool.map(work, rows))
