"""Losses of positive targets, elementwise: of the mean on the log scale, or of the location of the logarithm."""

from typing import Any

from wellfit.core.types import Array
from wellfit.functions.losses.regression import normal_nll
from wellfit.functions.losses.series import HALF_LOG_TWO_PI, exp_minus_line, log_gamma_rest
from wellfit.functions.numerics import like, namespace

SPARE = 20.0
"""Room left above exponentials for the factors in front of them: e^20 = 5e8."""


def gamma_nll(log_mean: Array, y: Array, scale: Array) -> Array:
    """-log Gamma(y | mean e^z, standard deviation s e^z) in nats, for y > 0: shape 1/s², exponential for s = 1.

    (e^r - 1 - r) / s² + log y + log s + ½ log 2π + [log Γ(1/s²) less Stirling's first terms], r = log y - z: the first
    part is half the unit deviance over s² (McCullagh and Nelder 1989), and no part cancels for any s.

    >>> import numpy as np
    >>> gamma_nll(np.array([0.0]), np.array([2.0]), np.array([1.0])).round(6)
    array([2.])
    """
    xp = namespace(log_mean, y, scale)
    log_scale = xp.log(scale)
    shape = xp.exp(-2 * log_scale)  # and not 1/s², in whose gradient 1/s⁴ would overflow float32
    rest = log_gamma_rest(shape, -2 * log_scale)
    return shape * half_gamma_deviance(log_mean, y) + xp.log(y) + log_scale + HALF_LOG_TWO_PI + rest


def half_gamma_deviance(log_mean: Array, y: Array) -> Array:
    """y/μ - 1 - log(y/μ) for μ = e^z: half of scikit-learn's ``mean_gamma_deviance``, before the mean."""
    return exp_minus_line(namespace(log_mean, y).log(y) - log_mean, SPARE)


def log_normal_nll(location: Array, y: Array, scale: Array) -> Array:
    """-log density of y > 0 whose logarithm is N(location, scale²), in nats.

    >>> import numpy as np
    >>> log_normal_nll(np.array([0.0]), np.array([1.0]), np.array([1.0])).round(6)
    array([0.918939])
    """
    log_y = namespace(location, y).log(y)
    return normal_nll(location, log_y, scale) + log_y


def half_tweedie_deviance(log_mean: Array, y: Array, power: Any) -> Array:
    """Half the unit deviance for the variance μ^p, 1 < p < 2, of y ≥ 0 and μ = e^z (Jørgensen 1987).

    y^(2-p)/((1-p)(2-p)) - y μ^(1-p)/(1-p) + μ^(2-p)/(2-p); half of scikit-learn's ``mean_tweedie_deviance`` before the
    mean. Poisson's as p -> 1, the gamma's as p -> 2, and nothing cancels where μ is near y.

    >>> import numpy as np
    >>> half_tweedie_deviance(np.array([0.0, 0.0]), np.array([0.0, 1.0]), 1.5)
    array([2., 0.])
    """
    xp, p = namespace(log_mean, y), like(power, log_mean)
    there = y > 0
    log_y = xp.log(xp.where(there, y, 1))
    r = xp.where(there, log_mean - log_y, 0)
    shape = exp_minus_line((2 - p) * r, SPARE) / (2 - p) - exp_minus_line((1 - p) * r, SPARE) / (1 - p)
    return xp.where(there, xp.exp((2 - p) * log_y) * shape, xp.exp((2 - p) * log_mean) / (2 - p))
