"""Losses of counts, elementwise, on the log scale: complete negative log-likelihoods, log y! included."""

import math

from wellfit.core.types import Array
from wellfit.functions.links import exp_link
from wellfit.functions.numerics import gammaln, namespace, softplus, x_log_x

SERIES_FROM = 16.0
"""From this argument on four terms of Stirling's series give log Γ to 1e-14."""

FARTHEST_LOG_DISPERSION = 80.0
"""Beyond ± 80 the log dispersion has no influence: e^88 is where float32 ends."""


def poisson_nll(log_mean: Array, y: Array) -> Array:
    """e^z - y z + log y!: -log Poisson(y | e^z) in nats.

    >>> import numpy as np
    >>> poisson_nll(np.array([0.0]), np.array([2.0])).round(6)
    array([1.693147])
    """
    return exp_link(log_mean) - y * log_mean + gammaln(y + 1)


def poisson_floor(y: Array) -> Array:
    """y - y log y + log y!: the least loss any count likelihood that mixes Poissons reaches for y."""
    return y - x_log_x(y) + gammaln(y + 1)


def negative_binomial_nll(log_mean: Array, log_dispersion: Array, y: Array) -> Array:
    """-log NB2(y | μ = e^a, α = e^b) in nats: variance μ + α μ², Poisson as α -> 0 (Cameron, Trivedi 2013).

    (1/α + y) log(1 + α μ) - y log μ - log[Γ(1/α + y) α^y / Γ(1/α)] + log y!, finite and smooth from α = e^-80
    to e^80.

    >>> import numpy as np
    >>> negative_binomial_nll(np.array([0.0]), np.array([0.0]), np.array([1.0])).round(6)
    array([1.386294])
    """
    xp = namespace(log_mean, log_dispersion, y)
    b = xp.clip(log_dispersion, -FARTHEST_LOG_DISPERSION, FARTHEST_LOG_DISPERSION)
    growth = softplus(log_mean + b)  # log(1 + α μ)
    return (xp.exp(-b) + y) * growth - y * log_mean - _log_rising(b, y) + gammaln(y + 1)


def _log_rising(b: Array, y: Array) -> Array:
    """log[Γ(r + y) / (Γ(r) r^y)] for r = e^-b.

    Taken directly it cancels for large r: log Γ(10⁴) is 82,000, whose last digit in float32 is 0.008; so
    Stirling's series is subtracted by hand there. It is written in α = 1/r because the square of r would
    overflow float32.
    """
    xp = namespace(b, y)
    edge = -math.log(SERIES_FROM)
    small_b, large_b = xp.minimum(b, edge), xp.maximum(b, edge)
    alpha = xp.exp(small_b)
    above = 1 + y * alpha
    series = (xp.exp(-small_b) + y - 0.5) * xp.log1p(y * alpha) - y
    series = series + _stirling_rest(alpha / above) - _stirling_rest(alpha)
    r = xp.exp(-large_b)
    direct = gammaln(r + y) - gammaln(r) + y * large_b
    return xp.where(b < edge, series, direct)


def _stirling_rest(u: Array) -> Array:
    """log Γ(x) - (x - ½) log x + x - ½ log 2π by Stirling's series, for u = 1/x ≤ 1/16."""
    square = u * u
    return u * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))
