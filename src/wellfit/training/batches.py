"""Which rows a step sees: every epoch permutes exactly the n training rows; the last short batch is padded."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array
from wellfit.functions.noise import fold, shuffled
from wellfit.training.plan import Data

ORDER = 0x0DDE  # the stream of noise that orders the rows


def take(data: Data, index: Array, used: Array) -> tuple[Any, Array, Array]:
    """The rows ``index`` (B,) of the data; rows not ``used`` (B,) get weight 0."""
    x = jax.tree.map(lambda leaf: leaf[index], data.x)
    return x, data.y[index], jnp.where(used, data.w[index], jnp.zeros((), data.w.dtype))


def batch_index(train: Array, n: Array, epoch: Array, within: Array, seed: Array, size: int) -> tuple[Array, Array]:
    """Row numbers (size,) of step ``within`` of an epoch, and which of them are there (the last batch is short)."""
    position = within * size + jnp.arange(size, dtype=np.int32)
    order = shuffled(position, n, fold(fold(seed, ORDER), epoch))
    return train[order], position < n


def whole_index(train: Array, n: Array) -> tuple[Array, Array]:
    """All training rows in their own order, for steps that see everything."""
    return train, jnp.arange(train.shape[0], dtype=np.int32) < n
