"""Rows of any shape to rows of numbers."""

import math

from wellfit.core.spec import spec
from wellfit.core.types import Array, Shape
from wellfit.layers.base import Context, Layer


@spec
class Flatten(Layer):
    """(B, *shape) -> (B, product of the shape), the last axis fastest: an image of 28 x 28 pixels is 784 numbers.

    >>> Flatten().output_shape((28, 28)), Flatten().output_shape((16, 32, 32))
    ((784,), (16384,))
    """

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        return x.reshape(len(x), math.prod(x.shape[1:])), statistics
