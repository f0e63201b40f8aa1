"""Which rows a step sees: every epoch permutes exactly the n training rows; the last short batch is padded."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.functions.noise import fold, shuffled
from wellfit.training.plan import ROWS, Data, Orders
from wellfit.training.sparse import SparseBlock

ORDER = 0x0DDE  # the stream of noise that orders the rows


def take(data: Data, index: Array, used: Array) -> tuple[Any, Array, Array]:
    """The rows ``index`` (B,) of the data; rows not ``used`` (B,) get weight 0."""
    x = rows_of(data.x, index)
    return divided((x, data.y[index], jnp.where(used, data.w[index], jnp.zeros((), data.w.dtype))))


def divided(batch: Tree) -> Tree:
    """A batch (B, ...), divided among the devices where the data are: each works on its part."""
    if ROWS not in jax.sharding.get_abstract_mesh().axis_names:
        return batch
    return jax.lax.with_sharding_constraint(batch, jax.sharding.PartitionSpec(ROWS))


def rows_of(x: Any, index: Array) -> Any:
    """Rows ``index`` (B,) of a pytree of arrays (n, ...); those of a sparse block come out dense."""
    return jax.tree.map(
        lambda leaf: leaf.rows(index) if isinstance(leaf, SparseBlock) else leaf[index],
        x,
        is_leaf=lambda leaf: isinstance(leaf, SparseBlock),
    )


def epoch_order(train: Array, n: Array, epoch: Array, seed: Array, orders: Orders | tuple = ()) -> Array:
    """The numbers (R,) of the training rows in the order of an epoch; the first n of them are used."""
    if isinstance(orders, Orders):
        return orders.table[jnp.minimum(epoch - orders.first, np.int32(orders.table.shape[0] - 1))]
    position = jnp.arange(train.shape[0], dtype=np.int32)
    return train[shuffled(position, n, fold(fold(seed, ORDER), epoch))]


def batch_index(order: Array, n: Array, within: Array, size: int) -> tuple[Array, Array]:
    """Row numbers (size,) of step ``within`` of an epoch, and which of them are there (the last batch is short)."""
    position = within * size + jnp.arange(size, dtype=np.int32)
    return order[jnp.minimum(position, np.int32(order.shape[0] - 1))], position < n


def whole_index(train: Array, n: Array) -> tuple[Array, Array]:
    """All training rows in their own order, for steps that see everything."""
    return train, jnp.arange(train.shape[0], dtype=np.int32) < n


BLOCK = 128
"""Rows of a block where many rows go forward: sums over blocks are the same bits however far the rows are padded."""


def blocks_of(index: Array) -> tuple[int, int]:
    """(blocks, rows of each) of padded row numbers (R,)."""
    size = min(BLOCK, index.shape[0])
    return -(-index.shape[0] // size), size


def block(index: Array, n: Array, number: Array, size: int) -> tuple[Array, Array]:
    """Row numbers (size,) of a block, and which of them are among the first n."""
    position = number * np.int32(size) + jnp.arange(size, dtype=np.int32)
    return index[jnp.minimum(position, np.int32(index.shape[0] - 1))], position < n


def sum_of_blocks(values: Array, size: int) -> Array:
    """The sum over the first axis (blocks * size, ...), block after block; padding by zeros changes no bit."""
    parts = jnp.sum(values.reshape(-1, size, *values.shape[1:]), axis=1)
    return jax.lax.fori_loop(0, len(parts), lambda b, total: total + parts[b], jnp.zeros_like(parts[0]))
