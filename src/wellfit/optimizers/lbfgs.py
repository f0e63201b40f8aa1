"""L-BFGS: quasi-Newton steps on all rows, with a line search."""

from typing import Any, ClassVar

import optax

from wellfit.core.spec import spec, static
from wellfit.optimizers.base import Optimizer


@spec
class LBFGS(Optimizer):
    """Liu and Nocedal (1989) with the zoom line search of Nocedal and Wright (strong Wolfe conditions).

    Every step sees all rows. The line search chooses the step: ``learning_rate`` stays 1.
    """

    full_batch: ClassVar[bool] = True
    learning_rate: Any = 1.0
    weight_decay: Any = None
    memory_size: int = static(default=10)
    max_linesearch_steps: int = static(default=20)

    def direction(self) -> optax.GradientTransformationExtraArgs:
        return optax.chain(
            optax.scale_by_lbfgs(self.memory_size),
            optax.scale(-1.0),
            optax.scale_by_zoom_linesearch(self.max_linesearch_steps, initial_guess_strategy="one"),
            optax.scale(-1.0),  # the program subtracts directions
        )
