"""The loss of proportions strictly between 0 and 1: the beta likelihood by its mean and a noise scale."""

import jax.scipy.special as jsp
import numpy as np
import scipy.special as sp

from wellfit.core.types import Array
from wellfit.functions.links import log_sigmoid, sigmoid
from wellfit.functions.losses.series import HALF_LOG_TWO_PI, log_gamma_rest, relative_entropy_term
from wellfit.functions.numerics import namespace

NEWTON_STEPS = 8
"""From Minka's start five are enough for float64."""


def beta_nll(raw_mean: Array, y: Array, scale: Array) -> Array:
    """-log Beta(y | μ/s², (1 - μ)/s²) in nats for μ = σ(z): variance μ(1 - μ) s² / (1 + s²).

    1/s² is the precision of Ferrari and Cribari-Neto (2004). Written as KL(μ || y) / s² plus what Stirling's formula
    leaves of the gamma functions, so that it is exact from s = 0.001 on.

    >>> import numpy as np
    >>> beta_nll(np.array([0.0]), np.array([0.3]), np.array([np.sqrt(0.5)])).round(12) + 0.0
    array([0.])
    """
    xp = namespace(raw_mean, y, scale)
    log_mean, log_rest = log_sigmoid(raw_mean), log_sigmoid(-raw_mean)
    mean, rest = sigmoid(raw_mean), sigmoid(-raw_mean)
    log_y, log_1y = xp.log(y), xp.log1p(-y)
    divergence = relative_entropy_term(mean, y, log_y - log_mean) + relative_entropy_term(
        rest, 1 - y, log_1y - log_rest
    )
    precision, log_precision = 1 / (scale * scale), -2 * xp.log(scale)
    gammas = (
        log_gamma_rest(precision * mean, log_precision + log_mean)
        + log_gamma_rest(precision * rest, log_precision + log_rest)
        - log_gamma_rest(precision, log_precision)
    )
    constant = HALF_LOG_TWO_PI - 0.5 * (log_precision + log_mean + log_rest) + log_y + log_1y
    return precision * divergence + gammas + constant


def best_raw_mean(log_y: Array, log_1y: Array, precision: Array) -> Array:
    """The raw mean z of the greatest beta likelihood at a given precision, elementwise.

    ``log_y`` and ``log_1y`` are log y and log(1 - y), or their means over rows: z solves
    ψ(σ(z) φ) - ψ(σ(-z) φ) = log y - log(1 - y), by Newton's method from Minka's (2000) inverse of ψ.
    """
    xp = namespace(log_y, log_1y, precision)
    log_precision = xp.log(precision)
    z = _log_inverse_digamma(log_y + log_precision) - _log_inverse_digamma(log_1y + log_precision)
    for _ in range(NEWTON_STEPS):
        up, down = sigmoid(z), sigmoid(-z)
        gap = _digamma(precision * up) - _digamma(precision * down) - (log_y - log_1y)
        slope = precision * up * down * (_trigamma(precision * up) + _trigamma(precision * down))
        z = z - gap / slope
    return z


def _log_inverse_digamma(value: Array) -> Array:
    """Roughly log ψ⁻¹(value): e^v + ½ where that is above about 0.6, -1/(v + γ) below (Minka 2000)."""
    xp = namespace(value)
    low = value < -2.22
    large = xp.logaddexp(xp.where(low, 0, value), xp.log(xp.full_like(value, 0.5)))
    return xp.where(low, -xp.log(-xp.where(low, value, -3) - np.euler_gamma), large)


def _digamma(x: Array) -> Array:
    return sp.psi(x) if namespace(x) is np else jsp.digamma(x)


def _trigamma(x: Array) -> Array:
    return sp.zeta(2.0, x) if namespace(x) is np else jsp.zeta(2.0, x)
