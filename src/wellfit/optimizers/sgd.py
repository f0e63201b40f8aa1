"""Gradient descent: batch, mini-batch or stochastic, by the batch size."""

from typing import Any, ClassVar

from wellfit.core.spec import spec
from wellfit.optimizers.base import Optimizer, Transformation, extra, optax


@spec
class SGD(Optimizer):
    """θ ← θ - η g (theory C-180 to C-183)."""

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 0.05
    weight_decay: Any = None

    def direction(self) -> Transformation:
        return extra(optax.identity())
