"""The dense (fully connected, affine) layer."""

from typing import Any

import numpy as np

from wellfit.core.sizes import check_sizes
from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Shape
from wellfit.functions.initializers import LSUV, initialize
from wellfit.functions.products import product
from wellfit.layers.base import Context, Layer


@spec
class Dense(Layer):
    """z = x W + b for rows x (B, d), W (d, width), b (width,).

    Parameters
    ----------
    width : int
        Number of units.
    weights_init : str
        Name of the initializer of W (``wellfit.functions.initializers``); b starts at 0.
    bias : bool
        Whether there is a b.
    gain : number or None
        Factor of the starting weights; None is the initializer's own.
    """

    width: int = static()
    weights_init: str = static(default="he_uniform")
    bias: bool = static(default=True)
    gain: Any = None

    def __post_init__(self) -> None:
        check_sizes("Dense", width=self.width)

    @property
    def needs_rows(self) -> bool:
        """Whether ``init`` starts from training rows."""
        return self.weights_init == LSUV

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(
                f"a dense layer needs rows of one axis (features,), got shape {shape}; flatten them first."
            )
        return (self.width,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        weight = {"weight": (*shape, self.width)}
        return {**weight, "bias": (self.width,)} if self.bias else weight

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        (d,) = shape
        size = (d, self.width)
        weight = initialize(self.weights_init, rng, size, fan_in=d, fan_out=self.width, gain=self.gain, rows=rows)
        params = {"weight": weight}
        if self.bias:
            params["bias"] = np.zeros(self.width)
        return params

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        z = product(x, params["weight"], context.matmul_precision)
        return (z + params["bias"] if self.bias else z), statistics
