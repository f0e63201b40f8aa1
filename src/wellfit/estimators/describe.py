"""From an estimator's parameters to descriptions: the network and the optimizer."""

import dataclasses
from numbers import Integral
from typing import Any

from wellfit.core.spec import present
from wellfit.estimators.recipe import Recipe, chosen
from wellfit.estimators.regularisers import input_noise
from wellfit.functions.schedules import scheduled
from wellfit.layers.embedding import Tabular
from wellfit.layers.periodic import Periodic
from wellfit.networks.network import Network, check_outputs, check_trainable
from wellfit.networks.preset import Preset
from wellfit.networks.presets import MLP
from wellfit.optimizers.base import Optimizer
from wellfit.optimizers.clipping import check_clipping
from wellfit.optimizers.table import resolve

MOST_WAVES = 50
"""By itself a table of more columns of numbers than this gets no waves: each costs as much as a hidden unit."""


def describe(
    estimator: Any,
    cardinalities: tuple[int, ...],
    width: int,
    outputs: int,
    auto: Recipe,
    columns: tuple[int, ...] | None,
) -> Network:
    """The network: the user's own, or an MLP for a table; ``columns`` of the numbers may enter as waves."""
    network = _described(estimator, cardinalities, width, outputs, auto)
    waves = _waves(estimator, auto, columns)
    if not waves:
        return network
    entrance, *others = network.layers
    if not isinstance(entrance, Tabular):
        raise ValueError(
            f"numeric_embedding={estimator.numeric_embedding!r} needs a network that begins with Tabular, and "
            f"{type(estimator.network).__name__} begins with {type(entrance).__name__}; leave it out."
        )
    return Network((dataclasses.replace(entrance, waves=Periodic(waves)), *others))


def _waves(estimator: Any, auto: Recipe, columns: tuple[int, ...] | None) -> tuple[int, ...]:
    """The columns that a numeric embedding is for."""
    if estimator.numeric_embedding == "auto":
        # Beside small layers of the user's choice waves would be most of the work.
        wanted = auto.numeric_embedding and is_auto(estimator)
        return columns if wanted and columns and len(columns) <= MOST_WAVES else ()
    if estimator.numeric_embedding is None:
        return ()
    if columns is None:
        raise ValueError(
            f"numeric_embedding={estimator.numeric_embedding!r} is not for a sparse X; make X dense, or leave "
            "numeric_embedding out."
        )
    if isinstance(estimator.network, Network):
        raise ValueError(
            f"numeric_embedding={estimator.numeric_embedding!r} is not for a network of your own; give its Tabular "
            "layer waves=Periodic(...), or leave numeric_embedding out."
        )
    return columns


def _described(estimator: Any, cardinalities: tuple[int, ...], width: int, outputs: int, auto: Recipe) -> Network:
    network = estimator.network
    noise = input_noise(estimator, described=not isinstance(network, str))
    if isinstance(network, Network):
        shape = {"numeric": (width,), "codes": (len(cardinalities),)}
        check_outputs(network, shape, outputs)
        check_trainable(network, shape)
        return network
    if isinstance(network, Preset):
        return network.build(cardinalities, outputs)
    hidden = chosen(estimator.hidden, auto.hidden)
    widths = (int(hidden),) if isinstance(hidden, Integral) else tuple(int(w) for w in hidden)
    dropout = chosen(estimator.dropout, auto.dropout)
    activation = chosen(estimator.activation, "relu")
    activation = activation if isinstance(activation, str) else tuple(activation)
    preset = MLP(widths, activation, dropout if present(dropout) else None, **noise)
    return preset.build(cardinalities, outputs)


def is_auto(estimator: Any) -> bool:
    """Whether the hidden layers are the recipe's, not the user's."""
    return isinstance(estimator.network, str) and isinstance(estimator.hidden, str)


def is_linear(estimator: Any) -> bool:
    """Whether the description has no hidden layer: then columns are scaled but never bent."""
    if isinstance(estimator.network, Preset):
        return estimator.network.linear
    hidden = estimator.hidden
    return not isinstance(estimator.network, Network) and not isinstance(hidden, str | Integral) and len(hidden) == 0


def clipping(estimator: Any, optimizer: Optimizer) -> dict[str, Any]:
    """How far a plan clips the gradient."""
    asked = {"clip_norm": estimator.clip_norm, "clip_value": estimator.clip_value}
    check_clipping(optimizer, **asked)
    return asked


def describe_optimizer(estimator: Any, auto: Recipe) -> Optimizer:
    """The optimizer with the estimator's learning rate, schedule and weight decay in place."""
    optimizer = resolve(estimator.optimizer)
    rate = estimator.learning_rate
    if isinstance(rate, str):  # "auto": the recipe's for Adam and its kind, the method's own for the others
        adaptive = estimator.optimizer in ("adam", "amsgrad", "adamw")
        rate = auto.learning_rate if adaptive else optimizer.learning_rate
    changes = {
        "learning_rate": rate if optimizer.full_batch else scheduled(rate, estimator.schedule),
        "weight_decay": _decay(estimator.weight_decay, optimizer),
    }
    return resolve(dataclasses.replace(optimizer, **changes))  # type: ignore[type-var]


def _decay(asked: Any, optimizer: Optimizer) -> Any:
    """The decay asked for; by itself the optimizer's own (AdamW's 0.01)."""
    decay = optimizer.weight_decay if isinstance(asked, str) else asked
    return decay if present(decay) and not optimizer.full_batch else None
