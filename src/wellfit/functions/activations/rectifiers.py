"""Activations that pass positive values on: relu and its relatives, each followed by its derivative."""

from typing import Any

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772


def relu(x: Array) -> Array:
    """max(0, x), with slope 0 at 0 as in scikit-learn and torch (``jnp.maximum`` has 1/2) (theory C-074)."""
    return namespace(x).where(x <= 0, 0, x)  # this way round a NaN stays one


def relu_derivative(x: Array) -> Array:
    """1 for x > 0, else 0 (G-05)."""
    xp = namespace(x)
    return xp.where(x > 0, xp.ones_like(x), 0)


def leaky_relu(x: Array, slope: Any = 0.01) -> Array:
    """x for x >= 0, slope * x below (theory C-075); with a slope that is learnt, parametric relu (C-076)."""
    return namespace(x, slope).where(x >= 0, x, slope * x)


def leaky_relu_derivative(x: Array, slope: Any = 0.01) -> Array:
    """1 for x >= 0, ``slope`` below (G-06); the derivative by the slope is x below 0 and 0 above (G-07)."""
    xp = namespace(x, slope)
    return xp.where(x >= 0, xp.ones_like(x), slope)


def elu(x: Array, a: float = 1.0) -> Array:
    """x for x >= 0, a (e^x - 1) below (Clevert et al. 2016; theory C-077, E-21).

    >>> import numpy as np
    >>> float(elu(np.float64(-5.0), a=0.1))
    -0.09932620530009145
    """
    xp = namespace(x)
    # The exponential sees only negative values: no overflow, and no NaN in the gradient of the branch not taken.
    return xp.where(x >= 0, x, a * xp.expm1(xp.minimum(x, 0)))


def elu_derivative(x: Array, a: float = 1.0) -> Array:
    """1 for x >= 0, a e^x below (G-08)."""
    xp = namespace(x)
    return xp.where(x >= 0, xp.ones_like(x), a * xp.exp(xp.minimum(x, 0)))


def selu(x: Array) -> Array:
    """1.0507 elu(x, a=1.6733): keeps mean 0 and variance 1 through layers (Klambauer et al. 2017)."""
    return SELU_SCALE * elu(x, SELU_ALPHA)


def selu_derivative(x: Array) -> Array:
    """1.0507 for x >= 0, 1.7581 e^x below."""
    return SELU_SCALE * elu_derivative(x, SELU_ALPHA)


def celu(x: Array, a: float = 1.0) -> Array:
    """x for x >= 0, a (e^(x/a) - 1) below (Barron 2017): elu whose slope is continuous at 0 for every a > 0.

    >>> import numpy as np
    >>> float(celu(np.float64(-2.0), a=2.0).round(6))
    -1.264241
    """
    return a * elu(x / a)


def celu_derivative(x: Array, a: float = 1.0) -> Array:
    """1 for x >= 0, e^(x/a) below."""
    return elu_derivative(x / a)
