"""A line search that never goes up."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from wellfit.core.types import Array, Tree
from wellfit.optimizers.base import Transformation, optax


def falling_search(most: int, curvature: float) -> Transformation:
    """The zoom search of Nocedal and Wright (2006, 3.5 and 3.6) for the strong Wolfe conditions, from length 1.

    It gives the step along ``updates``, and as ``learning_rate`` of its state its length. Where ``most`` values of the
    loss bring no decrease, optax's own search may end higher than it began; here it ends where it began, at length 0.

    Parameters
    ----------
    most : int
        Values of the loss, with gradients, in a search.
    curvature : float
        The share of the slope at the start that may be left at the end.
    """
    search: Any = optax.scale_by_zoom_linesearch(most, curv_rtol=curvature, initial_guess_strategy="one")

    def update(
        updates: Tree,
        state: Any,
        params: Any = None,
        *,
        value: Array,
        grad: Tree,
        value_fn: Callable[[Tree], Array],
        **_: Any,
    ) -> tuple[Tree, Any]:
        step, searched = search.update(updates, state, params, value=value, grad=grad, value_fn=value_fn)
        fell = searched.value <= value  # also False of NaN
        length = jnp.where(fell, searched.learning_rate, jnp.zeros_like(searched.learning_rate))
        step = jax.tree.map(lambda s: jnp.where(fell, s, jnp.zeros_like(s)), step)
        return step, searched._replace(learning_rate=length)

    return optax.GradientTransformationExtraArgs(search.init, update)  # type: ignore[arg-type]
