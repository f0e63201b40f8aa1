"""The loss of ordered classes: cumulative logits (McCullagh 1980) whose order cannot be broken."""

from wellfit.core.types import Array
from wellfit.functions.links import log_sigmoid
from wellfit.functions.numerics import namespace, softplus


def thresholds(z: Array) -> Array:
    """θ_1 = -z_1 and θ_j = θ_{j-1} + softplus(z_j), rising along the last axis: (..., k - 1) -> (..., k - 1)."""
    xp = namespace(z)
    return xp.cumsum(xp.concatenate([-z[..., :1], softplus(z[..., 1:])], axis=-1), axis=-1)


def cumulative_log_probabilities(z: Array) -> Array:
    """log P(y = j) for P(y ≤ j) = σ(θ_j): (..., k - 1) raw outputs -> (..., k) log probabilities.

    A middle class has log σ(θ_j) + log σ(-θ_{j-1}) + log σ(z_j): the difference σ(θ_j) - σ(θ_{j-1}), factored so that
    nothing cancels (1 - e^-softplus(z) is σ(z)).

    >>> import numpy as np
    >>> np.exp(cumulative_log_probabilities(np.zeros((1, 2)))).round(4)
    array([[0.5   , 0.1667, 0.3333]])
    """
    xp = namespace(z)
    theta = thresholds(z)
    middle = log_sigmoid(theta[..., 1:]) + log_sigmoid(-theta[..., :-1]) + log_sigmoid(z[..., 1:])
    return xp.concatenate([log_sigmoid(theta[..., :1]), middle, log_sigmoid(-theta[..., -1:])], axis=-1)
