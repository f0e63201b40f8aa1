"""Activations that squash: identity (which does not), sigmoid, tanh."""

from wellfit.core.types import Array
from wellfit.functions.links import sigmoid
from wellfit.functions.numerics import namespace

__all__ = ["identity", "sigmoid", "tanh"]


def identity(x: Array) -> Array:
    """x (theory C-070)."""
    return x


def tanh(x: Array) -> Array:
    """(e^x - e^-x)/(e^x + e^-x) = 2 σ(2x) - 1 (theory C-073)."""
    return namespace(x).tanh(x)
