"""Numerics shared by all formulas: which array library, and the forms that neither overflow nor cancel.

Every formula is written once, for arrays of numpy and of JAX: under ``jit`` it traces, on the host it computes
in numpy's float64 and compiles nothing.
"""

from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array


def namespace(*arrays: Any) -> ModuleType:
    """``jax.numpy`` if any argument is a JAX array (or is being traced), else ``numpy``."""
    return jnp if any(isinstance(array, jax.Array) for array in arrays) else np


def softplus(x: Array) -> Array:
    """log(1 + e^x) without overflow: max(x, 0) + log1p(e^-|x|).

    >>> float(softplus(np.float64(1000.0)))
    1000.0
    """
    xp = namespace(x)
    return xp.maximum(x, 0) + xp.log1p(xp.exp(-xp.abs(x)))


def log_sum_exp(z: Array) -> Array:
    """log Σ_k e^{z_k} over the last axis, the maximum subtracted first (theory E-55)."""
    xp = namespace(z)
    top = xp.max(z, axis=-1, keepdims=True)
    return xp.log(xp.sum(xp.exp(z - top), axis=-1)) + top[..., 0]
