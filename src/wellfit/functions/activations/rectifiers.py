"""Activations that pass positive values on: relu and its relatives."""

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772


def relu(x: Array) -> Array:
    """max(0, x), with slope 0 at 0 as in scikit-learn and torch (``jnp.maximum`` has 1/2) (theory C-074)."""
    return namespace(x).where(x <= 0, 0, x)  # this way round a NaN stays one


def leaky_relu(x: Array, slope: float = 0.01) -> Array:
    """x for x >= 0, slope * x below (theory C-075)."""
    return namespace(x).where(x >= 0, x, slope * x)


def elu(x: Array, a: float = 1.0) -> Array:
    """x for x >= 0, a (e^x - 1) below (Clevert et al. 2016; theory C-077, E-21).

    >>> import numpy as np
    >>> float(elu(np.float64(-5.0), a=0.1))
    -0.09932620530009145
    """
    xp = namespace(x)
    # The exponential sees only negative values: no overflow, and no NaN in the gradient of the branch not taken.
    return xp.where(x >= 0, x, a * xp.expm1(xp.minimum(x, 0)))


def selu(x: Array) -> Array:
    """1.0507 elu(x, a=1.6733): keeps mean 0 and variance 1 through layers (Klambauer et al. 2017)."""
    return SELU_SCALE * elu(x, SELU_ALPHA)
