"""Weights are frequencies: a row of weight 2 is that row twice, in every statistic."""

from collections.abc import Sequence
from typing import Any

import numpy as np

NEAR = 1e-10
"""Levels nearer than this to a step of the distribution function stand on the step."""


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
    found = weighted_quantiles(x.reshape(len(x), -1), w, (q,))[0]
    return found[0] if x.ndim == 1 else found


def weighted_quantiles(x: np.ndarray, w: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Several quantiles of each column, by one sort: x (n, d) -> (levels, d)."""
    found = np.full((len(levels), x.shape[1]), np.nan)
    if len(x) and (w == w[0]).all() and w[0] > 0 and not np.isnan(x).any():  # all columns in one go
        values, n = np.sort(np.ascontiguousarray(x.T), axis=1).T, len(x)  # contiguous columns sort several times faster
        for i, q in enumerate(levels):
            low = np.clip(int(np.ceil(n * (q - NEAR))) - 1, 0, n - 1)
            high = np.clip(int(np.floor(n * (q + NEAR))), 0, n - 1)
            found[i] = 0.5 * values[low] + 0.5 * values[high]
        return found
    for j, column in enumerate(x.T):
        there = ~np.isnan(column) & (w > 0)
        values, mass = column[there], w[there]
        if not len(values):
            continue
        order = np.argsort(values, kind="stable")
        values, mass = values[order], np.cumsum(mass[order])
        for i, q in enumerate(levels):
            low = values[min(np.searchsorted(mass, (q - NEAR) * mass[-1], side="left"), len(values) - 1)]
            high = values[min(np.searchsorted(mass, (q + NEAR) * mass[-1], side="right"), len(values) - 1)]
            found[i, j] = 0.5 * low + 0.5 * high
    return found
