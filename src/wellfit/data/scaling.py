"""Scaling of numeric columns, exact in the weights and robust to outliers."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from wellfit.core import weighted

EXACT_ROWS = 100_000
"""Beyond this many rows the quantiles come from evenly spaced rows: sorting 10^6 x 100 numbers takes ten seconds."""

CHUNK = 1 << 22
"""Numbers that are worked on at a time, so that a large table is not copied as a whole."""


@dataclass(frozen=True)
class Scaler:
    """(x - centre) * factor, then x / sqrt(1 + (x/clip)²) where a smooth clip is asked for; NaN becomes 0 (the centre).

    centre, factor : (d,) float64; the factor of a constant column is 0.
    """

    centre: np.ndarray
    factor: np.ndarray
    clip: float | None

    @classmethod
    def fit(cls, X: np.ndarray, w: np.ndarray, kind: str = "robust", clip: float | None = 3.0) -> Self:
        """Learn the scaling of the columns of X (n, d) with weights w (n,), from the values that are there.

        "robust": weighted median and interquartile range over 1.349 (the standard deviation of a normal column); where
        half the values are equal the range is 0 and the standard deviation takes its place. "standard": mean and
        standard deviation, no clip. "none": nothing.
        """
        n, d = X.shape
        if kind == "none":
            return cls(np.zeros(d), np.ones(d), None)
        centre, factor = np.zeros(d), np.zeros(d)
        wide = max(1, CHUNK // max(n, 1))
        for first in range(0, d, wide):
            columns = slice(first, first + wide)
            centre[columns], factor[columns] = _learnt(X[:, columns], w, kind)
        return cls(centre, factor, clip if kind == "robust" else None)

    def without(self, silent: np.ndarray) -> Self:
        """The scaler that makes the columns ``silent`` (d,) zero everywhere."""
        return replace(self, factor=np.where(silent, 0.0, self.factor))

    def transform(self, X: np.ndarray, dtype: Any = np.float32) -> np.ndarray:
        """The scaled columns as a new array."""
        scaled = _bounded(X)
        with np.errstate(over="ignore"):  # a huge value in a column of tiny ones
            scaled -= self.centre
            scaled *= self.factor
        np.clip(scaled, -1e150, 1e150, out=scaled)
        if self.clip is not None:
            scaled /= np.sqrt(1 + np.square(scaled / self.clip))
        np.nan_to_num(scaled, copy=False, nan=0.0)
        return scaled.clip(-3e38, 3e38, out=scaled).astype(dtype, copy=False)

    def to_state(self) -> dict[str, Any]:
        return {"centre": self.centre, "factor": self.factor, "clip": self.clip}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(np.asarray(state["centre"]), np.asarray(state["factor"]), state["clip"])


def _learnt(X: np.ndarray, w: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Centre and factor of the columns of X; those with gaps one by one, from their own rows."""
    X = _bounded(X)
    missing = np.isnan(X)
    gaps = missing.any(axis=0)
    if not gaps.any():
        return _of_complete(X, w, kind)
    centre, factor = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    if not gaps.all():
        centre[~gaps], factor[~gaps] = _of_complete(X[:, ~gaps], w, kind)
    for j in np.flatnonzero(gaps):
        there = ~missing[:, j] & (w > 0)
        if there.any():
            centre[[j]], factor[[j]] = _of_complete(X[there, j][:, None], w[there], kind)
    return centre, factor


def _of_complete(X: np.ndarray, w: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    spread = weighted.std(X, w)
    if kind == "standard":
        return weighted.mean(X, w), _inverse(spread, X)
    step = -(-len(X) // EXACT_ROWS)
    low, centre, high = weighted.quantiles(X[::step], w[::step], (0.25, 0.5, 0.75))
    robust = (high - low) / 1.349
    return centre, _inverse(np.where(robust > 1e-9 * np.abs(centre), robust, spread), X)


def _bounded(X: np.ndarray) -> np.ndarray:
    """A copy in float64 within ±1e150, so that squares stay finite."""
    return np.clip(np.asarray(X, np.float64), -1e150, 1e150)


def _inverse(spread: np.ndarray, X: np.ndarray) -> np.ndarray:
    """1/spread, and 0 for columns that are constant up to rounding."""
    size = np.max(np.abs(X), axis=0, initial=0.0)
    varies = spread > np.maximum(1e-12 * size, 1e-300)  # below, 1/spread overflows
    return np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
