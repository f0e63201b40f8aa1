"""The numbers of a table as a network takes them: scaled, gaps at the centre, indicators of gaps beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wellfit.data.blocks import CHUNK, Columns, aligned_zeros, as_floats, extremes, side_by_side, slices
from wellfit.data.differences import FAR, Differences, beyond
from wellfit.data.frames import is_sparse
from wellfit.data.learning import Range, check_finite
from wellfit.data.scaling import Scaler
from wellfit.native import library
from wellfit.native.plain import FLOATS
from wellfit.native.scaled_rows import ScaledRows


@dataclass(frozen=True)
class Numbers:
    """What was learnt of a table's columns of numbers.

    names : of the columns;  named : whether the user gave them;  scaler, ranges : of the columns;  indicators :
    positions of those with an indicator of gaps.
    """

    names: list[str]
    named: bool
    scaler: Scaler
    ranges: Range
    indicators: np.ndarray

    def tame(self) -> bool:
        """Whether the rows that it was learnt from hold no gap, and nothing so large that it must be bounded."""
        return not self.ranges.gaps.any() and self.scaler.tames(self.ranges.low, self.ranges.high)

    def of_tame(self, X: Any, shape: tuple[int, int], dtype: Any, lazily: bool) -> Any:
        """A block of that shape that begins with the scaled rows of X (n, d): rows without gaps and huge numbers.

        ``lazily`` they are ``ScaledRows``, where a kernel was built.
        """
        n, d = X.shape

        def whole() -> np.ndarray:
            block = aligned_zeros(shape, dtype)

            def encode(rows: slice) -> None:
                self.scaler.transform_into(as_floats(X[rows]), block[rows, :d], tame=True)

            list(side_by_side(encode, slices(n, d), n * d))
            return block

        return _rows(self.scaler, X, dtype, whole) if lazily and _can_be_lazy(X, shape) else whole()

    def of_any(self, X: Any, shape: tuple[int, int], dtype: Any, differences: Differences, lazily: bool) -> Any:
        """The same of rows of any kind, with their indicators, noting where they differ from those of the fit.

        X : (n, d), sparse ones too, and ``Columns``.
        """
        if lazily and _can_be_lazy(X, shape) and X.size > CHUNK and not self.ranges.gaps.any():
            ends = extremes(X)
            if self.scaler.tames(*ends):
                if self._are_beyond(ends):
                    self._note(_added(lambda rows: self._counts(X[rows]), X), differences)
                return self.of_tame(X, shape, dtype, lazily)
        block = aligned_zeros(shape, dtype)
        self._note(_added(lambda rows: self._encode(X, rows, block), X), differences)
        return block

    def _encode(self, X: Any, rows: slice, block: np.ndarray) -> np.ndarray:
        """These rows and their indicators into the block; returns their ``_counts``."""
        numbers, d = as_floats(X[rows].toarray() if is_sparse(X) else X[rows]), X.shape[1]
        ends = extremes(numbers)
        tame = self.scaler.tames(*ends)  # no gaps and nothing huge: so it nearly always is
        self.scaler.transform_into(numbers, block[rows, :d], tame=tame)
        if not tame:
            check_finite(numbers, self.names if self.named else None, rows.start)
            missing = np.isnan(numbers)
            block[rows, d : d + len(self.indicators)] = missing[:, self.indicators]
            return self._counts(numbers, missing.sum(axis=0))
        return self._counts(numbers) if self._are_beyond(ends) else np.zeros((3, d), np.int64)

    def _are_beyond(self, ends: tuple[np.ndarray, np.ndarray]) -> bool:
        """Whether any of these numbers is beyond the range of the fit by its width."""
        return bool(beyond(np.array(ends, np.float64), self.ranges.low, self.ranges.high, 1).any())

    def _counts(self, numbers: np.ndarray, gaps: np.ndarray | int = 0) -> np.ndarray:
        """Of each column how many gaps there are, values beyond the range, and far beyond: (3, d)."""
        found, numbers = np.zeros((3, numbers.shape[1]), np.int64), np.asarray(numbers, np.float64)
        found[0] = gaps
        found[1], found[2] = (beyond(numbers, self.ranges.low, self.ranges.high, widths) for widths in (1, FAR))
        return found

    def _note(self, found: np.ndarray, differences: Differences) -> None:
        gaps, near, far = found
        used = self.scaler.factor != 0
        for j in np.flatnonzero((gaps > 0) & (self.ranges.gaps == 0) & used):
            differences.gaps(self.names[j], int(gaps[j]))
        for j in np.flatnonzero((near > 0) & used):
            differences.far(self.names[j], int(near[j]), int(far[j]), float(self.ranges.rows))


def _rows(scaler: Scaler, X: Any, dtype: Any, whole: Callable[[], np.ndarray]) -> ScaledRows:
    centre, factor = (np.ascontiguousarray(array, np.float64) for array in (scaler.centre, scaler.factor))
    return ScaledRows(X, centre, factor, scaler.clip, np.dtype(dtype), whole)


def _can_be_lazy(X: Any, shape: tuple[int, int]) -> bool:
    """Whether the kernel can scale the rows of X by itself, and they are all that the block holds."""
    if not isinstance(X, np.ndarray | Columns) or np.dtype(X.dtype) not in FLOATS:
        return False
    return X.shape[1] == shape[1] and library.available()


def _added(work: Callable[[slice], np.ndarray], X: Any) -> np.ndarray:
    """The sum of what is counted in each slice of X (n, d): (3, d)."""
    n, d = X.shape
    return sum(side_by_side(work, slices(n, d), n * d), np.zeros((3, d), np.int64))
