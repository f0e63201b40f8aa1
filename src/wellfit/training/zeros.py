"""Exact zeros of l1 where steps see a few rows only.

A batch's gradient is noisy, so a weight whose best value is 0 is pushed off it again and again, and ends near 0 but not
on it. At the end of an epoch all training rows decide.
"""

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.functions.penalties import soft_threshold
from wellfit.layers.base import Context
from wellfit.training.batches import block, take
from wellfit.training.objective import data_loss, smooth_priors, where_set
from wellfit.training.plan import Data, Plan
from wellfit.training.state import Moving

BLOCK = 512


def with_zeros(plan: Plan, data: Data, train: Array, n: Array, weight: Array, moving: Moving) -> Moving:
    """The weights that a proximal step of length 1 on all rows takes to 0 put there, the others as they are.

    For an input of variance 1 and squared error it is the step of coordinate descent, whose zeros are the solution's
    (Friedman, Hastie and Tibshirani 2010); elsewhere it takes only weights to 0 that are as small as l1 / Σw or so.

    train : (R,) numbers of the training rows, of which the first n are used;  weight : the sum of their weights.
    """
    params, dtype = moving.params, data.w.dtype
    size = min(BLOCK, train.shape[0])

    def add(b: Array, total: Tree) -> Tree:
        rows = take(data, *block(train, n, b, size))
        slope = jax.grad(lambda params: data_loss(plan, params, moving.statistics, *rows, Context(dtype=dtype))[0])
        return jax.tree.map(jnp.add, total, slope(params))

    blocks = (n + np.int32(size - 1)) // np.int32(size)
    of_loss = jax.lax.fori_loop(np.int32(0), blocks, add, jax.tree.map(jnp.zeros_like, params))
    of_priors = jax.grad(lambda params: jnp.asarray(smooth_priors(plan, params), dtype))(params)

    def settled(l1: Array, w: Array, loss: Array, priors: Array) -> Array:
        step = soft_threshold(w - (loss + priors) / weight, l1 / weight)
        return jnp.where(step == 0, jnp.zeros_like(w), w)

    return moving._replace(params=where_set(plan.l1, settled, params, of_loss, of_priors))
