"""Adam: momentum, divided by the root of a running mean of squared gradients."""

from typing import Any, ClassVar

from wellfit.core.spec import spec
from wellfit.optimizers.base import Optimizer, Transformation
from wellfit.optimizers.moments import adam


@spec
class Adam(Optimizer):
    """m ← β1 m + (1-β1) g;  v ← β2 v + (1-β2) g²;  θ ← θ - η m̂ / (√v̂ + ε), hats for bias correction.

    (Kingma and Ba 2015; theory C-190.) ``weight_decay`` here is decoupled, as in ``AdamW``, and off by default.
    """

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 1e-3
    weight_decay: Any = None
    beta1: Any = 0.9
    beta2: Any = 0.999
    eps: Any = 1e-8

    def direction(self) -> Transformation:
        return adam(self.beta1, self.beta2, self.eps)
