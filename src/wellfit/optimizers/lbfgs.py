"""L-BFGS: quasi-Newton steps on all rows, with a line search."""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from wellfit.core.spec import spec, static
from wellfit.core.types import Tree
from wellfit.optimizers.base import Optimizer, Transformation, optax
from wellfit.optimizers.line_search import falling_search
from wellfit.optimizers.trees import times

CURVATURE = 0.9
"""A quasi-Newton direction has its own length: a rough minimum of the line will do."""


@spec
class LBFGS(Optimizer):
    """Liu and Nocedal (1989) with the zoom line search of Nocedal and Wright (strong Wolfe conditions).

    Every step sees all rows. The line search chooses the step: ``learning_rate`` stays 1. Where it finds no decrease,
    what was learnt of the curvature is forgotten, and the next step goes down the gradient.
    """

    full_batch: ClassVar[bool] = True
    learning_rate: Any = 1.0
    weight_decay: Any = None
    memory_size: int = static(default=10)
    max_linesearch_steps: int = static(default=20)

    def direction(self) -> Transformation:
        newton: Any = optax.scale_by_lbfgs(self.memory_size)
        search: Any = falling_search(self.max_linesearch_steps, CURVATURE)

        def init(params: Tree) -> tuple[Any, Any]:
            return newton.init(params), search.init(params)

        def update(updates: Tree, state: tuple[Any, Any], params: Any = None, **asked: Any) -> tuple[Tree, tuple]:
            line, learnt = newton.update(updates, state[0], params)
            step, searched = search.update(times(-1.0, line), state[1], params, **asked)
            found = searched.learning_rate > 0
            kept = jax.tree.map(lambda new, start: jnp.where(found, new, start), learnt, newton.init(params))
            return times(-1.0, step), (kept, searched)  # the program subtracts directions

        return optax.GradientTransformationExtraArgs(init, update)  # type: ignore[arg-type]
