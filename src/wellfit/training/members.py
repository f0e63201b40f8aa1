"""How a member begins: fresh weights of its own seed, or where another training ended."""

from typing import Any

import jax
import numpy as np
from scipy.sparse import issparse

from wellfit.core.types import Tree
from wellfit.families.base import Family
from wellfit.functions.noise import fold
from wellfit.networks.network import Network
from wellfit.training.rungs import rung
from wellfit.training.state import State

HISTORY = 1024  # the shortest history buffer: fits of up to so many epochs share a program


def history_length(max_epochs: Any) -> int:
    """Epochs a history buffer has room for."""
    return max(HISTORY, rung(int(np.max(max_epochs))))


STARTING_ROWS = 4096
"""At most so many training rows are what data-driven layers start from."""


def starting_rows(network: Network, x: Tree, w: np.ndarray, train: np.ndarray) -> Tree | None:
    """Training rows by their weights, for layers that start from rows; None where no layer does.

    x : arrays (n, ...), of scipy's CSR matrices too;  w : (n,) weights;  train : numbers of the training rows.
    Of integer weights that add to at most ``STARTING_ROWS`` each row comes as often as its weight says.
    """
    if not network.needs_rows:
        return None
    ends = np.cumsum(w[train], dtype=np.float64)
    count = min(max(len(train), round(ends[-1])), STARTING_ROWS)
    chosen = train[np.searchsorted(ends, (np.arange(count) + 0.5) * (ends[-1] / count))]
    return jax.tree.map(lambda block: block[chosen].toarray() if issparse(block) else block[chosen], x)


def fresh_params(
    network: Network,
    family: Family,
    shape: Any,
    y: np.ndarray,
    w: np.ndarray,
    *,
    seed: int,
    member: int,
    rows: Tree | None = None,
    constant: bool = False,
) -> Tree:
    """Starting parameters of the member's own seed; the output bias is the best constant for y and weights w.

    ``rows`` are what ``starting_rows`` says.

    Outputs that say how much y varies start as that constant for all rows (see ``Family.dispersions``); with
    ``constant`` all outputs do, by weights of 0 in the last layer.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, member]))
    params = network.init(rng, shape, rows)
    if network.layers and "bias" in params[-1]:
        best = family.start(y, w)
        params[-1]["bias"] = np.array(np.broadcast_to(np.asarray(best, float), params[-1]["bias"].shape))
    if network.layers and "weight" in params[-1]:
        params[-1]["weight"][..., slice(None) if constant else family.dispersions] = 0
    return params


def next_cycle(state: State, params: Tree, statistics: Tree, *, cycle: int) -> State:
    """A fresh state that begins another cycle from these parameters, with noise of its own; buffers are not shared."""

    def copies() -> tuple[Tree, Tree]:
        return jax.tree.map(np.array, (params, statistics))

    def begun(part: Any) -> Any:
        return part._replace(**dict(zip(("params", "statistics"), copies(), strict=True)))

    return state._replace(
        moving=begun(state.moving),
        good=begun(state.good) if state.good else (),
        best=copies() if state.best else (),
        seed=fold(state.seed, cycle),
    )


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
