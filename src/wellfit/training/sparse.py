"""Sparse rows on the device: the whole stays compressed, only the rows of a batch become dense."""

from typing import Any, Self

import jax.numpy as jnp
import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.training.rungs import pad_rows, rung


@spec
class SparseBlock:
    """Compressed sparse rows: row i holds ``values`` and ``columns`` from ``starts[i]`` up to ``starts[i + 1]``.

    values : (m,);  columns : (m,) int32;  starts : (n + 1,) int32;  width : columns in all;  longest : entries of the
    longest row, on a rung.
    """

    values: Any
    columns: Any
    starts: Any
    width: int = static(default=1)
    longest: int = static(default=1)

    @classmethod
    def of(cls, matrix: Any, dtype: Any) -> Self:
        """From a scipy matrix or array in CSR form; its m entries are copied, padded to a rung."""
        if matrix.nnz >= 2**31:
            raise ValueError(
                f"X holds {matrix.nnz} non-zero entries, at most {2**31 - 1} are possible; fit on fewer rows."
            )
        size = rung(max(matrix.nnz, 1))
        return cls(
            pad_rows(matrix.data.astype(dtype), size),
            pad_rows(matrix.indices.astype(np.int32), size),
            matrix.indptr.astype(np.int32),
            matrix.shape[1],
            rung(int(max(np.diff(matrix.indptr).max(initial=0), 1)), 1),
        )

    def padded(self, n: int) -> Self:
        """With empty rows appended up to n rows."""
        starts = np.full(n + 1, self.starts[-1], np.int32)
        starts[: len(self.starts)] = self.starts
        return type(self)(self.values, self.columns, starts, self.width, self.longest)

    def rows(self, index: Array) -> Array:
        """Rows ``index`` (B,) as a dense block (B, width); entries of the same place add up."""
        first, last = self.starts[index], self.starts[index + 1]
        place = first[:, None] + np.arange(self.longest, dtype=np.int32)
        used = place < last[:, None]
        place = jnp.where(used, place, np.int32(0))
        values = jnp.where(used, self.values[place], jnp.zeros((), self.values.dtype))
        columns = jnp.where(used, self.columns[place], np.int32(0))
        dense = jnp.zeros((index.shape[0], self.width), self.values.dtype)
        return dense.at[jnp.arange(index.shape[0], dtype=np.int32)[:, None], columns].add(values)
