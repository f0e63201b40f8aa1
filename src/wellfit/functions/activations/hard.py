"""Activations of straight pieces, each followed by its derivative: the step, and cheap stand-ins for curves.

At a kink the derivative is that of the outer, constant piece, as in torch.
"""

from typing import Any

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace


def step(x: Array, threshold: Any = 0.0) -> Array:
    """1 for x > threshold, else 0 (Heaviside; theory C-071): the unit of McCulloch and Pitts.

    Its derivative is 0 wherever there is one (G-04): layers before it cannot learn by gradients.
    """
    xp = namespace(x)
    return xp.where(x > threshold, xp.ones_like(x), xp.where(x <= threshold, 0, x))  # a NaN stays one


def step_derivative(x: Array) -> Array:
    """0 (at the jump there is none)."""
    return namespace(x).zeros_like(x)


def hard_sigmoid(x: Array) -> Array:
    """x/6 + ½ within [0, 1], as in torch and Keras 3 (before it was 0.2 x + ½ in Keras).

    >>> hard_sigmoid(1.5)
    array(0.75)
    """
    xp = namespace(x)
    return xp.where(x <= -3, 0, xp.where(x >= 3, 1, x / 6 + 0.5))


def hard_sigmoid_derivative(x: Array) -> Array:
    """1/6 for |x| < 3, else 0."""
    xp = namespace(x)
    return xp.where(xp.abs(x) < 3, xp.ones_like(x) / 6, 0)


def hard_tanh(x: Array) -> Array:
    """x within [-1, 1] (Collobert 2004)."""
    xp = namespace(x)
    return xp.where(x <= -1, -1, xp.where(x >= 1, 1, x))


def hard_tanh_derivative(x: Array) -> Array:
    """1 for |x| < 1, else 0."""
    xp = namespace(x)
    return xp.where(xp.abs(x) < 1, xp.ones_like(x), 0)


def hard_swish(x: Array) -> Array:
    """x times the hard sigmoid (Howard et al. 2019): 0 below -3, x above 3, least -3/8 at -3/2."""
    return x * hard_sigmoid(x)


def hard_swish_derivative(x: Array) -> Array:
    """0 for x <= -3, x/3 + ½ between, 1 for x >= 3."""
    xp = namespace(x)
    return xp.where(x <= -3, 0, xp.where(x >= 3, 1, x / 3 + 0.5))
