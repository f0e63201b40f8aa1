"""Weighted statistics on the host, in float64: weights w are frequencies, so weight 2 is the row twice."""

from collections.abc import Sequence

import numpy as np

NEAR = 1e-10
"""Levels nearer than this to a step of the distribution function stand on the step."""


def mean(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Σ w x / Σ w over rows: (n,) or (n, k) -> () or (k,), in float64.

    >>> float(mean(np.array([0.0, 3.0]), np.array([2.0, 1.0])))
    1.0
    """
    w = np.asarray(w, np.float64)
    x, unit = _in_units(np.asarray(x, np.float64))
    return _sum(w, x) / w.sum() * unit


def std(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """sqrt(Σ w (x - mean)² / Σ w) over rows: (n,) or (n, k) -> () or (k,), in float64.

    >>> float(std(np.array([0.0, 3.0]), np.array([1.0, 1.0])))
    1.5
    """
    w = np.asarray(w, np.float64)
    x, unit = _in_units(np.asarray(x, np.float64))
    centre = _sum(w, x) / w.sum()
    return np.sqrt(_sum(w, (x - centre) ** 2) / w.sum()) * unit


def _sum(w: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Σ w x over rows; BLAS would wake its threads for it, and wait for them."""
    return np.einsum("i,i...->...", w, x)


def _in_units(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x in units of a power of two near its largest value: no rounding, and squares of 1e300 or 1e-300 stay finite."""
    size = np.max(np.abs(x), axis=0, initial=0.0)
    _, exponent = np.frexp(np.where(np.isfinite(size), size, 1.0))
    exponent = np.clip(exponent, -1000, 1000)
    return x * np.ldexp(1.0, -exponent), np.ldexp(1.0, exponent)


def quantile(x: np.ndarray, w: np.ndarray, level: float) -> np.ndarray:
    """The ``level``-quantile over rows: (n,) or (n, k) -> () or (k,).

    The mean of the lower and the upper inverse of the distribution function, so a minimum of the weighted pinball loss:
    where every point between two observations is a minimum it is their midpoint, and the median of (1, 2) is 1.5. An
    integer weight gives exactly what repeating the row gives, and all weights may be multiplied by a number. NaN are
    left out; a column of NaN only gives NaN. NumPy's ``quantile`` by default interpolates between order statistics,
    which is no minimum of the pinball loss; its ``method="averaged_inverted_cdf"`` is this one.

    >>> float(quantile(np.array([1.0, 2.0, 4.0]), np.array([1.0, 1.0, 2.0]), 0.5))
    3.0
    """
    x = np.asarray(x, np.float64)
    found = quantiles(x.reshape(len(x), -1), w, (level,))[0]
    return found[0] if x.ndim == 1 else found


def quantiles(x: np.ndarray, w: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """Several quantiles of each column, by one sort: x (n, d) -> (levels, d)."""
    x, w = np.asarray(x), np.asarray(w, np.float64)
    x = x if x.dtype == np.float32 else x.astype(np.float64, copy=False)  # float32 sorts twice as fast
    found = np.full((len(levels), x.shape[1]), np.nan)
    if len(x) and (w == w[0]).all() and w[0] > 0 and not np.isnan(x).any():  # all columns in one go
        values, n = np.array(x.T, order="C"), len(x)  # contiguous columns sort several times faster
        values.sort(axis=1)
        for i, q in enumerate(levels):
            low = np.clip(int(np.ceil(n * (q - NEAR))) - 1, 0, n - 1)
            high = np.clip(int(np.floor(n * (q + NEAR))), 0, n - 1)
            found[i] = 0.5 * values[:, low].astype(np.float64) + 0.5 * values[:, high].astype(np.float64)
        return found
    for j, column in enumerate(x.T):
        there = ~np.isnan(column) & (w > 0)
        values, mass = column[there], w[there]
        if not len(values):
            continue
        order = np.argsort(values)  # the order of equal values changes nothing
        values, mass = values[order], np.cumsum(mass[order])
        for i, q in enumerate(levels):
            low = values[min(np.searchsorted(mass, (q - NEAR) * mass[-1], side="left"), len(values) - 1)]
            high = values[min(np.searchsorted(mass, (q + NEAR) * mass[-1], side="right"), len(values) - 1)]
            found[i, j] = 0.5 * float(low) + 0.5 * float(high)
    return found
