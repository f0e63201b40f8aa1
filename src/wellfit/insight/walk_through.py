"""XOR by hand: the walk-through that textbooks print with errors, put right, and a network that does solve XOR.

The walk-through's network has two inputs, three hidden units and one output, every weight and bias 1 and no activation
(theory C-014); it sees the row (0, 0) with target 0 and takes one step of 0.1 down half the squared error (N-16 to
N-20). It can never solve XOR: it is affine (E-13), and its hidden units stay alike (E-14).
"""

from typing import Any

import numpy as np

from wellfit.core.types import Tree
from wellfit.functions.initializers import for_activation
from wellfit.insight.trace import Trace, trace
from wellfit.layers.base import Layer
from wellfit.layers.dense import Dense
from wellfit.layers.parametric import activation_layer
from wellfit.networks.network import Network
from wellfit.training.fit import fit

XOR_X = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
XOR_Y = (0, 1, 1, 0)
BY_HAND_RATE = 0.1


def by_hand(steps: int = 1, learning_rate: float = BY_HAND_RATE) -> Trace:
    """The walk-through with the right sign: delta of the output is prediction - target = 4.

    >>> step = by_hand().steps[0]
    >>> float(step.layers[-1].output[0, 0]), (step.loss - step.floor).round(12).tolist()
    (4.0, [8.0])
    >>> step.layers[-1].delta.tolist(), step.layers[-1].parameters[0].updated.tolist()
    ([[4.0]], [0.6])
    """
    network = Network((Dense(3), Dense(1)))
    return trace(network, "normal", np.array(XOR_X[:1]), [0.0], ones(), learning_rate=learning_rate, steps=steps)


def ones() -> Tree:
    """The walk-through's start: every weight and bias is 1."""
    return tuple({"weight": np.ones((d, width)), "bias": np.ones(width)} for d, width in ((2, 3), (3, 1)))


def network(hidden: tuple[int, ...] = (3,), activation: str = "tanh") -> Network:
    """A network that can solve XOR: hidden layers with an activation, and one log odds."""
    layers: list[Layer] = []
    for width in hidden:
        layers += [Dense(width, for_activation(activation)), activation_layer(activation)]
    return Network((*layers, Dense(1, "glorot_uniform")))


def on_all_rows(net: Network, steps: int = 1, **options: Any) -> Trace:
    """Steps of cross-entropy on all four rows; the options are those of ``trace``."""
    return trace(net, "bernoulli", np.array(XOR_X), XOR_Y, steps=steps, **options)


def learnt(net: Network, steps: int, optimizer: Any, l2: float | None = None, seed: int = 0) -> np.ndarray:
    """The probability of 1 of each row (4,) after so many steps from where ``on_all_rows`` with this seed starts."""
    found = fit(
        net, "bernoulli", np.array(XOR_X), XOR_Y, optimizer=optimizer, l2=l2, seed=seed,
        batch_size="full", max_epochs=steps, dtype=np.float64,
    )  # fmt: skip
    return found.mean(np.array(XOR_X))[:, 1]
