"""The neuron of McCulloch and Pitts, and logic built of it.

Inputs and outputs are 0 or 1, weights and thresholds are chosen, not learnt. One such neuron draws one straight line
(theory C-001, C-004): AND, OR and NOT are one each, XOR takes two layers.
"""

from typing import Any

import numpy as np

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace


def mcculloch_pitts(x: Array, weights: Array, threshold: Any, inhibitory: Array | None = None) -> Array:
    """1 where Σ_i w_i x_i >= θ and nothing inhibits, else 0: (..., d) and (d,) -> (...).

    ``inhibitory`` (..., m) are inputs of which any that is 1 keeps the neuron silent, whatever the sum. The threshold
    is to be REACHED, as in 1943; the perceptron's must be exceeded (theory C-001, C-002).

    Raises
    ------
    ValueError
        For inputs other than 0 and 1.

    References
    ----------
    McCulloch and Pitts (1943), "A logical calculus of the ideas immanent in nervous activity".

    Examples
    --------
    >>> mcculloch_pitts(np.array([[0, 1], [1, 1]]), np.array([1, 1]), 2)
    array([0., 1.])
    >>> mcculloch_pitts(np.array([1, 1]), np.array([1, 1]), 2, inhibitory=np.array([1]))
    array(0.)
    """
    xp = namespace(x, weights)
    _check_binary(x, "x")
    fires = xp.sum(x * weights, axis=-1) >= threshold
    if inhibitory is not None:
        _check_binary(inhibitory, "inhibitory")
        fires = fires & ~xp.any(inhibitory == 1, axis=-1)
    return xp.where(fires, 1.0, 0.0)


def logic_and(x: Array) -> Array:
    """Whether all inputs are 1, (..., d) -> (...): weights 1, threshold d.

    >>> logic_and(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    array([0., 0., 0., 1.])
    """
    return mcculloch_pitts(x, np.ones(x.shape[-1]), x.shape[-1])


def logic_or(x: Array) -> Array:
    """Whether any input is 1, (..., d) -> (...): weights 1, threshold 1.

    >>> logic_or(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    array([0., 1., 1., 1.])
    """
    return mcculloch_pitts(x, np.ones(x.shape[-1]), 1)


def logic_not(x: Array) -> Array:
    """1 for 0 and 0 for 1, elementwise: nothing excites, the input inhibits, threshold 0.

    >>> logic_not(np.array([0, 1]))
    array([1., 0.])
    """
    return mcculloch_pitts(x[..., None] * 0, np.ones(1), 0, inhibitory=x[..., None])


def logic_xor(x: Array) -> Array:
    """Whether exactly one of two inputs is 1, (..., 2) -> (...): OR, but not AND; no single neuron can (theory C-004).

    >>> logic_xor(np.array([[0, 0], [0, 1], [1, 0], [1, 1]]))
    array([0., 1., 1., 0.])
    """
    return mcculloch_pitts(logic_or(x)[..., None], np.ones(1), 1, inhibitory=logic_and(x)[..., None])


def _check_binary(x: Array, name: str) -> None:
    """Refuse numbers other than 0 and 1; inside a compiled program values are not known and pass."""
    if isinstance(x, np.ndarray) and not np.isin(x, (0, 1)).all():
        wrong = x[~np.isin(x, (0, 1))].flat[0]
        raise ValueError(
            f"{name} of a McCulloch-Pitts neuron must hold only 0 and 1, got {wrong:g}; threshold it first."
        )
