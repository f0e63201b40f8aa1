"""Scaling of numeric columns, exact in the weights and robust to outliers."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from wellfit.data.weights import weighted_mean, weighted_quantile, weighted_quantiles, weighted_std

EXACT_ROWS = 100_000
"""Beyond this many rows the quantiles come from evenly spaced rows: sorting 10^6 x 100 numbers takes ten seconds."""


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
        """Learn the scaling of the columns of X (n, d) with weights w (n,).

        "robust": weighted median and interquartile range over 1.349 (the standard deviation of a normal column); where
        half the values are equal the range is 0 and the standard deviation takes its place. "standard": mean and
        standard deviation, no clip. "none": nothing.
        """
        d = X.shape[1]
        if kind == "none":
            return cls(np.zeros(d), np.ones(d), None)
        X = _bounded(X)
        missing = np.isnan(X)
        if missing.any():
            X = np.where(missing, np.nan_to_num(weighted_quantile(X, w, 0.5)), X)
        spread = weighted_std(X, w)
        if kind == "standard":
            return cls(weighted_mean(X, w), _inverse(spread, X), None)
        step = -(-len(X) // EXACT_ROWS)
        rows, mass = X[::step], w[::step]
        low, centre, high = weighted_quantiles(rows, mass, (0.25, 0.5, 0.75))
        robust = (high - low) / 1.349
        spread = np.where(robust > 1e-9 * np.abs(centre), robust, spread)
        return cls(centre, _inverse(spread, X), clip)

    def transform(self, X: np.ndarray, dtype: Any = np.float32) -> np.ndarray:
        """The scaled columns as a new array."""
        with np.errstate(over="ignore"):  # a huge value in a column of tiny ones
            scaled = np.clip((_bounded(X) - self.centre) * self.factor, -1e300, 1e300)
        if self.clip is not None:
            # x / sqrt(1 + (x/c)^2) written as c / sqrt((c/x)^2 + 1) would divide by 0; hypot does not overflow
            scaled = scaled * (self.clip / np.hypot(self.clip, scaled))
        return np.nan_to_num(scaled, nan=0.0, posinf=3e38, neginf=-3e38).clip(-3e38, 3e38).astype(dtype)

    def to_state(self) -> dict[str, Any]:
        return {"centre": self.centre, "factor": self.factor, "clip": self.clip}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(np.asarray(state["centre"]), np.asarray(state["factor"]), state["clip"])


def _bounded(X: np.ndarray) -> np.ndarray:
    """Float64 within ±1e150, so that squares stay finite."""
    return np.clip(np.asarray(X, np.float64), -1e150, 1e150)


def _inverse(spread: np.ndarray, X: np.ndarray) -> np.ndarray:
    """1/spread, and 0 for columns that are constant up to rounding."""
    size = np.max(np.abs(X), axis=0, initial=0.0)
    varies = spread > np.maximum(1e-12 * size, 1e-300)  # below, 1/spread overflows
    return np.where(varies, 1 / np.where(varies, spread, 1.0), 0.0)
