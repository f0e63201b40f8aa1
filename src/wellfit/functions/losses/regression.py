"""Losses of real targets, elementwise: location z, observation y, and a scale where there is one."""

import math
from typing import Any

from wellfit.core.types import Array
from wellfit.functions.losses.series import HALF_LOG_TWO_PI, log_rising
from wellfit.functions.numerics import gammaln, like, namespace

LOG_TWO = math.log(2.0)
LOG_PI = math.log(math.pi)


def squared_error(z: Array, y: Array) -> Array:
    """(y - z)², with gradient 2(z - y) (C-100, G-18).

    The normal likelihood has half of it, whose gradient is z - y (``normal_nll`` with scale 1; C-101, G-17). Half a
    squared distance, not a distance (E-08), and never a signed residual y - z, which has no least value (E-12).
    """
    return (y - z) ** 2


def half_sum_of_squares(z: Array, y: Array) -> Array:
    """½ Σ (y - z)² over rows and targets, one number: the SUM convention, gradient z - y (C-101, G-17).

    >>> import numpy as np
    >>> float(half_sum_of_squares(np.array([[4.0], [1.0]]), np.array([[0.0], [3.0]])))
    10.0
    """
    return 0.5 * namespace(z, y).sum(squared_error(z, y))


def mean_squared_error(z: Array, y: Array) -> Array:
    """The mean of (y - z)² over rows and targets, one number: the MEAN convention (C-102), that of other libraries.

    Its gradient is 2(z - y) / (n k) (G-18): 2 / (n k) times that of ``half_sum_of_squares``, so the same penalty weighs
    n k / 2 times as much beside it (E-38).

    >>> import numpy as np
    >>> float(mean_squared_error(np.array([[4.0], [1.0]]), np.array([[0.0], [3.0]])))
    10.0
    """
    return namespace(z, y).mean(squared_error(z, y))


def absolute_error(z: Array, y: Array) -> Array:
    """|y - z|, with gradient sign(z - y), 0 where they are equal (C-103, G-20)."""
    error, xp = y - z, namespace(z, y)
    return xp.where(error == 0, 0, xp.abs(error))  # JAX gives |x| the slope 1 at 0


def power_error(z: Array, y: Array, power: Any) -> Array:
    """|y - z|^p for p ≥ 1, below which it is not convex (C-104); p = 1 is the absolute, p = 2 the squared error.

    >>> import numpy as np
    >>> power_error(np.array([0.0]), np.array([-2.0]), 3.0)
    array([8.])
    """
    return absolute_error(z, y) ** like(power, z)


def normal_nll(z: Array, y: Array, scale: Array) -> Array:
    """((y - z) / s)² / 2 + log s + ½ log 2π: -log N(y | z, s²) in nats (C-123 with β = 1/s²).

    >>> import numpy as np
    >>> normal_nll(np.array([0.0]), np.array([0.0]), np.array([1.0])).round(6)
    array([0.918939])
    """
    return 0.5 * ((y - z) / scale) ** 2 + namespace(z, scale).log(scale) + HALF_LOG_TWO_PI


def laplace_nll(z: Array, y: Array, scale: Array) -> Array:
    """|y - z| / s + log 2s: the absolute error (C-103) as a negative log-likelihood in nats."""
    return absolute_error(z, y) / scale + namespace(z, y, scale).log(scale) + LOG_TWO


def huber(z: Array, y: Array, delta: Any) -> Array:
    """½ e² where |e| ≤ δ, else δ |e| - ½ δ², for e = y - z (C-105; Huber 1964).

    >>> import numpy as np
    >>> huber(np.array([0.0, 0.0]), np.array([0.5, 3.0]), 1.0)
    array([0.125, 2.5  ])
    """
    distance = absolute_error(z, y)
    near = namespace(z, y).minimum(distance, like(delta, z))
    return near * (distance - 0.5 * near)


def pseudo_huber(z: Array, y: Array, delta: Any) -> Array:
    """δ² (√(1 + (e/δ)²) - 1), as e² / (1 + √(1 + (e/δ)²)), which does not cancel: Huber's loss without its kink.

    About ½ e² near 0 and δ |e| - δ² far away (Charbonnier et al. 1997; Hartley and Zisserman 2003).

    >>> import numpy as np
    >>> pseudo_huber(np.array([0.0]), np.array([np.sqrt(3.0)]), 1.0).round(12)
    array([1.])
    """
    error, xp = y - z, namespace(z, y)
    return error * error / (1 + xp.sqrt(1 + (error / like(delta, z)) ** 2))


def log_cosh(z: Array, y: Array) -> Array:
    """log cosh e for e = y - z: about ½ e² near 0 and |e| - log 2 far away, with gradient -tanh e.

    >>> import numpy as np
    >>> log_cosh(np.array([0.0, 0.0]), np.array([1e-9, 700.0])).round(6)
    array([  0.      , 699.306853])
    """
    return _log_cosh(y - z)


def _log_cosh(error: Array) -> Array:
    xp = namespace(error)
    near = xp.clip(error, -1, 1)
    far = xp.where(xp.abs(error) < 1, 1, xp.abs(error))
    return xp.where(
        xp.abs(error) < 1,
        xp.log1p(2 * xp.sinh(0.5 * near) ** 2),  # cosh e = 1 + 2 sinh²(e/2): nothing cancels
        far + xp.log1p(xp.exp(-2 * far)) - LOG_TWO,
    )


def hyperbolic_secant_nll(z: Array, y: Array, scale: Array) -> Array:
    """log cosh((y - z) / s) + log π s: log-cosh as a negative log-likelihood in nats (scipy's ``hypsecant``)."""
    return _log_cosh((y - z) / scale) + namespace(z, scale).log(scale) + LOG_PI


def student_t_nll(z: Array, y: Array, scale: Array, df: Any) -> Array:
    """½(ν + 1) log(1 + e²/ν) + log s + ½ log 2π - log[Γ((ν+1)/2) / (Γ(ν/2) √(ν/2))] for e = (y - z)/s, in nats.

    -log of Student's t density with ν = ``df`` degrees of freedom; the normal likelihood as ν -> ∞, and exact on the
    way. An outlier's pull falls as 1/e (Lange, Little and Taylor 1989).

    >>> import numpy as np
    >>> student_t_nll(np.array([0.0]), np.array([0.0]), np.array([1.0]), 1.0).round(6)
    array([1.14473])
    """
    xp, nu = namespace(z, y, scale), like(df, z)
    squares = ((y - z) / scale) ** 2
    constant = HALF_LOG_TWO_PI - log_rising(-xp.log(0.5 * nu), like(0.5, z))
    return 0.5 * (nu + 1) * xp.log1p(squares / nu) + xp.log(scale) + constant


def generalized_normal_nll(z: Array, y: Array, scale: Array, power: Any) -> Array:
    """(|y - z| / s)^p + log 2s + log Γ(1 + 1/p): the L_p loss (C-104) as a negative log-likelihood in nats.

    scipy's ``gennorm``: Laplace's for p = 1, the normal likelihood of standard deviation s/√2 for p = 2 (Nadarajah
    2005).
    """
    p = like(power, z)
    return (absolute_error(z, y) / scale) ** p + namespace(z, scale).log(scale) + LOG_TWO + gammaln(1 + 1 / p)


def pinball(z: Array, y: Array, level: Array) -> Array:
    """max(τ e, (τ - 1) e) for e = y - z: least where z is the τ-quantile of y (Koenker and Bassett 1978)."""
    error = y - z
    return namespace(z, y, level).maximum(level * error, (level - 1) * error)
