"""Nonlinear conjugate gradients: every direction keeps what the last line search won."""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Tree
from wellfit.optimizers.base import Optimizer, Transformation, optax
from wellfit.optimizers.line_search import falling_search
from wellfit.optimizers.trees import dot, plus, ratio, times, zeros

CURVATURE = 0.1
"""How far the slope along the line must fall: conjugate directions need a nearly exact minimum of each line."""


LARGEST_GROWTH = 10.0
"""How much longer than the last step the first try of the next may be."""


class Conjugate(NamedTuple):
    """What is remembered of the last step; zeros before the first, and after a line search that failed."""

    gradient: Tree
    line: Tree  # the direction p, downhill
    promise: Array  # the decrease that its slope promised
    moved: Array  # how far it went
    search: Any


@spec
class ConjugateGradient(Optimizer):
    """p ← -g + β p,  β = max(0, g·(g - g') / g'·g');  θ ← θ + a p, a by a line search (theory C-193).

    (Polak and Ribière 1969, Polyak 1969; max(0, ·), which starts again from -g, by Gilbert and Nocedal 1992.) g' is
    the gradient before. Every step sees all rows, and a meets the strong Wolfe conditions. On a quadratic of n numbers
    with exact line searches n steps suffice. The line search chooses the step: ``learning_rate`` stays 1.

    Parameters
    ----------
    max_linesearch_steps : int
        Most values of the loss (with gradients) in a line search.
    """

    full_batch: ClassVar[bool] = True
    learning_rate: Any = 1.0
    weight_decay: Any = None
    max_linesearch_steps: int = static(default=30)

    def direction(self) -> Transformation:
        search: Any = falling_search(self.max_linesearch_steps, CURVATURE)

        def init(params: Tree) -> Conjugate:
            none = jnp.zeros((), jax.tree.leaves(params)[0].dtype)
            return Conjugate(zeros(params), zeros(params), none, jnp.copy(none), search.init(params))

        def update(
            updates: Tree,
            state: Conjugate,
            params: Any = None,
            *,
            value: Array,
            grad: Tree,
            value_fn: Callable[[Tree], Array],
            **_: Any,
        ) -> tuple[Tree, Conjugate]:
            line = conjugate(updates, state)
            fall, size = -dot(updates, line), jnp.sqrt(dot(line, line))
            guess = first_guess(state, fall, size)
            step, searched = search.update(
                times(guess, line), state.search, params, value=value, grad=grad, value_fn=value_fn
            )
            length = guess * searched.learning_rate
            found = jnp.where(length > 0, jnp.ones_like(length), jnp.zeros_like(length))
            memory = Conjugate(times(found, updates), times(found, line), length * fall, length * size, searched)
            return times(-1.0, step), memory  # the program subtracts directions

        return optax.GradientTransformationExtraArgs(init, update)  # type: ignore[arg-type]


def conjugate(gradient: Tree, state: Conjugate) -> Tree:
    """-g + β p, or -g where that does not lead down."""
    square = dot(gradient, gradient)
    beta = ratio(square - dot(gradient, state.gradient), dot(state.gradient, state.gradient))
    line = plus(times(-1.0, gradient), jnp.maximum(beta, 0), state.line)
    down = dot(gradient, line) < 0
    return jax.tree.map(lambda p, g: jnp.where(down, p, -g), line, gradient)


def first_guess(state: Conjugate, fall: Array, size: Array) -> Array:
    """The length that promises what the last step did (Nocedal and Wright 2006, 3.60), unless it goes much further.

    fall : the slope along the line, downhill positive;  size : the norm of the line. The first step moves by 1 or less.
    """
    start = jnp.minimum(ratio(jnp.ones_like(size), size), 1)
    next_ = jnp.minimum(ratio(state.promise, fall), LARGEST_GROWTH * ratio(state.moved, size))
    return jnp.where(state.promise > 0, next_, start)
