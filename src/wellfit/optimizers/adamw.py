"""AdamW: Adam with decoupled weight decay."""

from typing import Any, ClassVar

from wellfit.core.spec import spec
from wellfit.optimizers.base import Optimizer, Transformation
from wellfit.optimizers.moments import adam


@spec
class AdamW(Optimizer):
    """Adam's step, and beside it w ← w - η λ w for weights (Loshchilov and Hutter 2019).

    Decay is not an L2 penalty here: it is not divided by the root of the squared gradients, and so pulls on all weights
    alike. For the penalty (a normal prior) use ``l2``.
    """

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 1e-3
    weight_decay: Any = 0.01
    beta1: Any = 0.9
    beta2: Any = 0.999
    eps: Any = 1e-8

    def direction(self) -> Transformation:
        return adam(self.beta1, self.beta2, self.eps)
