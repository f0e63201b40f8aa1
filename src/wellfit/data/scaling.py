"""Scaling of numeric columns, exact in the weights and robust to outliers."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from wellfit.core import weighted

EXACT_NUMBERS = 1 << 21
"""Beyond this many numbers the quantiles come from evenly spaced rows: sorting 10^6 x 100 numbers takes ten seconds."""

FEWEST_ROWS = 2000
"""But from so many rows at least: their median is off by a fortieth of a standard deviation."""

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
        step = -(-n * d // EXACT_NUMBERS)
        for first in range(0, d, wide):
            columns = slice(first, first + wide)
            centre[columns], factor[columns] = _learnt(X[:, columns], w, kind, step)
        return cls(centre, factor, clip if kind == "robust" else None)

    def without(self, silent: np.ndarray) -> Self:
        """The scaler that makes the columns ``silent`` (d,) zero everywhere."""
        return replace(self, factor=np.where(silent, 0.0, self.factor))

    def transform(self, X: np.ndarray, dtype: Any = np.float32) -> np.ndarray:
        """The scaled columns as a new array."""
        scaled = np.clip(np.asarray(X, np.float64), -1e150, 1e150)
        with np.errstate(over="ignore"):  # a huge value in a column of tiny ones
            scaled -= self.centre
            scaled *= self.factor
        np.clip(scaled, -1e150, 1e150, out=scaled)
        if self.clip is not None:
            scaled /= np.sqrt(1 + np.square(scaled / self.clip))
        np.copyto(scaled, 0.0, where=np.isnan(scaled))
        return scaled.clip(-3e38, 3e38, out=scaled).astype(dtype, copy=False)

    def to_state(self) -> dict[str, Any]:
        return {"centre": self.centre, "factor": self.factor, "clip": self.clip}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(np.asarray(state["centre"]), np.asarray(state["factor"]), state["clip"])


def _learnt(X: np.ndarray, w: np.ndarray, kind: str, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Centre and factor of the columns of X; those with gaps one by one, from their own rows."""
    X = _bounded(X)
    missing = np.isnan(X)
    gaps = missing.any(axis=0)
    if not gaps.any():
        return _of_complete(X, w, kind, step)
    centre, factor = np.zeros(X.shape[1]), np.zeros(X.shape[1])
    if not gaps.all():
        centre[~gaps], factor[~gaps] = _of_complete(X[:, ~gaps], w, kind, step)
    for j in np.flatnonzero(gaps):
        there = ~missing[:, j] & (w > 0)
        if there.any():
            centre[[j]], factor[[j]] = _of_complete(X[there, j][:, None], w[there], kind, step)
    return centre, factor


def _of_complete(X: np.ndarray, w: np.ndarray, kind: str, step: int) -> tuple[np.ndarray, np.ndarray]:
    if kind == "standard":
        return weighted.mean(X, w), _inverse(weighted.std(X, w), X)
    step = max(1, min(step, len(X) // FEWEST_ROWS))
    low, centre, high = weighted.quantiles(X[::step], w[::step], (0.25, 0.5, 0.75))
    spread = (high - low) / 1.349
    half_equal = ~(spread > 1e-9 * np.abs(centre))
    if half_equal.any():
        spread[half_equal] = weighted.std(X[:, half_equal], w)
    return centre, _inverse(spread, X)


def _bounded(X: np.ndarray) -> np.ndarray:
    """The numbers within ±1e150, so that squares stay finite; float32 ones are."""
    X = np.asarray(X)
    return X if X.dtype == np.float32 else np.clip(np.asarray(X, np.float64), -1e150, 1e150)


def _inverse(spread: np.ndarray, X: np.ndarray) -> np.ndarray:
    """1/spread, and 0 for columns that are constant up to rounding."""
    size = np.maximum(np.max(X, axis=0, initial=0.0), -np.min(X, axis=0, initial=0.0)).astype(np.float64)
    varies = spread > np.maximum(1e-12 * size, 1e-300)  # below, 1/spread overflows
    return np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
