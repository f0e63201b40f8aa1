"""Gradient descent with classical momentum."""

from typing import Any, ClassVar

from wellfit.core.spec import spec
from wellfit.optimizers.base import Optimizer, Transformation, extra, optax


@spec
class Momentum(Optimizer):
    """v ← μ v + g;  θ ← θ - η v (Polyak 1964; theory C-186).

    The velocity is kept without the learning rate, as in torch: with a constant rate the same path, with a
    schedule the new rate applies to the whole velocity at once.
    """

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 0.02
    weight_decay: Any = None
    momentum: Any = 0.9

    def direction(self) -> Transformation:
        return extra(optax.trace(self.momentum))
