"""Sparse matrices: zeros stay zeros, so that the block stays sparse on its way through training.

Nothing is centred. The entries of a column are divided by their own root mean square, weighted, and bent towards three
times that: a column with few entries is not blown up, as by a division by its standard deviation, and flags of any
rarity stay 1. Gaps are refused.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse

from wellfit.data.contract import Contract, Term
from wellfit.data.differences import FAR, Differences
from wellfit.data.frames import is_frame
from wellfit.data.notation import listed

CLIP = 3.0


@dataclass(frozen=True)
class SparseCodec:
    """What was learnt of the columns of a sparse matrix: factor, low, high (d,), with the zeros among the values."""

    factor: np.ndarray
    low: np.ndarray
    high: np.ndarray
    reasons: list[str]
    names: ClassVar[None] = None
    cardinalities: ClassVar[tuple[int, ...]] = ()

    @classmethod
    def fit(cls, X: Any, w: np.ndarray) -> Self:
        """Learn the columns of a sparse matrix (n, d) with weights (n,)."""
        X = _checked(X)
        low, high = (_row(extreme) for extreme in (X.min(axis=0), X.max(axis=0)))
        unit = np.maximum(np.maximum(-low, high), np.finfo(float).tiny)
        weights = w[np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))]
        mass = np.bincount(X.indices, weights, minlength=X.shape[1])
        power = np.bincount(X.indices, weights * (X.data / unit[X.indices]) ** 2, minlength=X.shape[1])
        varies = (low < high) & (power > 0)
        factor = np.where(varies, np.sqrt(mass / np.where(varies, power, 1.0)) / unit, 0.0)
        reasons = ["A sparse table stays sparse: columns are scaled by the size of their entries and not centred."]
        constant = [f"x{j}" for j in np.flatnonzero(~varies)]
        if constant:
            reasons.append(f"Constant columns carry nothing and were silenced: {listed(constant)}.")
        return cls(factor, low, high, reasons)

    @property
    def width(self) -> int:
        """Columns of the numeric block."""
        return len(self.factor)

    def transform(
        self,
        X: Any,
        dtype: Any = np.float32,
        *,
        own: bool = False,
        read: None = None,
        room: int = 0,
        lazily: bool = False,
    ) -> dict[str, Any]:
        """``{"numeric": a scipy CSR array (n, d) of floats, "codes": (n, 0) int32}``; dense X becomes sparse.

        Of ``own`` rows, those it was learnt from, nothing is told. ``read``, ``room`` and ``lazily`` are for
        dense tables (``TableCodec``) and change nothing here: sparse rows are padded elsewhere.
        """
        if is_frame(X) or np.ndim(X) != 2 or np.shape(X)[1] != self.width:
            raise ValueError(f"X must be a matrix of shape (n, {self.width}) as in fit, got {np.shape(X)}.")
        X = _checked(X)
        differences = Differences(X.shape[0])
        far = np.abs(X.data) > FAR * np.maximum(-self.low, self.high)[X.indices]
        rows = np.bincount(X.indices[far & (self.factor[X.indices] != 0)], minlength=self.width)
        for j in np.flatnonzero(rows):
            differences.far(f"x{j}", int(rows[j]), int(rows[j]), np.inf)
        if not own:
            differences.tell(stacklevel=5)
        scaled = np.clip(X.data, -1e150, 1e150) * self.factor[X.indices]
        scaled = np.clip(scaled, -1e150, 1e150)
        X.data = (scaled / np.sqrt(1 + (scaled / CLIP) ** 2)).astype(dtype)
        return {"numeric": X, "codes": np.zeros((X.shape[0], 0), np.int32)}

    @property
    def contract(self) -> Contract:
        """What each column held in fit, and the policies for matrices that differ."""
        columns = zip(self.factor, self.low, self.high, strict=True)
        return Contract(
            tuple(
                Term(f"x{j}", "number", "scaled" if factor else "left out: constant", 0.0, float(low), float(high))
                for j, (factor, low, high) in enumerate(columns)
            ),
            named=False,
        )

    def to_state(self) -> dict[str, Any]:
        """Plain values and arrays, for files."""
        return {"sparse": True, "factor": self.factor, "low": self.low, "high": self.high, "reasons": self.reasons}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """The codec that ``to_state`` described."""
        factor, low, high = (np.asarray(state[name], np.float64) for name in ("factor", "low", "high"))
        return cls(factor, low, high, list(state["reasons"]))


def _checked(X: Any) -> Any:
    """X as a CSR array in float64 of its own, whose entries are finite, not zero, and at different places."""
    X = scipy.sparse.csr_array(X, dtype=np.float64, copy=True)
    X.sum_duplicates()
    X.eliminate_zeros()
    if not np.isfinite(X.data).all():
        place = int(np.flatnonzero(~np.isfinite(X.data))[0])
        row, what = int(np.searchsorted(X.indptr, place, side="right")) - 1, X.data[place]
        raise ValueError(
            f"Input X contains {'NaN' if np.isnan(what) else 'infinity'} in feature {X.indices[place]} at row {row}; a "
            "sparse X must hold finite numbers, so pass a dense one if values are missing."
        )
    return X


def _row(extreme: Any) -> np.ndarray:
    """A sparse row of extremes as a vector."""
    return np.asarray(extreme.toarray(), np.float64).ravel()
