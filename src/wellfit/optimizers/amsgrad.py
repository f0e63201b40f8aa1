"""AMSGrad: Adam whose divisor never falls."""

from typing import Any, ClassVar

from wellfit.core.spec import spec
from wellfit.optimizers.base import Optimizer, Transformation, extra, optax


@spec
class AMSGrad(Optimizer):
    """m and v as in ``Adam``;  u ← max(u, v̂);  θ ← θ - η m̂ / (√u + ε).

    (Reddi, Kale and Kumar 2018.) Adam forgets a large gradient after 1/(1 - β2) steps and may then take too large
    steps for ever; the largest v̂ seen is not forgotten. As in optax the largest is taken after the bias correction;
    torch corrects the largest v, and the paper corrects nothing.
    """

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 1e-3
    weight_decay: Any = None
    beta1: Any = 0.9
    beta2: Any = 0.999
    eps: Any = 1e-8

    def direction(self) -> Transformation:
        return extra(optax.scale_by_amsgrad(self.beta1, self.beta2, self.eps))
