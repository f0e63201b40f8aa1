"""Which networks a kernel of our own (``wellfit.native``) knows, and how they are described to it.

The entrance of a table (waves of numbers, categories) and noise on what it gives; dense layers with the commonest
activations and dropout.
"""

import itertools
from typing import Any, NamedTuple

import numpy as np
from jax.tree_util import DictKey

from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.noise import GaussianNoise
from wellfit.layers.periodic import Periodic
from wellfit.native.plain import taken
from wellfit.native.scaled_rows import ScaledRows
from wellfit.networks.network import Network, label
from wellfit.training.objective import PENALISED
from wellfit.training.sparse import SparseBlock

MOST_LAYERS = 30
MOST_TABLES = 60  # of learnt vectors of categories
MOST_MIXTURES = 4
WIDEST = 2**16  # a layer or row
SCALED_AGAIN = 5  # passes over rows that are scaled each time they are gathered; for more a scaled copy is made
ACTIVATIONS = {
    "identity": 0, "linear": 0, "relu": 1, "sigmoid": 2, "tanh": 3, "leaky_relu": 4, "elu": 5, "selu": 6, "silu": 7,
    "swish": 7, "gelu": 8, "gelu_tanh": 9, "mish": 10, "softplus": 11,
}  # fmt: skip


class Unit(NamedTuple):
    """A dense layer and what follows it."""

    place: int  # in the network
    width: int
    activation: int = 0
    dropout: Any = None  # its rate
    stream: int = 0  # the dropout layer's place, of which its noise is a function


class Noise(NamedTuple):
    """What is done in training to what comes out of the entrance; each with the place of its layer."""

    deviation: Any = None  # of normal noise
    stream: int = 0
    rate: Any = None  # of dropout, after it
    dropout_stream: int = 0


def takes_network(network: Network, x: Any, dtype: Any) -> bool:
    """Whether the kernel can do what this network does with these rows, in numbers of this precision."""
    numbers, _ = blocks(network, x)
    if isinstance(numbers, SparseBlock):
        entrance = _entrance(network)
        known = numbers.values.dtype == dtype and (entrance is None or entrance.waves is None)
        return known and bool(units_of(network)) and _width(network, numbers.width) <= WIDEST
    known = isinstance(numbers, np.ndarray | ScaledRows) and numbers.ndim == 2 and numbers.dtype == dtype
    return known and bool(units_of(network)) and _width(network, numbers.shape[1]) <= WIDEST


def rows_as_read(network: Network, numbers: Any, passes: float) -> Any:
    """The block of numbers as the kernel reads it in so many passes: scaled once, or as rows are gathered."""
    if isinstance(numbers, ScaledRows):
        return numbers.whole if is_copied(network, numbers, passes) else numbers
    return numbers if isinstance(numbers, SparseBlock) else np.ascontiguousarray(numbers)


def is_copied(network: Network, numbers: ScaledRows, passes: float) -> bool:
    """Whether the kernel reads a scaled copy of them in so many passes."""
    entrance = _entrance(network)
    waves = entrance is not None and entrance.waves is not None
    lies = taken(numbers.x) and numbers.x.flags.c_contiguous
    return passes > SCALED_AGAIN or waves or not lies


def fields_of_rows(numbers: Any) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What a task says of a block ``as_read``: numbers, and arrays."""
    if isinstance(numbers, SparseBlock):
        arrays = {"x": numbers.values, "places": numbers.columns, "starts": numbers.starts}
        return {"columns": numbers.width}, arrays
    columns = {"columns": numbers.shape[1]}
    if not isinstance(numbers, ScaledRows):
        return columns, {"x": numbers}
    doubles, clip = numbers.x.dtype == np.float64, numbers.clip or 0.0
    arrays = {"x": numbers.x, "scaler_centre": numbers.centre, "scaler_factor": numbers.factor}
    return columns | {"x_doubles": doubles, "scaler_clip": clip}, arrays


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
    noise = noise_of(network)
    begins = int(_entrance_is_known(network)) + (noise.deviation is not None) + (noise.rate is not None)
    units: list[Unit] = []
    for place, layer in list(enumerate(network.layers))[begins:]:
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


def noise_of(network: Network) -> Noise:
    """The layers of noise right after the entrance, or first of all."""
    layers: Any = network.layers
    place, noise = int(_entrance_is_known(network)), Noise()
    if place < len(layers) and type(layers[place]) is GaussianNoise:
        noise = noise._replace(deviation=layers[place].std, stream=place)
        place += 1
    if place < len(layers) and type(layers[place]) is Dropout:
        noise = noise._replace(rate=layers[place].rate, dropout_stream=place)
    return noise


def _entrance(network: Network) -> Tabular | None:
    """The network's first layer, where it is a table's."""
    layers = network.layers
    return layers[0] if layers and type(layers[0]) is Tabular else None  # type: ignore[return-value]


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
    columns = itertools.count(2)
    each = [(unit.width, unit.activation, -1 if unit.dropout is None else next(columns), unit.stream) for unit in units]
    entrance = _entrance(network) or Tabular()
    waves, codes = entrance.waves or Periodic(()), entrance.codes or Embedding((), ())
    door = (len(waves.columns), waves.frequencies, waves.mixtures, len(codes.cardinalities))
    penalised = [int(label((DictKey(name),)) in PENALISED) for _, name in paths_of(network)]
    noise = noise_of(network)
    entering = [-1 if noise.deviation is None else next(columns), noise.stream]
    entering += [-1 if noise.rate is None else next(columns), noise.dropout_stream]
    tables = (*codes.cardinalities, *codes.widths)
    numbers = (len(units), *head, *np.ravel(each), *door, *waves.columns, *tables, *entering)
    return np.array([*numbers, *penalised], np.int32)
