"""A user's own optax transformation as an optimizer."""

from typing import Any

import optax

from wellfit.core.spec import spec, static
from wellfit.optimizers.base import Optimizer, extra


@spec
class Optax(Optimizer):
    """Any ``optax.GradientTransformation`` from gradients to UPDATES (with the learning rate inside, as optax's own).

    Programs with one are not kept on disk: its code is not wellfit's to hash.
    """

    transformation: Any = static()
    learning_rate: Any = 1.0
    weight_decay: Any = None

    def direction(self) -> optax.GradientTransformationExtraArgs:
        return extra(optax.chain(self.transformation, optax.scale(-1.0)))
