"""Best constants that have no closed formula: weighted quantiles and minimisers on a line, on the host."""

from collections.abc import Callable

import numpy as np
import scipy.optimize


def weighted_quantile(y: np.ndarray, w: np.ndarray, level: float) -> np.ndarray:
    """A minimiser of the weighted pinball loss of each column of y (n, k) -> (k,).

    The middle of the interval of minimisers; an integer weight is that many copies of the row.
    """
    found = []
    for column in y.T:
        order = np.argsort(column, kind="stable")
        values, mass = column[order], np.cumsum(w[order])
        goal = level * mass[-1]
        near = 1e-12 * mass[-1]
        low = values[np.searchsorted(mass, goal - near, side="left")]
        high = values[min(np.searchsorted(mass, goal + near, side="right"), len(values) - 1)]
        found.append(0.5 * (low + high))
    return np.array(found)


def weighted_median(y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The weighted median of each column."""
    return weighted_quantile(y, w, 0.5)


def minimiser(function: Callable[[float], float], low: float, high: float) -> float:
    """The place of the minimum of a unimodal function on [low, high]."""
    if not high > low:
        return low
    found = scipy.optimize.minimize_scalar(
        function, bounds=(low, high), method="bounded", options={"xatol": 1e-9}
    )
    return float(found.x)
