"""One of several processes that fit one model together: ``python -m tests.training.one_process NUMBER OF PORT OUT``."""

import sys
from typing import Any

import jax
import numpy as np

import wellfit
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network

NETWORK = Network((Dense(16), Activation("tanh"), Dropout(0.1), Dense(3)))
SETTINGS: dict[str, dict[str, Any]] = {
    "batches": {"batch_size": 32, "optimizer": "adam", "learning_rate": 0.01, "max_epochs": 4},
    "full": {"batch_size": "full", "optimizer": "sgd", "learning_rate": 0.1, "max_epochs": 20},
    "crowd": {"batch_size": 50, "optimizer": "adamw", "max_epochs": 2, "members": 2, "patience": 1},
}
CUTS = {1: [0, 300], 2: [0, 170, 300]}
HELD = {1: [300, 400], 2: [300, 330, 400]}


def table() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of three classes, of which the last is in the second process alone."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 6))
    y = (X[:, 0] > 0).astype(int) + (np.arange(400) >= 200) * (X[:, 1] > 0)
    return X, y, rng.integers(1, 4, 400).astype(float)


def run(number: int, of: int, devices: str | None) -> dict[str, np.ndarray]:
    """The fits of this process, with its own part of the rows."""
    X, y, w = table()
    own, held = slice(*CUTS[of][number : number + 2]), slice(*HELD[of][number : number + 2])
    found = {}
    for name, settings in SETTINGS.items():
        validation = (X[held], y[held], w[held]) if name == "crowd" else None
        fitted = wellfit.fit(
            NETWORK, "categorical", X[own], y[own], weights=w[own], validation=validation, devices=devices, **settings
        )
        for place, leaf in enumerate(jax.tree.leaves(fitted.params)):
            found[f"{name}_{place}"] = leaf
        found[f"{name}_loss"] = np.array(fitted.history["loss"])
        found[f"{name}_mean"] = fitted.mean(X[:5])
    return found


if __name__ == "__main__":
    place, count, port, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    if count > 1:
        jax.config.update("jax_cpu_collectives_implementation", "gloo")
        jax.distributed.initialize(f"127.0.0.1:{port}", count, place)
    np.savez(out, **run(place, count, "all"), devices=jax.device_count())
