"""Losses of counts, elementwise, on the log scale: complete negative log-likelihoods, log y! included."""

from wellfit.core.types import Array
from wellfit.functions.links import exp_link, log_sigmoid
from wellfit.functions.losses.series import log_rising
from wellfit.functions.numerics import gammaln, namespace, softplus, x_log_x

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
    return (xp.exp(-b) + y) * growth - y * log_mean - log_rising(b, y) + gammaln(y + 1)


def zero_inflated_poisson_nll(log_mean: Array, raw_zero: Array, y: Array) -> Array:
    """-log of π 1[y = 0] + (1 - π) Poisson(y | e^a), π = σ(b), in nats (Lambert 1992).

    ``log_mean`` is a, of the Poisson part alone; ``raw_zero`` is b, the log odds of a zero that no count explains.

    >>> import numpy as np
    >>> zero_inflated_poisson_nll(np.array([0.0]), np.array([0.0]), np.array([0.0])).round(6)
    array([0.379885])
    """
    xp = namespace(log_mean, raw_zero, y)
    zero = -xp.logaddexp(log_sigmoid(raw_zero), log_sigmoid(-raw_zero) - exp_link(log_mean))
    return xp.where(y == 0, zero, softplus(raw_zero) + poisson_nll(log_mean, y))
