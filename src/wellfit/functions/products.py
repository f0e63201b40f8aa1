"""Matrix products whose factors may be rounded to a format that an accelerator multiplies sooner."""

import jax
import jax.numpy as jnp

from wellfit.core.types import Array

MATMUL_PRECISIONS = ("float32", "tensorfloat32", "bfloat16")
"""What factors are rounded to, by JAX's names: to 24, 11 and 8 bits. Products are summed in float32 with each."""


def product(x: Array, weight: Array, precision: str = "float32") -> Array:
    """x W, (..., B, d) and (..., d, k) -> (..., B, k), and with the same rounding the two products of its gradient.

    >>> third = jnp.full((1, 1), 1 / 3)
    >>> [round(float(product(third, jnp.ones((1, 1)), name)[0, 0]), 6) for name in ("float32", "bfloat16")]
    [0.333333, 0.333984]
    """
    if precision == "float32" or not isinstance(x, jax.Array):  # on the host, and sparse rows
        return x @ weight
    if precision == "tensorfloat32":
        return jnp.matmul(x, weight, precision=precision)
    return _in_bfloat16(x, weight)


@jax.custom_vjp
def _in_bfloat16(x: Array, weight: Array) -> Array:
    return _times(x, weight)


def _times(a: Array, b: Array) -> Array:
    return jnp.matmul(a.astype(jnp.bfloat16), b.astype(jnp.bfloat16), preferred_element_type=jnp.float32)


def _forward(x: Array, weight: Array) -> tuple[Array, tuple[Array, Array]]:
    short = x.astype(jnp.bfloat16), weight.astype(jnp.bfloat16)  # kept for the way back: half the memory
    return _times(*short), short


def _back(kept: tuple[Array, Array], slope: Array) -> tuple[Array, Array]:
    # JAX's own transpose would multiply the slope as it is, in float32, at a fraction of the speed.
    x, weight = (factor.swapaxes(-1, -2) for factor in kept)
    return _times(slope, weight), _times(x, slope)


_in_bfloat16.defvjp(_forward, _back)
