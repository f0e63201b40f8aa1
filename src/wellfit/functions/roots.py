"""Equations in one unknown, solved on the host: what the best of a family's constants leads to."""

from collections.abc import Callable

import scipy.optimize


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a falling function is 0 in [low, high], by Brent's method, to the last digits of float64.

    >>> root(lambda x: 2.0 - x, 0.0, 10.0)
    2.0
    """
    if low == high:
        return low
    found = scipy.optimize.root_scalar(function, bracket=(low, high), method="brentq", xtol=1e-14)
    return float(found.root)
