"""Blocks of memory: such as travel to a device without a copy, and such as a core's cache holds."""

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from wellfit.native.cores import cores
from wellfit.native.extremes import extremes as by_kernel
from wellfit.native.plain import taken

ALIGNMENT = 64
"""Bytes: where JAX takes a numpy array on the CPU as it is."""

CHUNK = 1 << 16
"""Numbers that are worked on at a time: in float64 as many as a core's cache holds."""

LONG = 1 << 20
"""Numbers that a kernel of our own is given at a time, for it has chunks of its own."""

WORTH_THREADS = 1 << 20
"""Numbers from which on it takes less time to start threads than to do without."""

SPARE = 4
"""Numbers that are worked with for each number given, where that is more than once through."""

SHARES = 16
"""Parts into which many slices are divided among threads: a part costs what starting a few numpy calls does."""

WIDE = 256
"""Numbers side by side from which on numpy's extremes over rows run at full speed."""


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


def slices(n: int, d: int, numbers: int | None = None) -> Iterator[slice]:
    """The rows of a table (n, d), a chunk, or so many, of its numbers at a time."""
    size = max(1, (numbers or CHUNK) // max(d, 1))
    for first in range(0, n, size):
        yield slice(first, min(first + size, n))


def side_by_side(work: Callable[[Any], Any], rows: Iterable[Any], numbers: int) -> Iterable[Any]:
    """The work on each slice, or column, of a table of so many numbers, in their order; on all cores where that pays.

    >>> list(side_by_side(lambda rows: rows.stop, slices(70_000, 2), 140_000))
    [32768, 65536, 70000]
    """
    if numbers < WORTH_THREADS:
        return map(work, rows)
    parts = list(rows)
    size = -(-len(parts) // SHARES)
    shares = [parts[first : first + size] for first in range(0, len(parts), size)]
    with ThreadPoolExecutor(cores()) as pool:  # numpy lets go of the interpreter
        return [found for share in pool.map(lambda share: [work(part) for part in share], shares) for found in share]


def by_rows(work: Callable[[np.ndarray], np.ndarray], z: np.ndarray) -> np.ndarray:
    """``work`` on z (P, n, k), a chunk of rows at a time: what it makes of each row, (n, ...), depends on no other.

    >>> by_rows(lambda z: z.sum(axis=(0, 2)), np.ones((2, 3, 4)))
    array([8., 8., 8.])
    """
    members, n, k = z.shape
    if z.size <= CHUNK:
        return work(z)
    parts = slices(n, members * k * SPARE)
    return np.concatenate(list(side_by_side(lambda rows: work(z[:, rows]), parts, z.size * SPARE)))


class Columns:
    """Columns (n,) of floats that look like a table (n, d), and come to lie side by side when somebody asks for rows.

    >>> Columns([np.zeros(2), np.ones(2)], 2)[1:]
    array([[0., 1.]])
    """

    def __init__(self, columns: list[np.ndarray], n: int) -> None:
        self.columns, self.shape, self.size = columns, (n, len(columns)), n * len(columns)
        self.dtype = np.result_type(*columns) if columns else np.dtype(np.float64)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        if not self.columns:
            return np.zeros(self.shape)[rows]
        return np.stack([column[rows] for column in self.columns], axis=1)

    def table(self) -> np.ndarray:
        """All of it."""
        found = np.empty(self.shape, self.dtype)

        def stack(rows: slice) -> None:
            found[rows] = self[rows]

        list(side_by_side(stack, slices(*self.shape), self.size))
        return found


def as_floats(X: Any) -> np.ndarray:
    """X as it is where its numbers are float32 or float64, else in float64."""
    X = np.asarray(X)
    return X if X.dtype in (np.float32, np.float64) else X.astype(np.float64)


def extremes(X: np.ndarray | Columns) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest number of each column of X (n, d), each (d,); NaN where any is.

    >>> low, high = extremes(np.array([[1.0, 2.0], [0.0, np.nan]]))
    >>> low, high
    (array([ 0., nan]), array([ 1., nan]))
    """
    n, d = X.shape
    if isinstance(X, Columns):
        ends = list(side_by_side(lambda column: _extremes(column[:, None]), X.columns, X.size))
        return np.array([low[0] for low, _ in ends], np.float64), np.array([high[0] for _, high in ends], np.float64)
    if X.size <= CHUNK:
        return _extremes(X)
    found = side_by_side(lambda rows: _extremes(X[rows]), slices(n, d, LONG), X.size)
    lows, highs = zip(*found, strict=True)
    return np.min(lows, axis=0), np.max(highs, axis=0)


def _extremes(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n, d = X.shape
    fold = WIDE // d if d else 1
    if fold > 1 and n >= 2 * fold and X.flags.c_contiguous:  # several rows side by side, the last ones twice
        found = [_of_columns(rows.reshape(-1, fold * d)) for rows in (X[: n // fold * fold], X[n - fold :])]
        low, high = (np.reshape(ends, (-1, d)) for ends in zip(*found, strict=True))
        return low.min(axis=0), high.max(axis=0)
    return _of_columns(X)


def _of_columns(X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if taken(X):
        return by_kernel(X)
    chunks = [X[rows] for rows in slices(*X.shape)] or [X]
    lows, highs = zip(
        *((part.min(axis=0, initial=np.inf), part.max(axis=0, initial=-np.inf)) for part in chunks), strict=True
    )
    return np.min(lows, axis=0), np.max(highs, axis=0)
