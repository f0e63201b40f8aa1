"""Residual blocks: layers that learn what to add to their input."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec
from wellfit.core.types import Array, Shape
from wellfit.functions.initializers import initialize
from wellfit.functions.products import product
from wellfit.layers import chain
from wellfit.layers.base import Context, Layer


@spec
class Residual(Layer):
    """h = x + f(x), f the layers in order; h = x P + f(x) with a learnt projection P where their widths differ.

    The gradient has a way around f, which is why networks of many such blocks can be trained.

    Parameters
    ----------
    layers : tuple of Layer
        f. Its output may differ from its input in the last axis only.

    References
    ----------
    He, Zhang, Ren and Sun (2016).

    Examples
    --------
    >>> from wellfit.layers.dense import Dense
    >>> block = Residual((Dense(8), Dense(4)))
    >>> block.output_shape((4,)), sorted(block.parameters((4,))), sorted(Residual((Dense(8),)).parameters((4,)))
    ((4,), ['layer0', 'layer1'], ['layer0', 'projection'])
    """

    layers: tuple[Layer, ...] = ()

    @property
    def needs_rows(self) -> bool:
        """Whether one of the layers starts from training rows."""
        return any(layer.needs_rows for layer in self.layers)

    def _shapes(self, shape: Shape) -> list[Any]:
        shapes = chain.shapes(self.layers, shape, "residual block")
        if shapes[-1][:-1] != shape[:-1]:
            raise ValueError(
                f"a residual block adds its input to its output, and rows of shape {shape} became {shapes[-1]}; only "
                "the last axis may differ."
            )
        return shapes

    def output_shape(self, shape: Shape) -> Shape:
        return self._shapes(shape)[-1]

    def parameters(self, shape: Shape) -> dict[str, Any]:
        shapes = self._shapes(shape)
        found: dict[str, Any] = {
            f"layer{index}": layer.parameters(before)
            for index, (layer, before) in enumerate(zip(self.layers, shapes, strict=False))
        }
        if shapes[-1] != shape:
            found["projection"] = {"weight": (shape[-1], shapes[-1][-1])}
        return found

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Any]:
        shapes = self._shapes(shape)
        params = _named(chain.init(self.layers, shapes, rng, rows))
        if shapes[-1] != shape:
            size = (shape[-1], shapes[-1][-1])
            params["projection"] = {"weight": initialize("glorot_uniform", rng, size, fan_in=size[0], fan_out=size[1])}
        return params

    def statistics(self, shape: Shape) -> dict[str, Any]:
        shapes = self._shapes(shape)
        return _named([layer.statistics(before) for layer, before in zip(self.layers, shapes, strict=False)])

    def check_trainable(self, shape: Shape) -> None:
        chain.check_trainable(self.layers, self._shapes(shape), "residual block")

    def apply(self, params: dict[str, Any], statistics: dict[str, Any], x: Array, context: Context) -> tuple:
        names = [f"layer{index}" for index in range(len(self.layers))]
        own, kept = [params[name] for name in names], [statistics[name] for name in names]
        change, kept = chain.apply(self.layers, own, kept, x, context)
        same = x
        if "projection" in params:
            same = product(x, params["projection"]["weight"], context.matmul_precision)
        return same + change, _named(kept)


def _named(values: list[Any]) -> dict[str, Any]:
    """Dicts and not tuples: their keys are in model files, which know no tuples of arrays."""
    return {f"layer{index}": value for index, value in enumerate(values)}
