"""Weights are frequencies: a row of weight 2 is that row twice, in every statistic."""

from typing import Any

import numpy as np


def check_weights(sample_weight: Any, n: int) -> np.ndarray:
    """Weights (n,) as float64; None means ones. Raises one sentence for what cannot be a frequency."""
    if sample_weight is None:
        return np.ones(n)
    try:
        w = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("sample_weight must hold numbers, one for each row of X.") from None
    if w.ndim == 0:
        w = np.full(n, float(w))
    if w.ndim != 1 or len(w) != n:
        raise ValueError(f"sample_weight must have shape ({n},), one weight for each row, got {w.shape}.")
    if not np.isfinite(w).all():
        row = int(np.flatnonzero(~np.isfinite(w))[0])
        raise ValueError(f"sample_weight contains {w[row]} at row {row}; weights must be finite numbers >= 0.")
    if (w < 0).any():
        row = int(np.flatnonzero(w < 0)[0])
        raise ValueError(f"sample_weight is negative ({w[row]:g}) at row {row}; weights must be >= 0.")
    if not w.any():
        raise ValueError("sample_weight is zero for every row; at least one weight must be above zero.")
    return w


def weighted_mean(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The weighted mean over rows, in float64."""
    x, unit = _in_units(np.asarray(x, np.float64))
    return np.average(x, axis=0, weights=w) * unit


def weighted_std(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The weighted standard deviation over rows (dividing by the sum of weights), in float64."""
    x, unit = _in_units(np.asarray(x, np.float64))
    centre = np.average(x, axis=0, weights=w)
    return np.sqrt(np.average((x - centre) ** 2, axis=0, weights=w)) * unit


def _in_units(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x in units of a power of two near its largest value: no rounding, and squares of 1e300 or 1e-300 stay finite."""
    _, exponent = np.frexp(np.max(np.abs(x), axis=0, initial=0.0))
    exponent = np.clip(exponent, -1000, 1000)
    return np.ldexp(x, -exponent), np.ldexp(1.0, exponent)


def weighted_quantile(x: np.ndarray, w: np.ndarray, q: float) -> np.ndarray:
    """The q-quantile of each column: the mean of the lower and the upper inverse of the distribution function.

    x (n, d) or (n,); an integer weight gives exactly what repeating the row gives, and all weights may be
    multiplied by a number. NaN are left out; a column of NaN only gives NaN.

    >>> float(weighted_quantile(np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0]), 0.5))
    3.0
    """
    x = np.asarray(x, np.float64)
    if x.ndim == 1:
        return weighted_quantile(x[:, None], w, q)[0]
    found = np.full(x.shape[1], np.nan)
    for j, column in enumerate(x.T):
        there = ~np.isnan(column) & (w > 0)
        values, mass = column[there], w[there]
        if not len(values):
            continue
        order = np.argsort(values, kind="stable")
        values, mass = values[order], np.cumsum(mass[order])
        goal, near = q * mass[-1], 1e-10 * mass[-1]
        low = values[min(np.searchsorted(mass, goal - near, side="left"), len(values) - 1)]
        high = values[min(np.searchsorted(mass, goal + near, side="right"), len(values) - 1)]
        found[j] = 0.5 * low + 0.5 * high
    return found
