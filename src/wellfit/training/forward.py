"""Prediction in blocks of a fixed number of rows: any row count compiles once, no row depends on its neighbours."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.spec import numbers_as
from wellfit.core.turns import away
from wellfit.core.types import Array, Tree, is_shape
from wellfit.functions.numerics import double_precision
from wellfit.layers.base import Context
from wellfit.native.cores import cores
from wellfit.networks.network import Network
from wellfit.training import place
from wellfit.training.native_forward import by_kernel, outputs_by_kernel
from wellfit.training.programs import call
from wellfit.training.rows import shape_of
from wellfit.training.rungs import pad_rows

BLOCK = 256
BLOCKS = 32  # in one call, where there are more rows than that

FEW_NUMBERS = 1 << 14
"""Parameters that every call may as well take in by itself."""

WORTH_THREADS = 1 << 26
"""Multiplications, of one block of rows, beside which a thread's own work in Python is small."""


AT_ONCE = 1 << 26
"""Numbers that a layer's outputs for all members may be on an accelerator; more members go one group after another."""


def forward_members(network: Network, params: Tree, statistics: Tree, x: Any) -> Array:
    """Raw outputs of every member for one block: parameters stacked (P, ...), x (B, ...) -> (P, B, outputs)."""
    return jax.lax.map(lambda arrays: _member(arrays, x), (params, statistics, network))


def forward_lanes(network: Network, params: Tree, statistics: Tree, x: Any) -> Array:
    """``forward_members`` on an accelerator: members at the same time, as many as there is room for."""
    arrays, shape = (params, statistics, network), shape_of(x)
    numbers = max((math.prod(size) for size in network.shapes(shape)[1:] if is_shape(size)), default=1)
    together = AT_ONCE // max(1, numbers * len(jax.tree.leaves(x)[0]))
    if together >= len(jax.tree.leaves(params)[0]):
        return jax.vmap(lambda arrays: _member(arrays, x))(arrays)
    return jax.lax.map(lambda arrays: _member(arrays, x), arrays, batch_size=max(1, together))


def _member(arrays: tuple, x: Any) -> Array:
    params, statistics, network = arrays
    return network.apply(params, statistics, x, Context(dtype=jax.tree.leaves(params)[0].dtype))[0]


def forward_blocks(network: Network, params: Tree, statistics: Tree, x: Any, used: Array) -> Array:
    """``forward_members`` of the first ``used`` of N blocks (N, B, ...), with the same bits: (N, P, B, outputs)."""

    def block(number: Array | int) -> Array:
        return forward_members(network, params, statistics, jax.tree.map(lambda leaf: leaf[number], x))

    like = jax.eval_shape(block, 0)
    found = jnp.zeros((len(jax.tree.leaves(x)[0]), *like.shape), like.dtype)
    return jax.lax.fori_loop(0, used, lambda number, found: found.at[number].set(block(number)), found)


def raw_outputs(network: Network, params: Tree, statistics: Tree, x: Any) -> np.ndarray:
    """Raw outputs for any number of rows, in float64 on the host: (P, n, outputs).

    network : numbers stacked (P,);  x : pytree of numpy arrays (n, ...).
    """
    numbers = sum(leaf.size for leaf in jax.tree.leaves(params))
    if place.predicts_on_host(numbers // len(jax.tree.leaves(params)[0])) and by_kernel(network, params, x):
        return outputs_by_kernel(network, params, x).astype(np.float64)
    if place.accelerator():
        return _by_accelerator(network, params, statistics, x)
    n = len(jax.tree.leaves(x)[0])
    few = n <= BLOCKS * BLOCK
    size = BLOCK if few else BLOCKS * BLOCK
    x64 = double_precision()

    def forward(first: int) -> np.ndarray:
        own = jax.tree.map(lambda leaf: pad_rows(leaf[first : first + size], size), x)
        with jax.enable_x64(x64):  # the setting belongs to a thread
            if few:
                return np.asarray(call(forward_members, network, params, statistics, own, out=0), np.float64)
            used = np.asarray(min(-(-(n - first) // BLOCK), BLOCKS), np.int32)
            blocks = jax.tree.map(lambda leaf: leaf.reshape(BLOCKS, BLOCK, *leaf.shape[1:]), own)
            found = np.asarray(call(forward_blocks, network, params, statistics, blocks, used, out=0), np.float64)
            return np.moveaxis(found, 0, 1).reshape(found.shape[1], -1, *found.shape[3:])

    firsts = range(0, n, size)
    if len(firsts) > 1 and numbers > FEW_NUMBERS:
        network, params, statistics = jax.device_put((network, params, statistics))
    if not few or (len(firsts) > 1 and numbers * BLOCK > WORTH_THREADS):
        with away(), ThreadPoolExecutor(cores()) as pool:
            parts = list(pool.map(forward, firsts))
    else:
        parts = [forward(first) for first in firsts]
    return np.concatenate(parts, axis=1)[:, :n]


def _by_accelerator(network: Network, params: Tree, statistics: Tree, x: Any) -> np.ndarray:
    """``raw_outputs`` by an accelerator, in blocks of 256 rows, or of 8192 where there are more than that."""
    n = len(jax.tree.leaves(x)[0])
    size = BLOCK if n <= BLOCK else BLOCKS * BLOCK
    network, params, statistics = jax.device_put((network, params, statistics))
    blocks = (
        jax.tree.map(lambda leaf, first=first: pad_rows(leaf[first : first + size], size), x)
        for first in range(0, n, size)
    )
    parts = [np.asarray(call(forward_lanes, network, params, statistics, own, out=0), np.float64) for own in blocks]
    return np.concatenate(parts, axis=1)[:, :n]


def crowd_outputs(network: Network, params: Tree, statistics: Tree, x: Any, dtype: Any) -> np.ndarray:
    """``raw_outputs`` of members of one description, in the precision they were trained in: (P, n, outputs)."""
    members = len(jax.tree.leaves(params)[0])
    numbers = numbers_as(network, dtype)
    stacked = jax.tree.map(lambda leaf: np.array(np.broadcast_to(leaf, (members, *np.shape(leaf)))), numbers)
    with jax.enable_x64(np.dtype(dtype) == np.float64):
        found = raw_outputs(stacked, params, statistics, x)
    if found.ndim == 4:  # k networks in one count as k members
        found = np.moveaxis(found, 2, 1).reshape(-1, found.shape[1], found.shape[3])
    return found
