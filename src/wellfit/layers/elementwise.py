"""Activations as layers: one function applied to every element."""

from wellfit.core.names import look_up
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.layers.base import Context, Layer


@spec
class Activation(Layer):
    """h = f(z), element by element, with f named in ``wellfit.functions.activations``."""

    name: str = static(default="relu")

    def __post_init__(self) -> None:
        look_up(self.name, ACTIVATIONS, "activation")

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        return ACTIVATIONS[self.name](x), statistics
