"""Prediction in blocks of a fixed number of rows: any row count compiles once, no row depends on its neighbours."""

from typing import Any

import jax
import numpy as np

from wellfit.core.spec import numbers_as
from wellfit.core.types import Array, Tree
from wellfit.layers.base import Context
from wellfit.networks.network import Network
from wellfit.training.programs import call
from wellfit.training.rungs import pad_rows

BLOCK = 256


def forward_members(network: Network, params: Tree, statistics: Tree, x: Any) -> Array:
    """Raw outputs of every member for one block: parameters stacked (P, ...), x (B, ...) -> (P, B, outputs)."""

    def member(arrays: tuple) -> Array:
        own, kept, numbers = arrays
        return numbers.apply(own, kept, x, Context(dtype=jax.tree.leaves(own)[0].dtype))[0]

    return jax.lax.map(member, (params, statistics, network))


def raw_outputs(network: Network, params: Tree, statistics: Tree, x: Any) -> np.ndarray:
    """Raw outputs for any number of rows, in float64 on the host: (P, n, outputs).

    network : numbers stacked (P,);  x : pytree of numpy arrays (n, ...).
    """
    n = len(jax.tree.leaves(x)[0])
    blocks = []
    for first in range(0, n, BLOCK):
        rows = slice(first, first + BLOCK)
        block = jax.tree.map(lambda leaf, rows=rows: pad_rows(leaf[rows], BLOCK), x)
        blocks.append(call(forward_members, network, params, statistics, block, out=0))
    found = [np.asarray(block, np.float64) for block in blocks]
    return np.concatenate(found, axis=1)[:, :n]


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
