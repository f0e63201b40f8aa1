"""Threshold units: the step as a layer, which gradients cannot see through."""

from typing import Any

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.functions.activations.hard import step
from wellfit.functions.numerics import stop_gradient
from wellfit.layers.base import Context, Layer


@spec
class Threshold(Layer):
    """h = 1 for z > θ, else 0, element by element: (B, *shape) -> (B, *shape).

    The slope of a step is 0 wherever there is one: layers before it get no gradient, and a network in which some would
    have to learn is refused for training. The perceptron rule (``wellfit.Perceptron``) trains a single unit; with
    ``straight_through`` the gradient is passed on as if h were z, which is not the gradient of anything but often
    points downhill.

    Parameters
    ----------
    threshold : number
        θ, to be exceeded (theory C-002, C-071).
    straight_through : bool
        Whether training takes the slope for 1 (Bengio, Léonard and Courville 2013).

    Examples
    --------
    >>> import numpy as np
    >>> Threshold(1.5).apply({}, {}, np.array([[1.1, 1.6]]), Context())[0]  # N-14, N-15
    array([[0., 1.]])
    """

    threshold: Any = 0.0
    straight_through: bool = static(default=False)

    @property
    def flat(self) -> bool:
        """Whether layers before it cannot learn: unless gradients are passed straight through."""
        return not self.straight_through

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        h = step(x, self.threshold)
        if self.straight_through:
            h = h + (x - stop_gradient(x))  # exactly h: the bracket is 0
        return h, statistics
