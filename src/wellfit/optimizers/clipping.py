"""Gradient clipping: the remedy for a step thrown far away by one steep batch."""

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.optimizers.base import Optimizer
from wellfit.optimizers.trees import dot


def clip_by_norm(gradient: Tree, most: Array) -> Tree:
    """g min(1, most / ‖g‖), ‖g‖ over all parameters together: the direction stays (Pascanu et al. 2013).

    No square overflows, and a gradient that is not finite stays so.

    >>> import numpy as np
    >>> clip_by_norm([np.array([3.0]), np.array([4.0])], 1.0)
    [Array([0.6], dtype=float32), Array([0.8], dtype=float32)]
    """
    largest = jnp.max(jnp.stack([jnp.max(jnp.abs(g), initial=0) for g in jax.tree.leaves(gradient)]))
    # Twice by its root: one over a number near the end of the range would be flushed to 0.
    root = jnp.sqrt(jnp.where(largest > 0, largest, jnp.ones_like(largest)))
    unit = jax.tree.map(lambda g: g / root / root, gradient)
    norm = jnp.sqrt(dot(unit, unit))
    within = norm * root <= most / root
    return jax.tree.map(lambda g, u: jnp.where(within, g, u * (most / norm)), gradient, unit)


def clip_by_value(gradient: Tree, most: Array) -> Tree:
    """Every number of the gradient kept within ± most: the direction turns.

    >>> import numpy as np
    >>> clip_by_value([np.array([3.0, -0.5])], 1.0)
    [Array([ 1. , -0.5], dtype=float32)]
    """
    return jax.tree.map(lambda g: jnp.clip(g, -most, most), gradient)


def check_clipping(optimizer: Optimizer, **limits: float | None) -> None:
    """Raise one sentence for a limit that cannot be, or given to a method that needs the true slope of its line."""
    for name, limit in limits.items():
        if limit is None:
            continue
        if np.ndim(limit) or not 0 < limit < np.inf:
            raise ValueError(f"{name}={limit!r} must be None or a finite number > 0.")
        if optimizer.full_batch:
            raise ValueError(
                f"{name}={limit!r} changes the slope that {type(optimizer).__name__} searches along; leave it out, for "
                "a line search bounds its steps by itself, or use a method such as 'adam' or 'sgd'."
            )
