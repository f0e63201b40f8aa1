"""From encoded rows to what trains on them; for XLA padded to their rungs, so that similar tables share a program."""

from typing import Any

import jax
import numpy as np
from scipy.sparse import issparse

from wellfit.core.types import Tree
from wellfit.native.scaled_rows import ScaledRows
from wellfit.training.batches import BLOCK
from wellfit.training.plan import Data, Rows
from wellfit.training.rungs import pad_rows, rung, shared_rung
from wellfit.training.sparse import SparseBlock


def arrays(
    x: Tree, y: np.ndarray, w: np.ndarray, split: tuple, dtype: Any, in_batches: bool = False
) -> tuple[Data, Rows]:
    """Encoded rows, and one set of row numbers: those that train and those that validate.

    Targets, weights and row numbers are padded to their rungs; x stays where it is, without a copy, until ``padded``.

    x : pytree of arrays (n, ...), of scipy's CSR matrices and of sparse blocks;  y : (n, ...);  w : (n,);
    split : (row numbers that train, that validate);  in_batches : whether steps see a batch at a time, and not all
    the padded rows, on whose number the rounding of their sums depends
    """
    train, valid = split
    size = shared_rung(len(w), len(w))
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    x = jax.tree.map(lambda block: SparseBlock.of(block, dtype) if issparse(block) else block, x, is_leaf=_is_sparse)
    data = Data(x, pad_rows(y, size), pad_rows(w.astype(dtype), size))
    # Up to a block the padded number is the block's, on which the rounding of its sums depends.
    held = (shared_rung(len(valid), len(w)) if len(valid) > BLOCK else rung(len(valid))) if len(valid) else 0
    rows = Rows(
        pad_rows(train, shared_rung(len(train), len(w)) if in_batches else rung(len(train)))[None],
        np.array([len(train)], np.int32),
        pad_rows(valid, held)[None],
        np.array([len(valid)], np.int32),
        np.array([float(w[train].sum())], dtype),
    )
    return data, rows


def padded(data: Data) -> Data:
    """Data whose x has as many rows as its targets: what XLA's programs take."""
    size = len(data.w)

    def own(block: Any) -> Any:
        block = block.whole[:size] if isinstance(block, ScaledRows) else block
        return block.padded(size) if isinstance(block, SparseBlock) else pad_rows(block, size)

    return data._replace(x=jax.tree.map(own, data.x, is_leaf=_is_sparse))


def _is_sparse(block: Any) -> bool:
    return isinstance(block, SparseBlock)


def shape_of(x: Tree) -> Any:
    """The shape of one row: a tuple, or a tree of tuples."""
    return jax.tree.map(
        lambda leaf: (leaf.width,) if isinstance(leaf, SparseBlock) else leaf.shape[1:],
        x,
        is_leaf=_is_sparse,
    )
