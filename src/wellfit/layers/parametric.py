"""Activations with a parameter that is learnt: the slope of relu's left half, the β of swish."""

from collections.abc import Callable
from typing import Any

import numpy as np

from wellfit.core.names import look_up
from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Shape
from wellfit.functions.activations.rectifiers import leaky_relu
from wellfit.functions.activations.smooth import swish
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.layers.base import Context, Layer
from wellfit.layers.elementwise import Activation


class LearntSlope(Layer):
    """A number for each unit, or one for the layer where it is ``shared``, learnt from ``start``."""

    start: Any
    shared: bool

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"slope": (1,) if self.shared else shape[-1:]}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        return {"slope": np.full(self.parameters(shape)["slope"], float(self.start))}


@spec
class ParametricRelu(LearntSlope):
    """h = x for x >= 0, a x below, with a learnt: (B, *shape, units) -> the same shape.

    Source: He et al. 2015; theory C-076, G-07. The slope is no weight: neither decay nor priors pull it to 0, where it
    would be plain relu.

    Parameters
    ----------
    start : number
        Where every slope begins; 0.25 is the paper's and torch's, Keras begins at 0.
    shared : bool
        One slope for the layer; else one for each unit (of images: for each channel, the last axis).

    >>> layer = ParametricRelu(start=0.5)
    >>> params = layer.init(np.random.default_rng(0), (2,))
    >>> layer.apply(params, {}, np.array([[-2.0, 4.0]]), Context())[0]
    array([[-1.,  4.]])
    """

    start: Any = 0.25
    shared: bool = static(default=False)

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        return leaky_relu(x, params["slope"]), statistics


@spec
class LearntSwish(LearntSlope):
    """h = x σ(β x) with β learnt: (B, *shape, units) -> the same shape (Ramachandran et al. 2017; theory C-078).

    Parameters
    ----------
    start : number
        Where every β begins; 1 is silu.
    shared : bool
        One β for the layer; else one for each unit (of images: for each channel, the last axis).
    """

    start: Any = 1.0
    shared: bool = static(default=False)

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        return swish(x, params["slope"]), statistics


LEARNT: dict[str, Callable[[], Layer]] = {
    "prelu": ParametricRelu,
    "shared_prelu": lambda: ParametricRelu(shared=True),
    "learnt_swish": LearntSwish,
    "shared_learnt_swish": lambda: LearntSwish(shared=True),
}
"""Activations that are layers with parameters, by name; those without parameters are in ``ACTIVATIONS``."""

ACTIVATION_NAMES = (*ACTIVATIONS, *LEARNT)


def activation_layer(name: str) -> Layer:
    """The layer for an activation's name, of those with parameters too.

    >>> activation_layer("tanh"), activation_layer("shared_prelu")
    (Activation(name='tanh'), ParametricRelu(start=0.25, shared=True))
    """
    look_up(name, dict.fromkeys(ACTIVATION_NAMES), "activation")
    return LEARNT[name]() if name in LEARNT else Activation(name)
