"""Adam and gradient descent exactly as scikit-learn computes them.

They differ from ``Adam``, ``Momentum`` and ``Nesterov`` in two places: ε is added before the bias correction, and the
velocity holds the learning rate of every past step. They are for ``MLPClassifier`` and ``MLPRegressor``.
"""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Tree
from wellfit.optimizers.base import Optimizer, Steps, Transformation
from wellfit.optimizers.moments import Moments, no_moments


@spec
class ClassicAdam(Optimizer):
    """θ ← θ - η √(1-β2^t)/(1-β1^t) m / (√v + ε): the efficient form of Kingma and Ba 2015, end of section 2."""

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 1e-3
    weight_decay: Any = None
    beta1: Any = 0.9
    beta2: Any = 0.999
    eps: Any = 1e-8

    def direction(self) -> Transformation:
        def update(gradient: Tree, state: Moments, params: Any = None, **_: Any) -> tuple[Tree, Moments]:
            count = state.count + np.int32(1)
            t = count.astype(jax.tree.leaves(gradient)[0].dtype)
            first = jax.tree.map(lambda m, g: self.beta1 * m + (1 - self.beta1) * g, state.first, gradient)
            second = jax.tree.map(lambda v, g: self.beta2 * v + (1 - self.beta2) * g**2, state.second, gradient)
            correction = jnp.sqrt(1 - self.beta2**t) / (1 - self.beta1**t)
            direction = jax.tree.map(lambda m, v: correction * m / (jnp.sqrt(v) + self.eps), first, second)
            return direction, Moments(count, first, second)

        return Steps(no_moments, update)  # type: ignore[return-value]


@spec
class ClassicSGD(Optimizer):
    """v ← μ v - η g;  θ ← θ + v, or with ``nesterov`` θ ← θ + μ v - η g (Sutskever et al. 2013)."""

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 1e-3
    weight_decay: Any = None
    momentum: Any = 0.9
    nesterov: bool = static(default=True)

    takes_rate: ClassVar[bool] = True

    def direction(self) -> Transformation:
        def init(params: Tree) -> Tree:
            return jax.tree.map(jnp.zeros_like, params)

        def update(gradient: Tree, state: Tree, params: Any = None, *, rate: Array, **_: Any) -> tuple[Tree, Tree]:
            velocity = jax.tree.map(lambda v, g: self.momentum * v - rate * g, state, gradient)
            step = velocity
            if self.nesterov:
                step = jax.tree.map(lambda v, g: self.momentum * v - rate * g, velocity, gradient)
            return jax.tree.map(lambda s: -s / rate, step), velocity  # the program multiplies by the rate again

        return Steps(init, update)  # type: ignore[return-value]
