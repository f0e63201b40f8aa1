"""AdaGrad: every parameter's rate falls with the sum of its squared gradients."""

from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from wellfit.core.spec import spec
from wellfit.core.types import Tree
from wellfit.optimizers.base import Optimizer, Transformation, extra, optax


@spec
class AdaGrad(Optimizer):
    """r ← r + g²;  θ ← θ - η g / (δ + √r), r from 0 (Duchi et al. 2011; theory C-188).

    optax's ``scale_by_rss`` puts δ inside the root and starts r at 0.1.
    """

    starts_at_zero: ClassVar[bool] = True

    learning_rate: Any = 0.01
    weight_decay: Any = None
    delta: Any = 1e-7

    def direction(self) -> Transformation:
        def update(updates: Tree, state: Tree, params: Tree = None) -> tuple[Tree, Tree]:
            sums = jax.tree.map(lambda r, g: r + g * g, state, updates)
            return jax.tree.map(lambda g, r: g / (self.delta + jnp.sqrt(r)), updates, sums), sums

        return extra(optax.GradientTransformation(lambda params: jax.tree.map(jnp.zeros_like, params), update))
