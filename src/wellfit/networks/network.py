"""A network: a tuple of layers (static structure, traced numbers) beside a tuple of dicts (arrays)."""

import warnings
from itertools import pairwise
from typing import Any

import numpy as np

from wellfit.core.errors import WellfitWarning
from wellfit.core.spec import spec
from wellfit.core.types import Array, Shape, Tree
from wellfit.functions.initializers import units_stay_equal
from wellfit.layers import chain
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
        return chain.shapes(self.layers, shape, "network")

    def output_shape(self, shape: Shape | Any) -> Any:
        """The shape of one row's raw outputs."""
        return self.shapes(shape)[-1]

    def parameters(self, shape: Shape | Any) -> tuple[dict[str, Shape], ...]:
        """The shapes of the parameters, layer by layer, without making them."""
        return tuple(layer.parameters(before) for layer, before in zip(self.layers, self.shapes(shape), strict=False))

    @property
    def needs_rows(self) -> bool:
        """Whether some layer starts from training rows."""
        return any(layer.needs_rows for layer in self.layers)

    def init(self, rng: np.random.Generator, shape: Shape | Any, rows: Any = None) -> tuple[dict[str, Array], ...]:
        """Starting parameters, layer by layer; ``rows`` (some training rows) feed data-driven initializers."""
        params = chain.init(self.layers, self.shapes(shape), rng, rows)
        self._warn_of_symmetry(params)
        return tuple(params)

    def _warn_of_symmetry(self, params: list[dict[str, Array]]) -> None:
        """Say which layers' units start alike: they have the same gradients, and stay alike (theory E-14)."""
        weighted = [(index, own["weight"]) for index, own in enumerate(params) if "weight" in own]
        for (index, incoming), (_, outgoing) in pairwise(weighted):
            if units_stay_equal(incoming, outgoing):
                warnings.warn(
                    f"the {incoming.shape[1]} units of layer {index} ({type(self.layers[index]).__name__}) start with "
                    "equal weights and will stay equal, as one unit would; use a random initializer, such as "
                    "'glorot_uniform'.",
                    WellfitWarning,
                    stacklevel=4,
                )

    def statistics(self, shape: Shape | Any) -> tuple[dict[str, Array], ...]:
        """Starting statistics, layer by layer (empty for layers that keep none)."""
        return tuple(layer.statistics(before) for layer, before in zip(self.layers, self.shapes(shape), strict=False))

    def apply(self, params: Tree, statistics: Tree, x: Any, context: Context | None = None) -> tuple[Array, Tree]:
        """Raw outputs (B, outputs) for a batch, and the statistics to keep."""
        z, kept = chain.apply(self.layers, params, statistics, x, context or Context())
        return z, tuple(kept)


def check_outputs(network: Network, shape: Shape | Any, outputs: int) -> None:
    """Refuse a network whose last layer does not give the raw outputs that a family needs, for rows of this shape."""
    found = network.output_shape(shape)
    if found != (outputs,) and (len(found) != 2 or found[-1] != outputs):  # (k, outputs): k networks in one
        raise ValueError(
            f"the network's last layer gives rows of shape {found}, but the family needs ({outputs},) raw outputs; "
            f"end it with Dense({outputs})."
        )


def check_trainable(network: Network, shape: Shape | Any) -> None:
    """Refuse a network in which layers would have to learn through one whose slope is 0."""
    chain.check_trainable(network.layers, network.shapes(shape), "network")


def label(path: tuple) -> str:
    """The label of a parameter from its path in the tree: weight, bias, scale, embedding."""
    return str(path[-1].key).rstrip("0123456789")
