"""Weighted statistics on the host, in float64: weights w are frequencies, so weight 2 is the row twice."""

from collections.abc import Callable

import numpy as np
import scipy.optimize


def mean(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    """Σ w x / Σ w over rows: (n,) or (n, k) -> () or (k,), in float64.

    >>> float(mean(np.array([0.0, 3.0]), np.array([2.0, 1.0])))
    1.0
    """
    w = np.asarray(w, np.float64)
    return w @ np.asarray(x, np.float64) / w.sum()


def quantile(x: np.ndarray, w: np.ndarray, level: float) -> np.ndarray:
    """The ``level``-quantile of each column, (n, k) -> (k,): a minimum of the weighted pinball loss.

    Where every point between two observations is a minimum it is their midpoint, so that the median of (1, 2)
    is 1.5. NumPy's ``quantile`` interpolates between order statistics, which is no minimum of the pinball
    loss.

    >>> quantile(np.array([[1.0], [2.0], [9.0]]), np.array([1.0, 2.0, 1.0]), 0.5)
    array([2.])
    """
    x, w = np.asarray(x, np.float64), np.asarray(w, np.float64)
    order = np.argsort(x, axis=0, kind="stable")
    ordered = np.take_along_axis(x, order, axis=0)
    mass = np.cumsum(w[order], axis=0)
    wanted, rounding = level * mass[-1], 1e-12 * mass[-1]
    last = len(x) - 1
    lower = np.minimum((mass < wanted - rounding).sum(axis=0), last)
    upper = np.minimum((mass <= wanted + rounding).sum(axis=0), last)
    columns = np.arange(x.shape[1])
    return 0.5 * (ordered[lower, columns] + ordered[upper, columns])


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is 0 in [low, high], by Brent's method, to the last digits of float64.

    >>> root(lambda x: 2.0 - x, 0.0, 10.0)
    2.0
    """
    if low == high:
        return low
    found = scipy.optimize.root_scalar(function, bracket=(low, high), method="brentq", xtol=1e-14)
    return float(found.root)
