"""From scikit-learn's parameters to descriptions, and from ``coefs_`` and ``intercepts_`` to a network's parameters."""

from collections.abc import Iterable
from itertools import pairwise
from numbers import Integral
from typing import Any

import jax
import numpy as np

from wellfit.core.names import look_up
from wellfit.core.spec import present
from wellfit.core.types import Tree
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.functions.schedules import InverseScaling
from wellfit.layers.base import Layer
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.optimizers.base import Optimizer
from wellfit.optimizers.classic import ClassicAdam, ClassicSGD
from wellfit.optimizers.table import resolve

ALIASES = {"logistic": "sigmoid"}


def hidden_sizes(value: Any) -> list[int]:
    """``hidden_layer_sizes`` as a list of widths."""
    sizes = list(value) if isinstance(value, Iterable) else [value]
    if not all(isinstance(size, Integral) and int(size) > 0 for size in sizes):
        raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
    return [int(size) for size in sizes]


def describe_activations(value: Any, layers: int) -> list[str]:
    """The activation of each hidden layer, by wellfit's names."""
    names = [value] * layers if isinstance(value, str) else list(value)
    if len(names) != layers:
        raise ValueError(
            f"activation names {len(names)} functions for {layers} hidden layers; give one name, or one for each."
        )
    found = [ALIASES.get(name, name) if isinstance(name, str) else name for name in names]
    for name in found:
        look_up(name, ACTIVATIONS, "activation")
    return found


def describe_network(estimator: Any, outputs: int) -> Network:
    """Dense layers with an activation after each but the last, and dropout after each activation where asked for."""
    sizes = hidden_sizes(estimator.hidden_layer_sizes)
    layers: list[Layer] = []
    for width, name in zip(sizes, describe_activations(estimator.activation, len(sizes)), strict=True):
        layers += [Dense(width), Activation(name)]
        if present(estimator.dropout):
            layers.append(Dropout(estimator.dropout))
    return Network((*layers, Dense(outputs)))


def describe_solver(estimator: Any, rows: int) -> Optimizer:
    """The optimizer: scikit-learn's own two exactly, any other of wellfit's at ``learning_rate_init``.

    Natural gradient, whose rate of 1 is a whole step, and an optimizer given as an object keep their own.
    """
    solver, rate = estimator.solver, estimator.learning_rate_init
    if solver == "adam":
        return ClassicAdam(rate, None, estimator.beta_1, estimator.beta_2, estimator.epsilon)
    if solver == "sgd":
        if estimator.learning_rate == "invscaling":
            rate = InverseScaling(rate, estimator.power_t, rows)
        return ClassicSGD(rate, None, estimator.momentum, nesterov=bool(estimator.nesterovs_momentum))
    if solver == "lbfgs":
        return ClassicSGD(rate)  # scipy takes the steps
    method = resolve(solver)
    if method.full_batch:
        raise ValueError(f"solver={solver!r} needs all rows in every step; use solver='lbfgs'.")
    if method is solver or method.needs_curvature:  # such a method's own rate is 1
        return method
    return type(method)(learning_rate=rate)  # type: ignore[call-arg]


def initial_coefficients(
    rng: np.random.RandomState, units: tuple[int, ...], activation: Any, dtype: Any
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Glorot's uniform weights and biases, within √(6/(fan_in + fan_out)), or √(2/...) for the logistic function.

    Drawn layer by layer, weights first, as scikit-learn draws them: the same seed gives the same numbers.
    """
    names = describe_activations(activation, len(units) - 2)
    coefs, intercepts = [], []
    for index, (fan_in, fan_out) in enumerate(pairwise(units)):
        name = names[min(index, len(names) - 1)] if names else "relu"
        bound = np.sqrt((2.0 if name == "sigmoid" else 6.0) / (fan_in + fan_out))
        coefs.append(rng.uniform(-bound, bound, (fan_in, fan_out)).astype(dtype, copy=False))
        intercepts.append(rng.uniform(-bound, bound, fan_out).astype(dtype, copy=False))
    return coefs, intercepts


def parameters(network: Network, coefs: list[np.ndarray], intercepts: list[np.ndarray]) -> Tree:
    """The network's parameters from scikit-learn's two lists."""
    pairs = iter(zip(coefs, intercepts, strict=True))
    params = []
    for layer in network.layers:
        weight, bias = next(pairs) if isinstance(layer, Dense) else (None, None)
        params.append({} if weight is None else {"weight": weight, "bias": bias})
    return tuple(params)


def coefficients(params: Tree, member: int | None, dtype: Any = None) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """scikit-learn's two lists from the network's parameters (of one member of a crowd)."""
    own = jax.tree.map(lambda leaf: np.array(leaf if member is None else leaf[member], dtype), params)
    dense = [layer for layer in own if layer]
    return [layer["weight"] for layer in dense], [layer["bias"] for layer in dense]
