from typing import Any
import optax
from wellfit.core.spec import spec
from wellfit.optimizers.base import Optimizer
@spec
class Adam(Optimizer):
    learning_rate: Any = 1e-3
    weight_decay: Any = None
    beta1: Any = 0.9
    beta2: Any = 0.999
    eps: Any = 1e-8
    def direction(self):
        return optax.scale_by_adam(self.beta1, self.beta2, self.eps)
