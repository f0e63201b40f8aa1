"""An epoch's steps as one call of a kernel of our own (``wellfit.native``), for plain networks on a CPU.

The entrance of a table (waves of numbers, categories), dense layers with the commonest activations and dropout, three
losses, Adam: the kernel gathers a batch, goes forward and backward and updates, without a word to XLA between. What it
does is what ``program.step`` does, to rounding; every other plan is XLA's.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.multilabel import MultiLabel
from wellfit.families.normal import Normal
from wellfit.functions.losses.regression import normal_nll
from wellfit.functions.noise import fold
from wellfit.functions.schedules import value_at
from wellfit.functions.turns import COEFFICIENTS
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.periodic import Periodic
from wellfit.networks.network import Network
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.classic import ClassicAdam
from wellfit.training.classic import Classic
from wellfit.training.objective import PENALISED, strengths
from wellfit.training.plan import STEP, Data, Plan
from wellfit.training.state import Moving, State

TARGET = "wellfit_steps"
MOST_LAYERS = 30
MOST_TABLES = 60  # of learnt vectors of categories
MOST_MIXTURES = 4
WIDEST = 2**16  # a layer or row
ACTIVATIONS = {"identity": 0, "linear": 0, "relu": 1, "sigmoid": 2, "tanh": 3}
LOGISTIC, SOFTMAX, SQUARED = range(3)
METHODS: dict[type, int] = {Adam: 0, AdamW: 0, ClassicAdam: 1}


class Unit(NamedTuple):
    """A dense layer and what follows it."""

    place: int  # in the network
    width: int
    activation: int = 0
    dropout: Any = None  # its rate
    stream: int = 0  # the dropout layer's place, of which its noise is a function


def takes(plan: Plan, data: Data) -> bool:
    """Whether the kernel can do this plan's steps on these rows."""
    dtype = data.w.dtype
    x, _ = _blocks(plan, data.x)
    return (
        not plan.full_batch
        and type(plan.optimizer) in METHODS
        and all(part is None for part in (plan.l1, plan.lp, plan.max_norm, plan.weight_noise, plan.rate_factors))
        and plan.clip_norm is None
        and plan.clip_value is None
        and getattr(x, "ndim", 0) == 2
        and x.dtype == dtype
        and _width(plan.network, x.shape[1]) <= WIDEST
        and _loss(plan, data.y) is not None
        and _rule_is_known(plan)
        and bool(_units(plan.network))
    )


def native_steps(
    plan: Plan, data: Data, mine: Any, order: Array, state: State, moving: Moving, todo: Array, per_epoch: Array
) -> tuple[Moving, Array]:
    """``todo`` steps, or as many as go well; and how many were done."""
    dtype = data.w.dtype
    units, rule = _units(plan.network), plan.rule
    method: Any = plan.optimizer
    family: Any = plan.family
    kind = _loss(plan, data.y)
    y = data.y if kind == SOFTMAX else data.y.astype(dtype)
    table = _table(plan, units, state, moving, per_epoch, -(-mine.train.shape[0] // plan.batch_size), dtype)
    count, first, second = moving.opt_state
    seed = jax.lax.bitcast_convert_type(fold(state.seed, STEP), np.int32)
    counts = jnp.stack([mine.n, moving.within, todo, moving.step, count, seed])
    scale = family.scale if kind == SQUARED else np.ones((), dtype)
    zero = np.zeros((), dtype)
    constant = zero if kind != SQUARED or (rule is not None and rule.excess) else normal_nll(zero, zero, scale)
    paths = _paths(plan.network, units)
    ridge = {(path[0].idx, path[1].key): strength for path, strength in strengths(plan.l2, moving.params).items()}
    numbers = [
        method.beta1, method.beta2, method.eps, mine.weight / mine.n.astype(dtype), mine.weight,
        constant * plan.family.outputs, 1 / (scale * scale), np.asarray(1 if rule is None else rule.averaged, dtype),
        moving.loss, moving.weight, *(ridge.get(path, zero) for path in paths), *COEFFICIENTS[np.dtype(dtype)],
    ]  # fmt: skip
    arrays = [tree[place][name] for place, name in paths for tree in (moving.params, first, second)]
    shapes = [jax.ShapeDtypeStruct(array.shape, dtype) for array in arrays]
    results = (*shapes, jax.ShapeDtypeStruct((2,), dtype), jax.ShapeDtypeStruct((2,), np.int32))
    x, codes = _blocks(plan, data.x)
    before = (x, codes, y, data.w, order, table, _structure(plan, units, paths, kind), counts)
    before += (jnp.stack([jnp.asarray(number, dtype) for number in numbers]),)
    same = {len(before) + i: i for i in range(len(arrays))}
    found = jax.ffi.ffi_call(TARGET, results, input_output_aliases=same)(*before, *arrays)
    sums, (done, bad) = found[-2], found[-1]
    params, first, second = (
        _with(tree, paths, found[part : len(arrays) : 3]) for part, tree in enumerate((moving.params, first, second))
    )
    return moving._replace(
        params=params,
        opt_state=type(moving.opt_state)(count + done, first, second),
        step=moving.step + done,
        within=moving.within + done,
        loss=sums[0],
        weight=sums[1],
        bad=moving.bad | (bad != 0),
    ), done


def _rule_is_known(plan: Plan) -> bool:
    """Whether the kernel can report the loss: that above a perfect prediction's is plain for squared errors only."""
    rule = plan.rule
    return rule is None or (type(rule) is Classic and (not rule.excess or type(plan.family) is Normal))


def _entrance(network: Network) -> Tabular | None:
    """The network's first layer, where it is a table's."""
    layers = network.layers
    return layers[0] if layers and type(layers[0]) is Tabular else None  # type: ignore[return-value]


def _blocks(plan: Plan, x: Any) -> tuple[Any, Any]:
    """The blocks of numbers and of codes that the network reads."""
    none = np.zeros((1, 0), np.int32)
    entrance = _entrance(plan.network)
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


def _loss(plan: Plan, y: Any) -> int | None:
    """Which of the kernel's losses the family's is, None where it is another."""
    family = plan.family
    if (type(family) is Bernoulli and family.smoothing is None and y.ndim == 1) or (
        type(family) is MultiLabel and family.reduction == "sum"
    ):
        return LOGISTIC
    if type(family) is Categorical and family.smoothing is None and y.ndim == 1:
        return SOFTMAX
    if type(family) is Normal and not family.learn_scale and np.ndim(family.scale) == 0:
        return SQUARED
    return None


def _units(network: Network) -> list[Unit]:
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
        elif last and type(layer) is Dropout and last.activation == ACTIVATIONS["relu"] and place == last.place + 2:
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


def _paths(network: Network, units: list[Unit]) -> list[tuple[int, str]]:
    """(layer, name) of every array of parameters, in the kernel's order."""
    paths = [(unit.place, name) for unit in units for name in ("weight", "bias")]
    entrance = _entrance(network)
    if entrance is not None and entrance.waves is not None:
        paths += [(0, name) for name in ("frequency", "phase", "embedding", "bias")]
    if entrance is not None and entrance.codes is not None:
        paths += [(0, f"embedding{column}") for column, width in enumerate(entrance.codes.widths) if width]
    return paths


def _structure(plan: Plan, units: list[Unit], paths: list[tuple[int, str]], kind: int | None) -> np.ndarray:
    columns = iter(range(2, 2 + len(units)))
    each = [(unit.width, unit.activation, -1 if unit.dropout is None else next(columns), unit.stream) for unit in units]
    method = METHODS[type(plan.optimizer)]
    head = (len(units), kind, method, int(plan.rule is not None), plan.batch_size)
    entrance = _entrance(plan.network) or Tabular()
    waves, codes = entrance.waves or Periodic(()), entrance.codes or Embedding((), ())
    door = (len(waves.columns), waves.frequencies, waves.mixtures, len(codes.cardinalities))
    penalised = [int(name.rstrip("0123456789") in PENALISED) for _, name in paths]
    numbers = (*head, *np.ravel(each), *door, *waves.columns, *codes.cardinalities, *codes.widths, len(paths))
    return np.array([*numbers, *penalised], np.int32)


def _table(
    plan: Plan, units: list[Unit], state: State, moving: Moving, per_epoch: Array, steps: int, dtype: Any
) -> Array:
    """Learning rate, decay and rates of dropout (steps, columns) of each step of this epoch."""
    decay = plan.optimizer.weight_decay

    def line(number: Array) -> Array:
        step = moving.step - moving.within + number
        t = step.astype(dtype) / (plan.max_epochs * jnp.asarray(per_epoch).astype(dtype))
        rate = value_at(plan.optimizer.learning_rate, t, state.memory) * state.factor
        own = [rate, value_at(0.0 if decay is None else decay, t)]
        own += [value_at(unit.dropout, t) for unit in units if unit.dropout is not None]
        return jnp.stack([jnp.asarray(number, dtype) for number in own])

    return jax.vmap(line)(jnp.arange(steps, dtype=np.int32))


def _with(tree: Tree, paths: list[tuple[int, str]], arrays: Any) -> Tree:
    """The tree with new arrays."""
    layers = list(tree)
    for (place, name), array in zip(paths, arrays, strict=True):
        layers[place] = {**layers[place], name: array}
    return tuple(layers)
