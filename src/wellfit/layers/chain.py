"""Layers one after another: what a network and a residual block have in common.

Parameters and statistics are sequences with one entry for each layer.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wellfit.core.types import Array, Shape, Tree
from wellfit.layers.base import Context, Layer


def shapes(layers: Sequence[Layer], shape: Shape | Any, place: str) -> list[Any]:
    """The shape of a row before each layer and after the last; errors name the layer and the ``place`` it is in."""
    found = [shape]
    for index, layer in enumerate(layers):
        try:
            found.append(layer.output_shape(found[-1]))
        except ValueError as error:
            raise ValueError(f"layer {index} ({type(layer).__name__}) of the {place}: {error}") from None
    return found


def init(
    layers: Sequence[Layer], befores: Sequence[Any], rng: np.random.Generator, rows: Any = None
) -> list[dict[str, Any]]:
    """Starting parameters for rows of the shapes ``befores``; ``rows`` pass through the layers made so far."""
    params = []
    for layer, before in zip(layers, befores, strict=False):
        params.append(layer.init(rng, before, rows))
        if rows is not None:
            rows, _ = layer.apply(params[-1], layer.statistics(before), rows, Context())
    return params


def apply(
    layers: Sequence[Layer], params: Sequence[Tree], statistics: Sequence[Tree], x: Any, context: Context
) -> tuple[Array, list[Tree]]:
    """The last layer's output for a batch, and the statistics to keep; every layer has its own stream of noise."""
    kept = []
    for index, layer in enumerate(layers):
        x, new = layer.apply(params[index], statistics[index], x, context.at_layer(index))
        kept.append(new)
    return x, kept


def check_trainable(layers: Sequence[Layer], befores: Sequence[Any], place: str) -> None:
    """Refuse layers of which some would have to learn through one whose slope is 0."""
    learning = False
    for index, (layer, before) in enumerate(zip(layers, befores, strict=False)):
        if layer.flat and learning:
            raise ValueError(
                f"layer {index} ({type(layer).__name__}) of the {place} has slope 0 wherever it has one, so the layers "
                "before it cannot learn by gradients; use Threshold(straight_through=True), an activation such as "
                "'sigmoid', or wellfit.Perceptron for a single unit."
            )
        learning = learning or bool(layer.parameters(before))
        layer.check_trainable(before)
