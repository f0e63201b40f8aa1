"""A network: a tuple of layers (static structure, traced numbers) beside a tuple of dicts (arrays)."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec
from wellfit.core.types import Array, Shape, Tree
from wellfit.layers.base import Context, Layer


@spec
class Network:
    """Layers in order; the output of each is the input of the next, the last one's the raw outputs z.

    >>> from wellfit.layers.dense import Dense
    >>> network = Network((Dense(3), Dense(2)))
    >>> network.output_shape((4,))
    (2,)
    >>> params = network.init(np.random.default_rng(0), (4,))
    >>> z, statistics = network.apply(params, network.statistics((4,)), np.ones((5, 4)))
    >>> z.shape
    (5, 2)
    """

    layers: tuple[Layer, ...] = ()

    def shapes(self, shape: Shape | Any) -> list[Any]:
        """The shape of a row before each layer and after the last; errors name the layer."""
        shapes = [shape]
        for index, layer in enumerate(self.layers):
            try:
                shapes.append(layer.output_shape(shapes[-1]))
            except ValueError as error:
                raise ValueError(f"layer {index} ({type(layer).__name__}) of the network: {error}") from None
        return shapes

    def output_shape(self, shape: Shape | Any) -> Any:
        """The shape of one row's raw outputs."""
        return self.shapes(shape)[-1]

    def parameters(self, shape: Shape | Any) -> tuple[dict[str, Shape], ...]:
        """The shapes of the parameters, layer by layer, without making them."""
        return tuple(layer.parameters(before) for layer, before in zip(self.layers, self.shapes(shape), strict=False))

    def init(self, rng: np.random.Generator, shape: Shape | Any, rows: Any = None) -> tuple[dict[str, Array], ...]:
        """Starting parameters, layer by layer; ``rows`` (some training rows) feed data-driven initializers."""
        params = []
        for layer, before in zip(self.layers, self.shapes(shape), strict=False):
            params.append(layer.init(rng, before, rows))
            if rows is not None:
                rows, _ = layer.apply(params[-1], layer.statistics(before), rows, Context())
        return tuple(params)

    def statistics(self, shape: Shape | Any) -> tuple[dict[str, Array], ...]:
        """Starting statistics, layer by layer (empty for layers that keep none)."""
        return tuple(layer.statistics(before) for layer, before in zip(self.layers, self.shapes(shape), strict=False))

    def apply(self, params: Tree, statistics: Tree, x: Any, context: Context | None = None) -> tuple[Array, Tree]:
        """Raw outputs (B, outputs) for a batch, and the statistics to keep."""
        context = context or Context()
        kept = []
        for index, layer in enumerate(self.layers):
            x, new = layer.apply(params[index], statistics[index], x, context.at_layer(index))
            kept.append(new)
        return x, tuple(kept)


def check_outputs(network: Network, shape: Shape | Any, outputs: int) -> None:
    """Refuse a network whose last layer does not give the raw outputs that a family needs, for rows of this shape."""
    found = network.output_shape(shape)
    if found != (outputs,) and (len(found) != 2 or found[-1] != outputs):  # (k, outputs): k networks in one
        raise ValueError(
            f"the network's last layer gives rows of shape {found}, but the family needs ({outputs},) raw outputs; "
            f"end it with Dense({outputs})."
        )


def label(path: tuple) -> str:
    """The label of a parameter from its path in the tree: weight, bias, scale, embedding."""
    return str(path[-1].key).rstrip("0123456789")
