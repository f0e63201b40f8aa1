"""From encoded rows to the training program's arrays: padded to their rungs, so that similar tables share a program."""

from typing import Any

import jax
import numpy as np
from scipy.sparse import issparse

from wellfit.core.types import Tree
from wellfit.training.batches import BLOCK
from wellfit.training.place import parameters, trains_by_kernel
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.rungs import pad_rows, rung, shared_rung
from wellfit.training.sparse import SparseBlock


def arrays(
    x: Tree,
    y: np.ndarray,
    w: np.ndarray,
    split: tuple,
    dtype: Any,
    in_batches: bool = False,
    plan: Plan | None = None,
    members: int = 1,
) -> tuple[Data, Rows]:
    """Encoded rows padded to their rungs, and one set of row numbers: those that train and those that validate.

    x : pytree of arrays (n, ...), of scipy's CSR matrices and of sparse blocks;  y : (n, ...);  w : (n,);
    split : (row numbers that train, that validate);  in_batches : whether steps see a batch at a time, and not all
    the padded rows, on whose number the rounding of their sums depends;  plan, members : of a fit to come. Where the
    kernel does it x stays where it is, without a copy: there is no program to share.
    """
    train, valid = split
    size = shared_rung(len(w), len(w))
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    data = Data(x, pad_rows(y, size), pad_rows(w.astype(dtype), size))
    if plan is None or not trains_by_kernel(plan, data, parameters(plan, shape_of(x)), members):
        data = data._replace(x=jax.tree.map(lambda block: _padded(block, size, dtype), x, is_leaf=_is_sparse))
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


def _is_sparse(block: Any) -> bool:
    return isinstance(block, SparseBlock)


def _padded(block: Any, size: int, dtype: Any) -> Any:
    if issparse(block):
        block = SparseBlock.of(block, dtype)
    return block.padded(size) if isinstance(block, SparseBlock) else pad_rows(block, size)


def shape_of(x: Tree) -> Any:
    """The shape of one row: a tuple, or a tree of tuples."""
    return jax.tree.map(
        lambda leaf: (leaf.width,) if isinstance(leaf, SparseBlock) else leaf.shape[1:],
        x,
        is_leaf=_is_sparse,
    )
