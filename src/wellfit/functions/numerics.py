"""Numerics shared by all formulas: which array library, and the forms that neither overflow nor cancel.

Every formula is written once, for arrays of numpy and of JAX: under ``jit`` it traces, on the host it computes
in numpy's float64 and compiles nothing.
"""

import functools
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import jax.scipy.special as jsp
import numpy as np
import scipy.special as sp

from wellfit.core.types import Array

FEW = 7
"""Numbers that numpy, too, adds one after another: the sum is the same bits."""


def namespace(*arrays: Any) -> ModuleType:
    """``jax.numpy`` if any argument is a JAX array (or is being traced), else ``numpy``."""
    return jnp if any(isinstance(array, jax.Array) for array in arrays) else np


def softplus(x: Array) -> Array:
    """log(1 + e^x) without overflow: max(x, 0) + log1p(e^-|x|).

    >>> float(softplus(np.float64(1000.0)))
    1000.0
    """
    xp = namespace(x)
    # Both kinks are taken from the same side, so that they cancel: JAX's slope of max(x, 0) at 0 is 1/2 and that of
    # |x| is 1, and the sum would have slope 0 there instead of 1/2.
    rising = x >= 0
    return xp.where(rising, x, 0) + xp.log1p(xp.exp(xp.where(rising, -x, x)))


def log_sum_exp(z: Array) -> Array:
    """log Σ_k e^{z_k} over the last axis, the maximum subtracted first (theory E-55)."""
    xp = namespace(z)
    top = over_last("max", z)
    return (xp.log(over_last("sum", xp.exp(z - top))) + top)[..., 0]


def over_last(name: str, z: Array) -> Array:
    """The "max" or "sum" over the last axis, which stays, of length 1.

    On the host a few numbers are taken column by column: numpy's own way along so short an axis takes ten times as
    long, and more.

    >>> over_last("sum", np.ones((2, 3))).tolist()
    [[3.0], [3.0]]
    """
    if namespace(z) is not np or not 0 < z.shape[-1] <= FEW:
        return getattr(namespace(z), name)(z, axis=-1, keepdims=True)
    join = {"max": np.maximum, "sum": np.add}[name]
    return functools.reduce(join, (z[..., k : k + 1] for k in range(z.shape[-1])))


def gammaln(x: Array) -> Array:
    """log Γ(x), by scipy on the host and by JAX in a program."""
    return jsp.gammaln(x) if namespace(x) is jnp else sp.gammaln(x)


def erf(x: Array) -> Array:
    """The error function, by scipy on the host and by JAX in a program."""
    return jsp.erf(x) if namespace(x) is jnp else sp.erf(x)


def safe_exp(x: Array, largest: float = 60.0) -> Array:
    """e^x with x held below ``largest``, so that neither it nor its gradient is ever infinite in float32."""
    return namespace(x).exp(namespace(x).minimum(x, largest))


def stop_gradient(x: Array) -> Array:
    """``x`` as a constant for differentiation; numpy arrays pass unchanged."""
    return jax.lax.stop_gradient(x) if isinstance(x, jax.Array) else x


def like(number: Any, array: Array) -> Array:
    """A number (or a small array of numbers) in the dtype of ``array``, so that it never widens the result.

    >>> like(0.1, np.ones(3, np.float32)).dtype
    dtype('float32')
    """
    return namespace(number, array).asarray(number, dtype=array.dtype)


def x_log_x(x: Array) -> Array:
    """x log x with 0 log 0 = 0, elementwise.

    >>> x_log_x(np.array([0.0, 1.0]))
    array([0., 0.])
    """
    xp = namespace(x)
    return x * xp.log(xp.where(x > 0, x, 1))


def double_precision() -> bool:
    """Whether JAX computes in float64 here and now (the setting belongs to a thread)."""
    return jax.dtypes.canonicalize_dtype(np.float64) == np.float64
