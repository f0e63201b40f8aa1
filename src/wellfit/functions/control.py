"""Control flow inside compiled programs."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from wellfit.core.types import Array


def once(wanted: Array, function: Callable[[Any], Any], state: Any) -> Any:
    """``function(state)`` where ``wanted``, else ``state``; both of one structure.

    A loop of at most one turn: its state stays in place, where ``jax.lax.cond`` on a CPU copies all of it twice.

    >>> import numpy as np
    >>> once(np.asarray(True), lambda x: x + 1, np.asarray(1.0)).item()
    2.0
    """

    def turn(carry: tuple[Array, Any]) -> tuple[Array, Any]:
        return jnp.zeros_like(carry[0]), function(carry[1])

    return jax.lax.while_loop(lambda carry: carry[0], turn, (jnp.asarray(wanted), state))[1]
