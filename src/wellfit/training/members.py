"""How a member begins: fresh weights of its own seed, or where another training ended."""

from typing import Any

import jax
import numpy as np

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


def fresh_params(
    network: Network, family: Family, shape: Any, y: np.ndarray, w: np.ndarray, *, seed: int, member: int
) -> Tree:
    """Starting parameters of the member's own seed; the output bias is the best constant for y and weights w.

    Outputs that say how much y varies start as that constant for all rows: see ``Family.dispersions``.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, member]))
    params = network.init(rng, shape)
    if network.layers and "bias" in params[-1]:
        best = family.start(y, w)
        params[-1]["bias"] = np.array(np.broadcast_to(np.asarray(best, float), params[-1]["bias"].shape))
    if network.layers and "weight" in params[-1]:
        params[-1]["weight"][..., family.dispersions] = 0
    return params


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
