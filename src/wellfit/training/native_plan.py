"""Which plans a kernel of our own (``wellfit.native``) can train, and how they are described to it.

The entrance of a table (waves of numbers, categories), dense layers with the commonest activations and dropout, the
commonest losses, all methods of descent that take a step a batch, both rules for the end of an epoch.
"""

from typing import Any, NamedTuple

import numpy as np
from jax.tree_util import DictKey

from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson
from wellfit.functions.schedules import SCHEDULES, Exponential, InverseScaling, Schedule
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.periodic import Periodic
from wellfit.networks.network import Network, label
from wellfit.optimizers.adagrad import AdaGrad
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.amsgrad import AMSGrad
from wellfit.optimizers.base import Optimizer
from wellfit.optimizers.classic import ClassicAdam, ClassicSGD
from wellfit.optimizers.momentum import Momentum
from wellfit.optimizers.nesterov import Nesterov
from wellfit.optimizers.rmsprop import RMSProp
from wellfit.optimizers.sgd import SGD
from wellfit.training.classic import Classic
from wellfit.training.native_loss import loss_of
from wellfit.training.objective import PENALISED
from wellfit.training.plan import Data, Plan

MOST_LAYERS = 30
MOST_TABLES = 60  # of learnt vectors of categories
MOST_MIXTURES = 4
WIDEST = 2**16  # a layer or row
MOST_AT_ONCE = 4096  # rows of a step; XLA has its own ways with many
ACTIVATIONS = {
    "identity": 0, "linear": 0, "relu": 1, "sigmoid": 2, "tanh": 3, "leaky_relu": 4, "elu": 5, "selu": 6, "silu": 7,
    "swish": 7, "gelu": 8, "gelu_tanh": 9, "mish": 10, "softplus": 11,
}  # fmt: skip
KNOWN_SCHEDULES = (*SCHEDULES.values(), Exponential, InverseScaling)
METHODS: dict[type, int] = {
    Adam: 0, AdamW: 0, ClassicAdam: 1, SGD: 2, Momentum: 3, Nesterov: 4, ClassicSGD: 5, RMSProp: 7, AdaGrad: 8,
    AMSGrad: 9,
}  # fmt: skip
CLASSIC_NESTEROV = 6


class Memory(NamedTuple):
    """What a method of descent remembers; None, or a count for nothing, where it does not."""

    steps: np.ndarray  # how many were taken
    first: Any = None  # means of gradients, or velocities
    second: Any = None  # means or sums of squares
    third: Any = None  # the largest of the second


class Unit(NamedTuple):
    """A dense layer and what follows it."""

    place: int  # in the network
    width: int
    activation: int = 0
    dropout: Any = None  # its rate
    stream: int = 0  # the dropout layer's place, of which its noise is a function


def takes(plan: Plan, data: Data) -> bool:
    """Whether the kernel can train by this plan on these rows."""
    return (
        takes_network(plan.network, data.x, data.w.dtype)
        and type(plan.optimizer) in METHODS
        and (not plan.full_batch or len(data.w) <= MOST_AT_ONCE)
        and all(part is None for part in (plan.lp, plan.weight_noise, plan.rate_factors))
        and (plan.l1 is None or plan.rule is None)
        and loss_of(plan, data.y) is not None
        and _rule_is_known(plan)
        and all(map(_is_known, numbers_of_steps(plan)))
    )


def takes_network(network: Network, x: Any, dtype: Any) -> bool:
    """Whether the kernel can do what this network does with these rows, in numbers of this precision."""
    numbers, _ = blocks(network, x)
    return (
        isinstance(numbers, np.ndarray)
        and numbers.ndim == 2
        and numbers.dtype == dtype
        and bool(units_of(network))
        and _width(network, numbers.shape[1]) <= WIDEST
    )


def method_of(optimizer: Optimizer) -> int:
    """Which of the kernel's methods it is."""
    classic = isinstance(optimizer, ClassicSGD) and optimizer.nesterov
    return CLASSIC_NESTEROV if classic else METHODS[type(optimizer)]


def numbers_of(optimizer: Any) -> tuple[Any, Any, Any]:
    """The method's own numbers: what it keeps of its means, and what keeps it from dividing by 0."""
    if hasattr(optimizer, "beta1"):
        return optimizer.beta1, optimizer.beta2, optimizer.eps
    if isinstance(optimizer, RMSProp | AdaGrad):
        return 0, getattr(optimizer, "decay", 0), optimizer.delta
    return getattr(optimizer, "momentum", 0), 0, 0


def memory_of(optimizer: Optimizer, opt_state: Any) -> Memory:
    """The parts of what it remembers, which optax keeps in a shape of each method's own."""
    if hasattr(optimizer, "beta1"):
        return Memory(*opt_state)
    count = np.zeros((), np.int32)
    if isinstance(optimizer, ClassicSGD):
        return Memory(count, opt_state)
    if isinstance(optimizer, RMSProp | AdaGrad):
        return Memory(count, second=opt_state)
    return Memory(count) if isinstance(optimizer, SGD) else Memory(count, opt_state.trace)


def _rule_is_known(plan: Plan) -> bool:
    """Whether the kernel can do the end of an epoch: a score, and the loss of a perfect prediction."""
    rule, squared = plan.rule, type(plan.family) is Normal
    if type(rule) is not Classic:
        return rule is None
    scored = rule.score == "loss" or (rule.score == "r2") == squared
    watched = rule.adaptive and isinstance(plan.optimizer.learning_rate, Schedule)
    return scored and not watched and (squared or not rule.excess or type(plan.family) is Poisson)


def _is_known(number: Any) -> bool:
    return not isinstance(number, Schedule) or type(number) in KNOWN_SCHEDULES


def numbers_of_steps(plan: Plan) -> list[Any]:
    """Numbers, or schedules, that every step has: learning rate, decay, rates of dropout."""
    decay = plan.optimizer.weight_decay
    dropout = [unit.dropout for unit in units_of(plan.network) if unit.dropout is not None]
    return [plan.optimizer.learning_rate, 0.0 if decay is None else decay, *dropout]


def _entrance(network: Network) -> Tabular | None:
    """The network's first layer, where it is a table's."""
    layers = network.layers
    return layers[0] if layers and type(layers[0]) is Tabular else None  # type: ignore[return-value]


def blocks(network: Network, x: Any) -> tuple[Any, Any]:
    """The blocks of numbers and of codes that the network reads."""
    none = np.zeros((1, 0), np.int32)
    entrance = _entrance(network)
    if entrance is None or not isinstance(x, dict):
        return x, none
    return x["numeric"], none if entrance.codes is None else x["codes"]


def _width(network: Network, numbers: int) -> int:
    """How many numbers the first dense layer reads, of a row of so many."""
    entrance = _entrance(network)
    if entrance is None:
        return numbers
    codes = () if entrance.codes is None else (len(entrance.codes.cardinalities),)
    (width,) = entrance.output_shape({"numeric": (numbers,), "codes": codes})
    return width


def units_of(network: Network) -> list[Unit]:
    """The network's dense layers with what follows each, or none where something else is in it."""
    layers = list(enumerate(network.layers))
    if _entrance_is_known(network):
        del layers[0]
    units: list[Unit] = []
    for place, layer in layers:
        last = units[-1] if units else None
        if type(layer) is Dense and layer.bias:
            units.append(Unit(place, layer.width))
        elif last and type(layer) is Activation and layer.name in ACTIVATIONS and place == last.place + 1:
            units[-1] = last._replace(activation=ACTIVATIONS[layer.name])
        elif last and type(layer) is Dropout and type(network.layers[place - 1]) in (Dense, Activation):
            units[-1] = last._replace(dropout=layer.rate, stream=place)
        else:
            return []
    if any(unit.width > WIDEST for unit in units):
        return []
    plain_end = bool(units) and units[-1].place == len(network.layers) - 1
    return units if plain_end and len(units) <= MOST_LAYERS else []


def _entrance_is_known(network: Network) -> bool:
    """Whether the network begins with the entrance of a table, and the kernel can do it."""
    entrance = _entrance(network)
    if entrance is None:
        return False
    codes, waves = entrance.codes, entrance.waves
    return (
        codes is None or (type(codes) is Embedding and sum(width > 0 for width in codes.widths) <= MOST_TABLES)
    ) and (waves is None or (type(waves) is Periodic and bool(waves.columns) and waves.mixtures <= MOST_MIXTURES))


def paths_of(network: Network) -> list[tuple[int, str]]:
    """(layer, name) of every array of parameters, in the kernel's order."""
    paths = [(unit.place, name) for unit in units_of(network) for name in ("weight", "bias")]
    entrance = _entrance(network)
    if entrance is not None and entrance.waves is not None:
        paths += [(0, name) for name in ("frequency", "phase", "embedding", "bias")]
    if entrance is not None and entrance.codes is not None:
        paths += [(0, f"embedding{column}") for column, width in enumerate(entrance.codes.widths) if width]
    return paths


def structure_of(network: Network, *head: int | None) -> np.ndarray:
    """The network as the kernel reads it; ``head``: loss, method, whether by scikit-learn's rule, rows of a step."""
    units = units_of(network)
    columns = iter(range(2, 2 + len(units)))
    each = [(unit.width, unit.activation, -1 if unit.dropout is None else next(columns), unit.stream) for unit in units]
    entrance = _entrance(network) or Tabular()
    waves, codes = entrance.waves or Periodic(()), entrance.codes or Embedding((), ())
    door = (len(waves.columns), waves.frequencies, waves.mixtures, len(codes.cardinalities))
    penalised = [int(label((DictKey(name),)) in PENALISED) for _, name in paths_of(network)]
    numbers = (len(units), *head, *np.ravel(each), *door, *waves.columns, *codes.cardinalities, *codes.widths)
    return np.array([*numbers, *penalised], np.int32)
