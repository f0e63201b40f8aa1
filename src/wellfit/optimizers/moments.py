"""Adam's memory in a shape of our own, so that a fit which the kernel trains needs nothing of optax, nor its import."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.optimizers.base import Steps, Transformation, optax


class Moments(NamedTuple):
    """How many steps were taken, and the running means of gradients and of their squares."""

    count: Array
    first: Tree
    second: Tree


def no_moments(params: Tree) -> Moments:
    """What Adam knows before its first step."""
    return Moments(jnp.zeros((), np.int32), *(jax.tree.map(jnp.zeros_like, params) for _ in range(2)))


def adam(beta1: Any, beta2: Any, eps: Any) -> Transformation:
    """optax's Adam, which is asked for when a step is traced."""

    def update(gradient: Tree, state: Moments, params: Any = None, **_: Any) -> tuple[Tree, Moments]:
        method = optax.scale_by_adam(beta1, beta2, eps)
        found: Any = method.update(gradient, optax.ScaleByAdamState(*state), params)
        direction, after = found
        return direction, Moments(*after)

    return Steps(no_moments, update)  # type: ignore[return-value]
