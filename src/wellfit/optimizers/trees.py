"""The algebra of vectors that are trees of arrays."""

import jax
import jax.numpy as jnp

from wellfit.core.types import Array, Tree


def dot(a: Tree, b: Tree) -> Array:
    """Σ a b over all numbers of two trees."""
    return jnp.sum(jnp.stack([jnp.sum(x * y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)]))


def plus(a: Tree, scale: Array | float, b: Tree) -> Tree:
    """a + scale * b."""
    return jax.tree.map(lambda x, y: x + scale * y, a, b)


def times(scale: Array | float, a: Tree) -> Tree:
    """scale * a."""
    return jax.tree.map(lambda x: scale * x, a)


def zeros(a: Tree) -> Tree:
    """A tree of its own of the same shapes, all 0."""
    return jax.tree.map(jnp.zeros_like, a)


def ratio(above: Array, below: Array) -> Array:
    """above / below where below > 0, else 0."""
    positive = below > 0
    return jnp.where(positive, above / jnp.where(positive, below, jnp.ones_like(below)), jnp.zeros_like(below))
