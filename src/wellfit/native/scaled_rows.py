"""Rows of a table that are scaled when somebody asks for them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from wellfit.native.scaling import scale


@dataclass(frozen=True, eq=False)
class ScaledRows:
    """A block (n, d) like an array of scaled numbers that takes no memory: the kernel scales what it gathers.

    x : (n, d) floats, or what gives them for some rows;  centre, factor : (d,) float64;  clip : as in ``scale``;
    dtype : of what comes out;  make : the whole as an array, with zeros for rows from n on.
    """

    x: Any
    centre: np.ndarray
    factor: np.ndarray
    clip: float | None
    dtype: np.dtype
    make: Callable[[], np.ndarray]

    ndim = 2

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)"""
        return self.x.shape[0], self.x.shape[1]

    @property
    def size(self) -> int:
        """Numbers in all."""
        return self.x.size

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, index: Any) -> np.ndarray:
        """Rows, or (rows, columns), by slices or numbers."""
        rows, columns = index if isinstance(index, tuple) else (index, slice(None))
        x = np.ascontiguousarray(self.x[rows][:, columns])
        found = np.empty(x.shape, self.dtype)
        scale(x, found, self.centre[columns], self.factor[columns], self.clip)
        return found

    def part(self, rows: slice) -> "ScaledRows":
        """Consecutive rows, which are not scaled yet either."""
        return replace(self, x=self.x[rows], make=lambda: self[rows])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        whole = self.whole[: len(self)]
        return whole if dtype is None else whole.astype(dtype, copy=False)

    @cached_property
    def whole(self) -> np.ndarray:
        """All rows as an array, which is made once; rows of 0 may follow them."""
        return self.make()
