"""What a layer's numbers say of its health: units that are dead, units that are saturated, slopes that vanish.

They take what ``wellfit.trace`` shows: inputs z (n, units) of an activation, and deltas ∂J/∂z of every layer.
"""

import numpy as np

from wellfit.core.types import Array
from wellfit.functions.activations.table import ActivationFunction

SATURATED = 0.01
"""A slope below this share of the slope at 0 teaches next to nothing."""


def dead_units(z: Array, f: ActivationFunction) -> np.ndarray:
    """Whether a unit's slope is 0 in every row, so that nothing before it learns through it: (n, units) -> (units,).

    A relu unit dies where its input is below 0 in all rows (Lu et al. 2020); leaky relu, elu and swish cannot.

    >>> from wellfit.functions.activations.table import ACTIVATIONS
    >>> z = np.array([[-1.0, 2.0], [-3.0, -4.0]])
    >>> dead_units(z, ACTIVATIONS["relu"]), dead_units(z, ACTIVATIONS["leaky_relu"])
    (array([ True, False]), array([False, False]))
    """
    return ~np.any(f.derivative(np.asarray(z)) != 0, axis=0)


def saturated_share(z: Array, f: ActivationFunction) -> np.ndarray:
    """The share of rows in which a squashing unit is flat: its slope under 1 % of that at 0: (n, units) -> (units,).

    >>> from wellfit.functions.activations.table import ACTIVATIONS
    >>> saturated_share(np.array([[0.1, 5.0], [-0.1, -0.2]]), ACTIVATIONS["tanh"])
    array([0. , 0.5])
    """
    z = np.asarray(z)
    return np.mean(np.abs(f.derivative(z)) < SATURATED * abs(f.derivative(np.zeros(1)))[0], axis=0)


def gradient_flow(deltas: list[Array]) -> np.ndarray:
    """The size of each layer's delta in units of the last one's, first layer first: (L,).

    Numbers that fall towards the first layer are vanishing gradients, numbers that grow exploding ones.

    >>> gradient_flow([np.array([[0.3]]), np.array([[3.0]])])
    array([0.1, 1. ])
    """
    sizes = np.array([np.sqrt(np.sum(np.square(delta))) for delta in deltas])
    return sizes / sizes[-1]
