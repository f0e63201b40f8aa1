"""RMSProp: AdaGrad that forgets."""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from wellfit.core.spec import spec
from wellfit.core.types import Tree
from wellfit.optimizers.base import Optimizer, Transformation, extra, optax


@spec
class RMSProp(Optimizer):
    """r ← ρ r + (1 - ρ) g²;  θ ← θ - η g / (δ + √r), r from 0 (Tieleman and Hinton 2012; theory C-189).

    torch's default is ρ = 0.99; optax puts δ inside the root by default.
    """

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 1e-3
    weight_decay: Any = None
    decay: Any = 0.9
    delta: Any = 1e-7

    def direction(self) -> Transformation:
        def update(updates: Tree, state: Tree, params: Tree = None) -> tuple[Tree, Tree]:
            means = jax.tree.map(lambda r, g: self.decay * r + (1 - self.decay) * g * g, state, updates)
            return jax.tree.map(lambda g, r: g / (self.delta + jnp.sqrt(r)), updates, means), means

        return extra(optax.GradientTransformation(lambda params: jax.tree.map(jnp.zeros_like, params), update))
