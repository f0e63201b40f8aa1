"""From encoded rows to the training program's arrays, and from one pass to the next."""

from typing import Any

import jax
import numpy as np

from wellfit.functions.noise import fold
from wellfit.training.plan import Data, Rows
from wellfit.training.rungs import pad_rows, rung
from wellfit.training.state import State


def arrays(x: dict, encoded: np.ndarray, w: np.ndarray, split: tuple, dtype: Any) -> tuple[Data, Rows]:
    """Encoded rows padded to their rungs, and one set of row numbers: those that train and those that validate."""
    train, valid = split
    size = rung(len(w))
    y = encoded if encoded.dtype.kind == "i" else encoded.astype(dtype)
    blocks = {name: pad_rows(block, size) for name, block in x.items()}
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


def resumed(state: State, before: State) -> State:
    """A fresh state that goes on from where another one ended."""
    moving = before.moving._replace(within=state.moving.within, loss=state.moving.loss, weight=state.moving.weight)
    return state._replace(
        moving=moving,
        good=jax.tree.map(np.copy, before.good),
        factor=before.factor,
        fresh=np.asarray(False),
        seed=fold(before.seed, 1),
    )
