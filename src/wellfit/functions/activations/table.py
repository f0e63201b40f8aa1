"""The table of activations by name."""

from collections.abc import Callable

from wellfit.core.types import Array
from wellfit.functions.activations.rectifiers import elu, leaky_relu, relu, selu
from wellfit.functions.activations.sigmoids import identity, sigmoid, tanh
from wellfit.functions.activations.smooth import gelu, silu, softplus

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "identity": identity,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "selu": selu,
    "gelu": gelu,
    "silu": silu,
    "swish": silu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "softplus": softplus,
}
