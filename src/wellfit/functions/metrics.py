"""Scores on the host, weighted, in float64: larger is better and 1 is best."""

import numpy as np

from wellfit.core.types import Array
from wellfit.functions import weighted


def accuracy(predicted: Array, y: Array, w: Array) -> float:
    """The weighted share of rows predicted right; of flags (n, k) every one of a row's must be.

    >>> accuracy(np.array([0, 1]), np.array([0, 0]), np.array([3.0, 1.0]))
    0.75
    """
    right = np.asarray(predicted) == np.asarray(y)
    return float(weighted.mean(right if right.ndim == 1 else right.all(axis=-1), w))


def r2(predicted: Array, y: Array, w: Array) -> float:
    """1 - Σ w (y - ŷ)² / Σ w (y - ȳ)², averaged over targets: (n, k) and (n, k) -> one number.

    A target without variation scores 1 if it is predicted exactly and 0 else, as scikit-learn's ``r2_score``
    has it.

    >>> r2(np.array([[1.0], [2.0]]), np.array([[1.0], [3.0]]), np.ones(2))
    0.5
    """
    y, predicted = np.asarray(y, np.float64), np.asarray(predicted, np.float64)
    left = weighted.mean((y - predicted) ** 2, w)
    there = weighted.mean((y - weighted.mean(y, w)) ** 2, w)
    return float(np.mean(_explained(left, there)))


def explained_deviance(loss: Array, constant: Array, floor: Array, w: Array) -> float:
    """D2: 1 - Σ w (loss - floor) / Σ w (constant - floor), for losses (n,) of model, constant and ideal.

    For counts it is scikit-learn's ``d2_tweedie_score`` with ``power=1``, for quantiles its
    ``d2_pinball_score``.

    >>> explained_deviance(np.array([0.5, 0.5]), np.array([1.0, 1.0]), np.zeros(2), np.ones(2))
    0.5
    """
    floor = np.asarray(floor, np.float64)
    return float(_explained(weighted.mean(loss - floor, w), weighted.mean(constant - floor, w)))


def _explained(left: np.ndarray, there: np.ndarray) -> np.ndarray:
    """1 - left / there; where nothing was there to explain, 1 if nothing is left and 0 else."""
    nothing = there <= 0
    return np.where(nothing, np.where(left <= 0, 1.0, 0.0), 1.0 - left / np.where(nothing, 1.0, there))
