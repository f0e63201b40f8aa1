"""Scaling of numeric columns, exact in the weights and robust to outliers."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from wellfit.core import weighted
from wellfit.data.blocks import as_floats, extremes, side_by_side, slices
from wellfit.native.plain import taken
from wellfit.native.scaling import scale

EXACT_NUMBERS = 1 << 19
"""Beyond this many numbers the quantiles come from evenly spaced rows: sorting 10^6 x 100 numbers takes ten seconds."""

SAMPLED_NUMBERS = 1 << 18
"""Numbers in those rows."""

FEWEST_ROWS = 2000
"""But from so many rows at least: their median is off by a fortieth of a standard deviation."""

CHUNK = 1 << 22
"""Numbers that are sorted at a time, so that a wide table is not copied as a whole."""

MOST, MOST_OUT = 1e150, 3e38
"""Numbers are taken as no larger than the first, so that squares stay finite, and come out within float32's range."""

MOST_BENT = 1e15
"""Where a smooth clip follows, so that squares stay finite in float32: what is larger comes out as the clip itself."""


@dataclass(frozen=True)
class Scaler:
    """(x - centre) * factor, then x / sqrt(1 + (x/clip)²) where a smooth clip is asked for; NaN becomes 0 (the centre).

    centre, factor : (d,) float64; the factor of a constant column is 0. The first step is done in float64, the second
    in the precision that is asked for.
    """

    centre: np.ndarray
    factor: np.ndarray
    clip: float | None

    @classmethod
    def fit(
        cls,
        X: np.ndarray,
        w: np.ndarray,
        kind: str = "robust",
        clip: float | None = 3.0,
        ends: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> Self:
        """Learn the scaling of the columns of X (n, d) with weights w (n,), from the values that are there.

        "robust": weighted median and interquartile range over 1.349 (the standard deviation of a normal column); where
        half the values are equal the range is 0 and the standard deviation takes its place. "standard": mean and
        standard deviation, no clip. "none": nothing. ``ends`` are the ``extremes`` of X, where they are known.
        """
        n, d = X.shape
        if kind == "none":
            return cls(np.zeros(d), np.ones(d), None)
        X = as_floats(X)
        low, high = extremes(X) if ends is None else ends
        centre, factor = np.zeros(d), np.zeros(d)
        step = -(-n * d // SAMPLED_NUMBERS) if n * d > EXACT_NUMBERS else 1
        wide = max(1, d) if step == 1 else max(1, CHUNK // max(n // step, FEWEST_ROWS))
        for first in range(0, d, wide):
            own = slice(first, first + wide)
            centre[own], factor[own] = _learnt(X[:, own], w, kind, step, (low[own], high[own]))
        return cls(centre, factor, clip if kind == "robust" else None)

    def without(self, silent: np.ndarray) -> Self:
        """The scaler that makes the columns ``silent`` (d,) zero everywhere."""
        return replace(self, factor=np.where(silent, 0.0, self.factor))

    def tames(self, low: np.ndarray, high: np.ndarray) -> bool:
        """Whether columns from ``low`` to ``high`` (d,) hold no gap, and nothing so large that it must be bounded."""
        ends = np.array([low, high], np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (ends - self.centre) * self.factor
        return bool((np.abs(ends) <= MOST).all() and (np.abs(scaled) <= self._most_out).all())

    @property
    def _most_out(self) -> float:
        return MOST_OUT if self.clip is None else MOST_BENT

    def transform(self, X: np.ndarray, dtype: Any = np.float32, *, tame: bool = False) -> np.ndarray:
        """The scaled columns as a new array; ``tame`` ones (see ``tames``) need half the work, and give the same."""
        dtype = np.dtype(dtype)
        scaled = np.array(X, np.float64) if tame else np.clip(np.asarray(X, np.float64), -MOST, MOST)
        with np.errstate(over="ignore"):  # a huge value in a column of tiny ones
            scaled -= self.centre
            scaled *= self.factor
        if not tame:
            np.copyto(scaled, 0.0, where=np.isnan(scaled))
            np.clip(scaled, -self._most_out, self._most_out, out=scaled)
        scaled = scaled.astype(dtype, copy=False)
        if self.clip is not None:
            bend = scaled * dtype.type(1 / self.clip)
            np.square(bend, out=bend)
            bend += 1
            scaled /= np.sqrt(bend, out=bend)
        return scaled

    def transform_into(self, X: np.ndarray, out: np.ndarray, *, tame: bool) -> None:
        """The scaled columns of X into ``out`` (n, d); ``tame`` ones in one pass, where a kernel was built."""
        if tame and taken(X, out):
            scale(X, out, self.centre, self.factor, self.clip)
        else:
            out[...] = self.transform(X, out.dtype, tame=tame)

    def to_state(self) -> dict[str, Any]:
        return {"centre": self.centre, "factor": self.factor, "clip": self.clip}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(np.asarray(state["centre"]), np.asarray(state["factor"]), state["clip"])


def _learnt(
    X: np.ndarray, w: np.ndarray, kind: str, step: int, ends: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Centre and factor of the columns of X between ``ends``; those with gaps one by one, from their own rows."""
    gaps = np.isnan(ends[0])
    if not gaps.any():
        return _of_complete(X, slice(None), w, kind, step, ends)
    centre, factor = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    if not gaps.all():
        own = (ends[0][~gaps], ends[1][~gaps])
        centre[~gaps], factor[~gaps] = _of_complete(X, ~gaps, w, kind, step, own)
    for j in np.flatnonzero(gaps):
        there = ~np.isnan(X[:, j]) & (w > 0)
        if there.any():
            column = X[there, j][:, None]
            centre[[j]], factor[[j]] = _of_complete(column, slice(None), w[there], kind, step, extremes(column))
    return centre, factor


def _of_complete(
    X: np.ndarray, columns: Any, w: np.ndarray, kind: str, step: int, ends: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Of the ``columns`` of X, which have no gaps and lie between ``ends``; every ``step``-th row in large tables."""
    size = np.minimum(np.maximum(np.maximum(ends[1], -ends[0]), 0.0).astype(np.float64), MOST)
    few = max(1, min(step, len(X) // FEWEST_ROWS))
    sample, mass = _bounded(X[::few, columns], size), w[::few]
    if kind == "standard":
        centre, spread = weighted.mean(sample, mass), weighted.std(sample, mass)
        if few > 1:
            centre, spread = _moments(X, columns, w, centre, size)
        return centre, _inverse(spread, size)
    low, centre, high = weighted.quantiles(sample, mass, (0.25, 0.5, 0.75))
    spread = (high - low) / 1.349
    half_equal = ~(spread > 1e-9 * np.abs(centre))
    if half_equal.any() and few > 1:
        own = np.arange(X.shape[1])[columns][half_equal]
        spread[half_equal] = _moments(X, own, w, centre[half_equal], size[half_equal])[1]
    elif half_equal.any():
        spread[half_equal] = weighted.std(sample[:, half_equal], w)
    return centre, _inverse(spread, size)


def _moments(
    X: np.ndarray, columns: Any, w: np.ndarray, near: np.ndarray, size: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of ``columns`` of X, of numbers up to ``size``, in one pass.

    ``near`` are numbers within a standard deviation or so of the means, as medians are: differences from them lose no
    digits where they are squared.
    """
    unit = np.ldexp(1.0, np.frexp(size)[1])

    def sums(rows: slice) -> np.ndarray:
        u = (_bounded(X[rows, columns], size) - near) / unit
        weighed = u * w[rows, None]
        return np.array([weighed.sum(axis=0), np.einsum("ij,ij->j", weighed, u)])

    numbers = len(X) * len(near)
    first, second = sum(side_by_side(sums, slices(len(X), len(near)), numbers), np.zeros((2, len(near)))) / w.sum()
    return near + first * unit, np.sqrt(np.maximum(second - first**2, 0.0)) * unit


def _bounded(X: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Numbers up to ``size``, within ±``MOST``, so that squares stay finite."""
    return np.clip(X, -MOST, MOST) if (size >= MOST).any() else X


def _inverse(spread: np.ndarray, size: np.ndarray) -> np.ndarray:
    """1/spread, and 0 for columns of numbers up to ``size`` that are constant up to rounding."""
    varies = spread > np.maximum(1e-12 * size, 1e-300)  # below, 1/spread overflows
    return np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
