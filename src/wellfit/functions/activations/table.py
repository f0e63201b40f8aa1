"""The table of activations by name, with what is known of each as data: derivative, range, monotonicity, kinks."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from wellfit.core.types import Array
from wellfit.functions.activations import hard, rectifiers, rows, sigmoids, smooth

INFINITY = math.inf


@dataclass(frozen=True)
class ActivationFunction:
    """An activation h = f(z) and what is known of it; called, it computes f.

    Attributes
    ----------
    function, derivative : functions of an array
        The derivative is the one that training uses, at kinks too; of whole rows the Jacobian (..., k, k).
    lowest, highest : float
        The infimum and the supremum of f, reached or not.
    monotone : bool
        Whether f never falls; of whole rows, whether each output never falls with its own input.
    kinks : tuple of float
        Where the derivative jumps (the step: where f does).
    elementwise : bool
        Whether each output depends on one input; if not, on those of its row.
    flat : bool
        Whether the derivative is 0 wherever there is one: layers before it then cannot learn.

    >>> import numpy as np
    >>> f = ACTIVATIONS["hard_tanh"]
    >>> f(np.array([-2.0, 0.5])), f.derivative(np.array([-2.0, 0.5])), (f.lowest, f.highest)
    (array([-1. ,  0.5]), array([0., 1.]), (-1.0, 1.0))
    """

    function: Callable[[Array], Array]
    derivative: Callable[[Array], Array]
    lowest: float = -INFINITY
    highest: float = INFINITY
    monotone: bool = True
    kinks: tuple[float, ...] = ()
    elementwise: bool = True
    flat: bool = False

    def __call__(self, x: Array) -> Array:
        return self.function(x)

    @property
    def bounded(self) -> bool:
        """Whether it squashes: every output lies between two numbers (theory C-086)."""
        return math.isfinite(self.lowest) and math.isfinite(self.highest)


SILU = ActivationFunction(smooth.silu, smooth.silu_derivative, lowest=-0.27846454276107380, monotone=False)

ACTIVATIONS: dict[str, ActivationFunction] = {
    "identity": ActivationFunction(sigmoids.identity, sigmoids.identity_derivative),
    "linear": ActivationFunction(sigmoids.linear, sigmoids.linear_derivative),
    "relu": ActivationFunction(rectifiers.relu, rectifiers.relu_derivative, lowest=0.0, kinks=(0.0,)),
    "leaky_relu": ActivationFunction(rectifiers.leaky_relu, rectifiers.leaky_relu_derivative, kinks=(0.0,)),
    "elu": ActivationFunction(rectifiers.elu, rectifiers.elu_derivative, lowest=-1.0),
    "selu": ActivationFunction(
        rectifiers.selu,
        rectifiers.selu_derivative,
        lowest=-rectifiers.SELU_SCALE * rectifiers.SELU_ALPHA,
        kinks=(0.0,),
    ),
    "celu": ActivationFunction(rectifiers.celu, rectifiers.celu_derivative, lowest=-1.0),
    "gelu": ActivationFunction(smooth.gelu, smooth.gelu_derivative, lowest=-0.16997120747990366, monotone=False),
    "gelu_tanh": ActivationFunction(
        smooth.gelu_tanh, smooth.gelu_tanh_derivative, lowest=-0.17004075057125405, monotone=False
    ),
    "silu": SILU,
    "swish": SILU,
    "hard_swish": ActivationFunction(
        hard.hard_swish, hard.hard_swish_derivative, lowest=-0.375, monotone=False, kinks=(-3.0, 3.0)
    ),
    "mish": ActivationFunction(smooth.mish, smooth.mish_derivative, lowest=-0.30884341301725041, monotone=False),
    "softplus": ActivationFunction(smooth.softplus, smooth.softplus_derivative, lowest=0.0),
    "sigmoid": ActivationFunction(sigmoids.sigmoid, sigmoids.sigmoid_derivative, lowest=0.0, highest=1.0),
    "hard_sigmoid": ActivationFunction(
        hard.hard_sigmoid, hard.hard_sigmoid_derivative, lowest=0.0, highest=1.0, kinks=(-3.0, 3.0)
    ),
    "tanh": ActivationFunction(sigmoids.tanh, sigmoids.tanh_derivative, lowest=-1.0, highest=1.0),
    "hard_tanh": ActivationFunction(
        hard.hard_tanh, hard.hard_tanh_derivative, lowest=-1.0, highest=1.0, kinks=(-1.0, 1.0)
    ),
    "softsign": ActivationFunction(sigmoids.softsign, sigmoids.softsign_derivative, lowest=-1.0, highest=1.0),
    "step": ActivationFunction(hard.step, hard.step_derivative, lowest=0.0, highest=1.0, kinks=(0.0,), flat=True),
    "softmax": ActivationFunction(rows.softmax, rows.softmax_derivative, lowest=0.0, highest=1.0, elementwise=False),
    "log_softmax": ActivationFunction(rows.log_softmax, rows.log_softmax_derivative, highest=0.0, elementwise=False),
}
