"""Best constants that have no closed form: locations and scales of real targets, on the host in float64."""

from collections.abc import Callable

import numpy as np
import scipy.optimize

from wellfit.core import weighted
from wellfit.functions.links import MINIMUM_SCALE
from wellfit.functions.roots import root

STARTS = (0.5, 0.25, 0.75)
"""Quantiles from which a likelihood with several maxima is climbed."""

Function = Callable[[np.ndarray], np.ndarray]


def m_estimate(pull: Function, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The location of each column where the weighted pulls of the residuals balance: (n, k) -> (k,).

    ``pull`` is the derivative of a convex loss of the residual, so the sum falls as the location rises.
    """
    w = np.asarray(w, np.float64)
    columns = np.asarray(y, np.float64).T
    return np.array([root(lambda m, y=y: float(w @ pull(y - m)), float(y.min()), float(y.max())) for y in columns])


def best_scale(pull: Function, residual: np.ndarray, w: np.ndarray, steepest: float) -> np.ndarray:
    """The most likely scale of each column of residuals, (n, k) -> (k,), at least ``MINIMUM_SCALE``.

    It solves Σ w t pull(t) = Σ w for t = residual / s, whose left side falls as s rises; ``steepest`` is the largest
    pull(t) / t.
    """
    w = np.asarray(w, np.float64)

    def found(r: np.ndarray) -> float:
        def slope(log_scale: float) -> float:
            t = r / np.exp(log_scale)
            return float(w @ (t * pull(t)) / w.sum() - 1)

        low, high = np.log(MINIMUM_SCALE), 0.5 * np.log(max(steepest * weighted.mean(r * r, w), MINIMUM_SCALE**2))
        return float(np.exp(low if slope(low) <= 0 else root(slope, low, max(low, high) + 1e-9)))

    return np.array([found(r) for r in np.asarray(residual, np.float64).T])


def likeliest_location(
    energy: Function, pull: Function, y: np.ndarray, w: np.ndarray, scale: np.ndarray | None
) -> np.ndarray:
    """The most likely location of each column, (n, k) -> (k,), at a scale, () or (k,), or at its best for ``None``.

    energy, pull : the negative log density of a standardised residual, up to a constant, and its derivative; the
    likelihood may have several maxima.
    """
    y = np.asarray(y, np.float64)
    scales = [None] * y.shape[1] if scale is None else np.broadcast_to(scale, y.shape[1:])
    return np.array([_column(energy, pull, y[:, j], w, scales[j]) for j in range(y.shape[1])])


def _column(energy: Function, pull: Function, y: np.ndarray, w: np.ndarray, scale: float | None) -> float:
    if y.min() == y.max():
        return float(y[0])
    share = np.asarray(w, np.float64) / np.sum(w)
    lowest = np.log(MINIMUM_SCALE)

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        s = np.exp(x[1]) if scale is None else scale
        t = (y - x[0]) / s
        pulls = pull(t)
        gradient = [-(share @ pulls) / s, 1 - share @ (t * pulls)]
        return float(share @ energy(t) + np.log(s)), np.array(gradient[: len(x)])

    free = [] if scale is not None else [0.5 * np.log(share @ (y - np.median(y)) ** 2)]
    bounds = [(float(y.min()), float(y.max())), (lowest, None)][: 1 + len(free)]
    starts = [[float(weighted.quantile(y[:, None], w, level)[0]), *free] for level in STARTS]
    fits = [scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds) for start in starts]
    best = min(fits, key=lambda fit: fit.fun)
    if scale is None and best.x[1] <= lowest + 1e-6:  # the scale wants to vanish: it stays where it may
        return _column(energy, pull, y, w, MINIMUM_SCALE)
    exact = scipy.optimize.root(lambda x: loss(x)[1], best.x, tol=1e-14)
    return float(exact.x[0] if loss(exact.x)[0] <= best.fun else best.x[0])
