"""Inverse links: from raw outputs z to the numbers a likelihood speaks of, without overflow or cancellation.

| link | from z | to |
|---|---|---|
| ``sigmoid``, ``log_sigmoid`` | log odds | a probability |
| ``softmax``, ``log_softmax`` | unnormalised log probabilities | probabilities that sum to one |
| ``exp_link`` | log mean | a positive mean |
| ``positive_scale`` | any real number | a noise scale of at least ``MINIMUM_SCALE`` |

Their inverses (``logit``, ``log_of``, ``raw_scale``) serve intercepts: where the exact value is infinite (a
class that never occurs, a mean of zero) they stop at ``-FARTHEST_INTERCEPT`` or ``+FARTHEST_INTERCEPT``.
"""

import numpy as np

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace, over_last, softplus, stop_gradient

FARTHEST_INTERCEPT = 30.0
"""Where an infinite intercept stops: e^-30 = 1e-13 is a probability no weight of a row could tell from 0."""

MINIMUM_SCALE = 1e-3
"""The smallest noise scale, in standard deviations of the target: without it a likelihood has no maximum."""


def sigmoid(z: Array) -> Array:
    """1 / (1 + e^-z), elementwise, to full relative precision in both tails.

    >>> float(sigmoid(np.float64(0.0)))
    0.5
    """
    xp = namespace(z)
    small = xp.exp(-xp.abs(z))
    return xp.where(z >= 0, 1, small) / (1 + small)


def log_sigmoid(z: Array) -> Array:
    """log σ(z) = -softplus(-z), elementwise."""
    return -softplus(-z)


def log_softmax(z: Array) -> Array:
    """z_k - log Σ_j e^{z_j} over the last axis, the maximum subtracted first (theory E-55, T-09).

    >>> np.exp(log_softmax(np.array([1000.0, 1001.0, 1002.0]))).round(4)
    array([0.09  , 0.2447, 0.6652])
    """
    xp = namespace(z)
    shifted = z - stop_gradient(over_last("max", z))
    return shifted - xp.log(over_last("sum", xp.exp(shifted)))


def softmax(z: Array) -> Array:
    """e^{z_k} / Σ_j e^{z_j} over the last axis."""
    xp = namespace(z)
    grown = xp.exp(z - stop_gradient(over_last("max", z)))
    return grown / over_last("sum", grown)


def exp_link(z: Array) -> Array:
    """e^z: the mean of a count from its logarithm."""
    return namespace(z).exp(z)


def positive_scale(raw: Array) -> Array:
    """softplus(raw) + ``MINIMUM_SCALE``: smooth, and linear for large raw, so that no step explodes it."""
    return softplus(raw) + MINIMUM_SCALE


def logit(p: np.ndarray) -> np.ndarray:
    """log p - log(1 - p), the inverse of ``sigmoid``, within ± ``FARTHEST_INTERCEPT``."""
    with np.errstate(divide="ignore"):
        return np.clip(np.log(p) - np.log1p(-p), -FARTHEST_INTERCEPT, FARTHEST_INTERCEPT)


def log_of(x: np.ndarray) -> np.ndarray:
    """log x for x ≥ 0, the inverse of ``exp_link``, not below ``-FARTHEST_INTERCEPT``."""
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(x), -FARTHEST_INTERCEPT)


def raw_scale(scale: np.ndarray) -> np.ndarray:
    """log(e^s - 1) with s = scale - ``MINIMUM_SCALE``, the inverse of ``positive_scale``, same limit.

    >>> float(positive_scale(raw_scale(np.array(2.5))).round(12))
    2.5
    """
    s = np.maximum(scale - MINIMUM_SCALE, np.exp(-FARTHEST_INTERCEPT))
    return s + np.log(-np.expm1(-s))
