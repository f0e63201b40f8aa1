"""Who takes part: the libraries by name, what they need, and how to get them."""

import importlib
import importlib.util
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from benchmarks.workloads import Workload


class Peer(Protocol):
    """A library at one workload; ``fit`` is what is timed, and holds all that a user's fit would."""

    def fit(self, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        """A whole fit from fresh weights."""
        ...

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        """Class probabilities (n, classes) by the last fit."""
        ...


@dataclass(frozen=True)
class Entry:
    """A row of the table: ``benchmarks.peers.<module>`` has a class ``Adapter``, made with ``options``."""

    name: str
    module: str
    needs: tuple[str, ...]
    pip: str
    options: dict[str, Any] = field(default_factory=dict)
    only_if_asked: bool = False

    @property
    def installed(self) -> bool:
        """Whether all modules that it needs can be found."""
        return all(importlib.util.find_spec(module) is not None for module in self.needs)

    def at(self, workload: Workload) -> Peer:
        """The adapter for a workload; only now is the library imported."""
        return importlib.import_module(f"benchmarks.peers.{self.module}").Adapter(workload, **self.options)


WELLFIT = "wellfit"

PEERS = (
    Entry(WELLFIT, "wellfit_", ("wellfit",), "pip install wellfit"),
    Entry("wellfit MLPClassifier", "wellfit_", ("wellfit",), "pip install wellfit", {"like_scikit_learn": True}),
    Entry("scikit-learn", "scikit_learn", ("sklearn",), "pip install scikit-learn"),
    Entry("plain JAX loop", "jax_loop", ("jax", "optax"), "pip install jax optax"),
    Entry("torch", "torch_", ("torch",), "pip install torch"),
    Entry("torch, fused Adam", "torch_", ("torch",), "pip install torch", {"fused": True}),
    Entry("torch.compile", "torch_", ("torch",), "pip install torch", {"fused": True, "compiled": True}, True),
    Entry("Keras (JAX)", "keras_", ("keras", "jax"), "pip install keras"),
    Entry("skorch", "skorch_", ("skorch", "torch"), "pip install skorch torch"),
)


def present(compiled: bool = False, only: list[str] | None = None) -> list[Entry]:
    """Those that are installed; ``torch.compile`` only if asked for."""
    unknown = [name for name in only or [] if name not in {entry.name for entry in PEERS}]
    if unknown:
        raise ValueError(f"peer {unknown[0]!r} is unknown: allowed are {', '.join(e.name for e in PEERS)}.")
    asked = [entry for entry in PEERS if not only or entry.name in only or entry.name == WELLFIT]
    return [entry for entry in asked if entry.installed and (compiled or not entry.only_if_asked)]


def missing() -> dict[str, str]:
    """Those that are not installed, with the command that brings them."""
    return {entry.name: entry.pip for entry in PEERS if not entry.installed}


def starting_weights(workload: Workload, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(weights (inputs, outputs), biases of 0) of each layer, Glorot uniform, for libraries that take given ones."""
    rng = np.random.default_rng(seed)
    found = []
    for a, b in workload.layers:
        limit = np.sqrt(6 / (a + b))
        found.append((rng.uniform(-limit, limit, (a, b)).astype(np.float32), np.zeros(b, np.float32)))
    return found


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities (n, classes) of raw outputs, in float64."""
    shifted = np.exp(np.asarray(logits, np.float64) - np.max(logits, axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)
