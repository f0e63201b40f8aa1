"""Smooth relatives of relu: gelu, silu, softplus."""

import math

from wellfit.core.types import Array
from wellfit.functions.links import sigmoid
from wellfit.functions.numerics import erf, softplus

__all__ = ["gelu", "silu", "softplus"]


def gelu(x: Array) -> Array:
    """x Φ(x) with the exact normal distribution function (Hendrycks and Gimpel 2016; theory C-079)."""
    return 0.5 * x * (1 + erf(x * math.sqrt(0.5)))


def silu(x: Array) -> Array:
    """x σ(x) = x / (1 + e^-x), also called swish (theory C-078, E-24).

    >>> import numpy as np
    >>> float(silu(np.float64(4.0)))
    3.928055160151634
    """
    return x * sigmoid(x)
