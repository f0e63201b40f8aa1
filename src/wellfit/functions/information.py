"""Information: surprise, entropy, cross-entropy and divergence of distributions p and q (..., k), in nats or bits.

The last axis holds a distribution; 0 log 0 = 0 (theory E-96). Losses are these from raw outputs
(``functions/losses/classification.py``), where a probability that rounds to 0 or 1 still has its logarithm.
"""

import math

from wellfit.core.names import look_up
from wellfit.core.types import Array
from wellfit.functions.losses.series import NEAR, relative_entropy_term
from wellfit.functions.numerics import namespace, x_log_x

UNITS: dict[str, float] = {"nats": 1.0, "bits": 1 / math.log(2)}
"""How much of each unit a nat is: 1 nat = 1.4427 bits (theory C-133)."""


def self_information(p: Array, unit: str = "nats") -> Array:
    """log(1/p), elementwise: the surprise of an event of probability p, infinite for p = 0 (theory C-111).

    >>> import numpy as np
    >>> self_information(np.array([0.5, 0.25]), unit="bits")
    array([1., 2.])
    """
    return -_log(p) * _in(unit)


def entropy(p: Array, unit: str = "nats") -> Array:
    """-Σ_k p_k log p_k over the last axis: the least cross-entropy any prediction reaches for a target p (C-110).

    >>> import numpy as np
    >>> entropy(np.array([0.25, 0.25, 0.5]), unit="bits").round(12)
    np.float64(1.5)
    """
    return -namespace(p).sum(x_log_x(p), axis=-1) * _in(unit)


def binary_entropy(p: Array, unit: str = "nats") -> Array:
    """-p log p - (1 - p) log(1 - p), elementwise."""
    return (-x_log_x(p) - x_log_x(1 - p)) * _in(unit)


def cross_entropy(p: Array, q: Array, unit: str = "nats") -> Array:
    """-Σ_k p_k log q_k: the mean surprise of p's events for who believes q; entropy plus divergence (C-109, C-147).

    Infinite where q is 0 and p is not. The number depends on the unit (E-04, E-29):

    >>> import numpy as np
    >>> p, q = np.array([0.7, 0.3]), np.array([0.9, 0.1])
    >>> [round(float(cross_entropy(p, q, unit)), 3) for unit in ("nats", "bits")]
    [0.765, 1.103]
    """
    xp = namespace(p, q)
    return -xp.sum(p * xp.where(p > 0, _log(q), 0), axis=-1) * _in(unit)


def kl_divergence(p: Array, q: Array, unit: str = "nats") -> Array:
    """KL(p || q) = Σ_k p_k log(p_k / q_k), at least 0, and 0 for p = q only (C-112; Kullback and Leibler 1951).

    It is not symmetric. Terms are p log(p/q) - p + q, so that it stays exact for distributions that hardly differ;
    p and q must each sum to one.

    >>> import numpy as np
    >>> float(kl_divergence(np.array([0.7, 0.3]), np.array([0.9, 0.1])).round(4))
    0.1537
    """
    xp = namespace(p, q)
    there = (p > 0) & (q > 0)
    safe_p, safe_q = xp.where(there, p, 1), xp.where(there, q, 1)
    difference = (safe_q - safe_p) / safe_p
    near = xp.abs(difference) < NEAR
    log_ratio = xp.where(near, xp.log1p(xp.where(near, difference, 0)), xp.log(safe_q) - xp.log(safe_p))
    terms = relative_entropy_term(safe_p, safe_q, log_ratio)
    alone = xp.where(p > 0, math.inf, q)  # one of the two is 0
    return xp.sum(xp.where(there, terms, alone), axis=-1) * _in(unit)


def _log(p: Array) -> Array:
    """log p, -inf for 0, without a warning or a NaN in the gradient."""
    xp = namespace(p)
    return xp.where(p > 0, xp.log(xp.where(p > 0, p, 1)), -math.inf)


def _in(unit: str) -> float:
    return look_up(unit, UNITS, "unit")
