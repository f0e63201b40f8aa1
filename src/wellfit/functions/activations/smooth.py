"""Smooth relatives of relu, each followed by its derivative: gelu, swish, mish, softplus."""

import math
from typing import Any

from wellfit.core.types import Array
from wellfit.functions.links import sigmoid
from wellfit.functions.numerics import erf, namespace, softplus

__all__ = [
    "gelu", "gelu_derivative", "gelu_tanh", "gelu_tanh_derivative", "mish", "mish_derivative", "silu",
    "silu_derivative", "softplus", "softplus_derivative", "swish", "swish_derivative",
]  # fmt: skip

ROOT_HALF = math.sqrt(0.5)
DENSITY_AT_0 = 1 / math.sqrt(2 * math.pi)
TWO_ROOT_TWO_OVER_PI = 2 * math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715


def gelu(x: Array) -> Array:
    """x Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016; theory C-079)."""
    return 0.5 * x * (1 + erf(x * ROOT_HALF))


def gelu_derivative(x: Array) -> Array:
    """Φ(x) + x φ(x) (G-10)."""
    return 0.5 * (1 + erf(x * ROOT_HALF)) + DENSITY_AT_0 * x * namespace(x).exp(-0.5 * x * x)


def gelu_tanh(x: Array) -> Array:
    """½ x (1 + tanh(√(2/π) (x + 0.044715 x³))) = x σ(2u): gelu's cheaper stand-in, within 5e-4 of it (C-079)."""
    return x * sigmoid(TWO_ROOT_TWO_OVER_PI * (x + GELU_CUBIC * x**3))


def gelu_tanh_derivative(x: Array) -> Array:
    """σ(v) + x σ(v) σ(-v) v' for v = 2 √(2/π) (x + 0.044715 x³)."""
    v = TWO_ROOT_TWO_OVER_PI * (x + GELU_CUBIC * x**3)
    slope = TWO_ROOT_TWO_OVER_PI * (1 + 3 * GELU_CUBIC * x * x)
    return sigmoid(v) * (1 + x * slope * sigmoid(-v))


def swish(x: Array, beta: Any = 1.0) -> Array:
    """x σ(β x) (Ramachandran et al. 2017): x/2 for β = 0, relu for β -> ∞; a β that is learnt makes a layer.

    >>> float(swish(2.0, beta=0.0))
    1.0
    """
    return x * sigmoid(beta * x)


def swish_derivative(x: Array, beta: Any = 1.0) -> Array:
    """σ(βx) (1 + βx σ(-βx)); the derivative by β is x² σ(βx) σ(-βx)."""
    return sigmoid(beta * x) * (1 + beta * x * sigmoid(-beta * x))


def silu(x: Array) -> Array:
    """x σ(x) = x / (1 + e^-x): swish with β = 1 (theory C-078, E-24).

    >>> import numpy as np
    >>> float(silu(np.float64(4.0)))
    3.928055160151634
    """
    return swish(x)


def silu_derivative(x: Array) -> Array:
    """σ(x) + x σ(x) σ(-x) (G-09)."""
    return swish_derivative(x)


def mish(x: Array) -> Array:
    """x tanh(log(1 + e^x)) (Misra 2019).

    >>> round(float(mish(1.0)), 6)
    0.865098
    """
    return x * namespace(x).tanh(softplus(x))


def mish_derivative(x: Array) -> Array:
    """t + x (1 - t²) σ(x) for t = tanh(softplus(x))."""
    t = namespace(x).tanh(softplus(x))
    return t + x * (1 - t * t) * sigmoid(x)


def softplus_derivative(x: Array) -> Array:
    """σ(x) (G-10)."""
    return sigmoid(x)
