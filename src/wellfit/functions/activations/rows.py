"""Activations of whole rows (the last axis), each followed by its Jacobian: softmax and its logarithm."""

from wellfit.core.types import Array
from wellfit.functions.links import log_softmax, softmax
from wellfit.functions.numerics import namespace

__all__ = ["log_softmax", "log_softmax_derivative", "softmax", "softmax_derivative"]


def softmax_derivative(z: Array) -> Array:
    """∂p_i/∂z_j = p_i (1[i=j] - p_j), (..., k) -> (..., k, k) (G-11); columns add to 0 (G-46)."""
    p = softmax(z)
    return p[..., :, None] * log_softmax_derivative(z)


def log_softmax_derivative(z: Array) -> Array:
    """∂ log p_i/∂z_j = 1[i=j] - p_j, (..., k) -> (..., k, k) (G-12)."""
    p = softmax(z)
    return namespace(z).eye(p.shape[-1], dtype=p.dtype) - p[..., None, :]
