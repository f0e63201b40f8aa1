"""Scores, weighted: larger is better and 1 is best; on the host in float64, ``..._of`` in a compiled program too."""

from collections.abc import Callable

import numpy as np

from wellfit.core import weighted
from wellfit.core.types import Array
from wellfit.functions.numerics import namespace

Mean = Callable[[Array, Array], Array]


def _mean(x: Array, w: Array) -> Array:
    return w @ x / w.sum()


def accuracy(predicted: Array, y: Array, w: Array) -> float:
    """The weighted share of rows predicted right; of flags (n, k) every one of a row's must be.

    >>> accuracy(np.array([0, 1]), np.array([0, 0]), np.array([3.0, 1.0]))
    0.75
    """
    return float(accuracy_of(np.asarray(predicted), np.asarray(y), np.asarray(w, np.float64)))


def accuracy_of(predicted: Array, y: Array, w: Array, mean: Mean = _mean) -> Array:
    """``accuracy`` as an array of w's dtype, for numpy and JAX; ``mean(x, w)`` is the weighted mean over rows."""
    right = predicted == y
    return mean((right if right.ndim == 1 else right.all(axis=-1)).astype(w.dtype), w)


def r2(predicted: Array, y: Array, w: Array) -> float:
    """1 - Σ w (y - ŷ)² / Σ w (y - ȳ)², averaged over targets: (n, k) and (n, k) -> one number.

    A target without variation scores 1 if it is predicted exactly and 0 else, as scikit-learn's ``r2_score``
    has it.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]]), np.ones(2))
    0.5
    """
    y, predicted, w = (np.asarray(a, np.float64) for a in (y, predicted, w))
    return float(r2_of(predicted, y, w))


def r2_of(predicted: Array, y: Array, w: Array, mean: Mean = _mean) -> Array:
    """``r2`` as an array of y's dtype, for numpy and JAX; ``mean(x, w)`` is the weighted mean over rows."""
    left = mean((y - predicted) ** 2, w)
    there = mean((y - mean(y, w)) ** 2, w)
    return _explained(left, there).mean()


def explained_deviance(loss: Array, constant: Array, floor: Array, w: Array) -> float:
    """D2: 1 - Σ w (loss - floor) / Σ w (constant - floor), for losses (n,) of model, constant and ideal.

    For counts it is scikit-learn's ``d2_tweedie_score`` with ``power=1``, for quantiles its
    ``d2_pinball_score``.

    >>> explained_deviance(np.array([0.5, 0.5]), np.array([1.0, 1.0]), np.zeros(2), np.ones(2))
    0.5
    """
    floor = np.asarray(floor, np.float64)
    return float(_explained(weighted.mean(loss - floor, w), weighted.mean(constant - floor, w)))


def calibration_error(p: Array, y: Array, w: Array, bins: int = 15) -> float:
    """Expected calibration error: Σ_b (W_b / W) |mean of y - mean of p| over bins of equal weight.

    p (n,) are predicted probabilities, y (n,) whether it happened, w (n,) frequencies. Rows of equal p are one, and
    one that lies across the border of two bins is divided between them: so a weight of 2 is the row twice and
    the order of rows does not matter. Source: Nixon et al. 2019 (bins of equal weight); Guo et al. 2017 have bins of
    equal width.

    >>> round(calibration_error(np.array([0.2, 0.2, 0.9]), np.array([0, 1, 1]), np.ones(3), bins=1), 6)
    0.233333
    """
    values, place = np.unique(np.asarray(p, np.float64), return_inverse=True)
    mass = np.bincount(place, weights=w)
    missing = np.bincount(place, weights=np.asarray(w, np.float64) * np.asarray(y, np.float64)) - values * mass
    total, sums = (np.concatenate([[0.0], np.cumsum(part)]) for part in (mass, missing))
    edges = np.linspace(0.0, total[-1], bins + 1)
    return float(np.abs(np.diff(np.interp(edges, total, sums))).sum() / total[-1])


def _explained(left: Array, there: Array) -> Array:
    """1 - left / there; where nothing was there to explain, 1 if nothing is left and 0 else."""
    xp = namespace(left, there)
    nothing = there <= 0
    return xp.where(nothing, xp.where(left <= 0, 1.0, 0.0), 1.0 - left / xp.where(nothing, 1.0, there))
