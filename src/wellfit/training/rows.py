"""From encoded rows to the training program's arrays: padded to their rungs, so that similar tables share a program."""

from typing import Any

import jax
import numpy as np
from scipy.sparse import issparse

from wellfit.core.types import Tree
from wellfit.training.plan import Data, Rows
from wellfit.training.rungs import pad_rows, rung
from wellfit.training.sparse import SparseBlock


def arrays(x: Tree, y: np.ndarray, w: np.ndarray, split: tuple, dtype: Any) -> tuple[Data, Rows]:
    """Encoded rows padded to their rungs, and one set of row numbers: those that train and those that validate.

    x : pytree of arrays (n, ...), of scipy's CSR matrices and of sparse blocks;  y : (n, ...);  w : (n,);
    split : (row numbers that train, that validate).
    """
    train, valid = split
    size = rung(len(w))
    y = y if y.dtype.kind == "i" else y.astype(dtype)
    blocks = jax.tree.map(lambda block: _padded(block, size, dtype), x, is_leaf=lambda b: isinstance(b, SparseBlock))
    data = Data(blocks, pad_rows(y, size), pad_rows(w.astype(dtype), size))
    held = rung(len(valid)) if len(valid) else 0
    rows = Rows(
        pad_rows(train, rung(len(train)))[None],
        np.array([len(train)], np.int32),
        pad_rows(valid, held)[None],
        np.array([len(valid)], np.int32),
        np.array([float(w[train].sum())], dtype),
    )
    return data, rows


def _padded(block: Any, size: int, dtype: Any) -> Any:
    if issparse(block):
        block = SparseBlock.of(block, dtype)
    return block.padded(size) if isinstance(block, SparseBlock) else pad_rows(block, size)


def shape_of(x: Tree) -> Any:
    """The shape of one row: a tuple, or a tree of tuples."""
    return jax.tree.map(lambda leaf: leaf.shape[1:], x)
