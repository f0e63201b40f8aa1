"""From an estimator's parameters to descriptions: the network and the optimizer."""

import dataclasses
from numbers import Integral
from typing import Any

from wellfit.core.spec import present
from wellfit.estimators.recipe import Recipe, chosen
from wellfit.functions.schedules import scheduled
from wellfit.networks.network import Network, check_outputs
from wellfit.networks.presets import MLP, TabM
from wellfit.optimizers.base import Optimizer
from wellfit.optimizers.table import resolve


def describe(estimator: Any, cardinalities: tuple[int, ...], width: int, outputs: int, auto: Recipe) -> Network:
    """The network: the user's own, or an MLP for a table."""
    network = estimator.network
    if isinstance(network, Network):
        check_outputs(network, {"numeric": (width,), "codes": (len(cardinalities),)}, outputs)
        return network
    if isinstance(network, MLP | TabM):
        return network.build(cardinalities, outputs)
    hidden = chosen(estimator.hidden, auto.hidden)
    widths = (int(hidden),) if isinstance(hidden, Integral) else tuple(int(w) for w in hidden)
    dropout = chosen(estimator.dropout, auto.dropout)
    activation = chosen(estimator.activation, "relu")
    preset = MLP(widths, activation, dropout if present(dropout) else None)
    return preset.build(cardinalities, outputs)


def is_linear(estimator: Any) -> bool:
    """Whether the description has no hidden layer: then columns are scaled but never bent."""
    hidden = estimator.network.hidden if isinstance(estimator.network, MLP | TabM) else estimator.hidden
    return not isinstance(estimator.network, Network) and not isinstance(hidden, str | Integral) and len(hidden) == 0


def describe_optimizer(estimator: Any, auto: Recipe) -> Optimizer:
    """The optimizer with the estimator's learning rate, schedule and weight decay in place."""
    optimizer = resolve(estimator.optimizer)
    rate, decay = estimator.learning_rate, chosen(estimator.weight_decay, auto.weight_decay)
    own = optimizer.learning_rate
    if isinstance(rate, str):  # "auto": the recipe's for Adam and its kind, the method's own for the others
        adaptive = estimator.optimizer in ("adam", "adamw")
        rate = auto.learning_rate if adaptive else own
    changes: dict[str, Any] = {"learning_rate": rate if optimizer.full_batch else scheduled(rate, estimator.schedule)}
    if estimator.weight_decay != "auto" or not present(optimizer.weight_decay):
        changes["weight_decay"] = decay if present(decay) and not optimizer.full_batch else None
    return resolve(dataclasses.replace(optimizer, **changes))  # type: ignore[type-var]
