"""Gradient descent with Nesterov's momentum."""

from typing import Any, ClassVar

from wellfit.core.spec import spec
from wellfit.optimizers.base import Optimizer, Transformation, extra, optax


@spec
class Nesterov(Optimizer):
    """v ← μ v + g;  θ ← θ - η (g + μ v) (Nesterov 1983, in Sutskever's look-ahead variables; theory C-187)."""

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 0.02
    weight_decay: Any = None
    momentum: Any = 0.9

    def direction(self) -> Transformation:
        return extra(optax.trace(self.momentum, nesterov=True))
