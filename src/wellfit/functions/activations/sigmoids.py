"""Activations that squash, each followed by its derivative; and the straight line, which does not."""

from typing import Any

from wellfit.core.types import Array
from wellfit.functions.links import sigmoid
from wellfit.functions.numerics import namespace

__all__ = [
    "identity", "identity_derivative", "linear", "linear_derivative", "sigmoid", "sigmoid_derivative",
    "softsign", "softsign_derivative", "tanh", "tanh_derivative",
]  # fmt: skip


def identity(x: Array) -> Array:
    """x (theory C-070)."""
    return x


def identity_derivative(x: Array) -> Array:
    """1 (G-03)."""
    return namespace(x).ones_like(x)


def linear(x: Array, slope: Any = 1.0) -> Array:
    """slope * x: the scaled straight line (theory C-070); by name, ``linear`` has slope 1.

    >>> linear(3.0, slope=4.0)
    12.0
    """
    return slope * x


def linear_derivative(x: Array, slope: Any = 1.0) -> Array:
    """``slope`` everywhere (G-03), so layers of it stay one affine map."""
    return slope * namespace(x).ones_like(x)


def sigmoid_derivative(x: Array) -> Array:
    """σ(x) σ(-x), at most 1/4 (G-01, N-11), to full relative precision in both tails."""
    return sigmoid(x) * sigmoid(-x)


def tanh(x: Array) -> Array:
    """(e^x - e^-x)/(e^x + e^-x) = 2 σ(2x) - 1 (theory C-073)."""
    return namespace(x).tanh(x)


def tanh_derivative(x: Array) -> Array:
    """1 - tanh² x = 4 σ(2x) σ(-2x) (G-02): steeper than the sigmoid's near 0, flatter beyond ± 1.663 (E-26)."""
    return 4 * sigmoid_derivative(2 * x)


def softsign(x: Array) -> Array:
    """x / (1 + |x|): tanh with tails that fall as 1/x² instead of exponentially (Bergstra et al. 2009)."""
    return x / (1 + namespace(x).abs(x))


def softsign_derivative(x: Array) -> Array:
    """1 / (1 + |x|)²."""
    return (1 / (1 + namespace(x).abs(x))) ** 2
