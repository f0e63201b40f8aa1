"""Losses of classes from raw outputs: the negative log-likelihood in nats, never through a probability.

Sources: theory C-106 to C-109, C-112 to C-114, C-121. scikit-learn's ``log_loss`` takes probabilities, and clips
them; these take raw outputs, and need not.
"""

from typing import Any

from wellfit.core.types import Array
from wellfit.functions.links import log_softmax
from wellfit.functions.losses.series import relative_entropy_term
from wellfit.functions.numerics import like, namespace, softplus


def binary_cross_entropy(z: Array, y: Array) -> Array:
    """softplus(z) - y z, elementwise: -y log σ(z) - (1 - y) log(1 - σ(z)), for y in [0, 1] (C-106).

    >>> import numpy as np
    >>> binary_cross_entropy(np.array([0.0]), np.array([1.0])).round(6)
    array([0.693147])
    """
    # softplus(z) - y z would cancel for a confident, right answer: log(1 + e^80) - 80.
    return y * softplus(-z) + (1 - y) * softplus(z)


def cross_entropy(z: Array, y: Array, smoothing: Any = None) -> Array:
    """-Σ_k t_k log softmax(z)_k, (n, k) and y -> (n,): y is class indices (n,) or probabilities t (n, k).

    With ``smoothing`` ε the target is (1 - ε) t + ε / k (C-107 to C-109, C-121).

    >>> import numpy as np
    >>> z = np.array([[2.1, 0.1, -1.0], [1.0, 3.0, 0.2]])
    >>> cross_entropy(z, np.array([0, 1])).round(6)
    array([0.16584 , 0.179104])
    """
    xp = namespace(z, y)
    logs = log_softmax(z)
    if y.ndim == 2:
        loss = -xp.sum(y * logs, axis=-1)
    else:
        # A comparison and not a gather: its gradient is a selection, where a gather's is a slow scatter.
        loss = -xp.sum(xp.where(xp.arange(z.shape[-1]) == y[:, None], logs, 0), axis=-1)
    if smoothing is None:
        return loss
    epsilon = like(smoothing, z)
    return (1 - epsilon) * loss - epsilon * xp.mean(logs, axis=-1)


def smooth(target: Array, smoothing: Any, k: int) -> Array:
    """Label smoothing, (1 - ε) t + ε / k for ε = ``smoothing`` and k classes (C-121; Szegedy et al. 2016).

    >>> import numpy as np
    >>> smooth(np.array([0.0, 1.0]), 0.1, 2)
    array([0.05, 0.95])
    """
    epsilon = like(smoothing, target)
    return (1 - epsilon) * target + epsilon / k


def kl_loss(z: Array, t: Array) -> Array:
    """KL(t || softmax(z)), (n, k) twice -> (n,): cross-entropy less the target's entropy, at least 0 (C-112, C-147).

    The gradient is that of cross-entropy, softmax(z) - t (G-28); for one-hot targets the values coincide too.

    >>> import numpy as np
    >>> abs(kl_loss(np.log([[0.9, 0.1]]), np.array([[0.9, 0.1]])).round(12))
    array([0.])
    """
    xp = namespace(z, t)
    logs = log_softmax(z)
    there = t > 0
    log_ratio = xp.where(there, logs - xp.log(xp.where(there, t, 1)), 0)
    q = xp.exp(logs)
    return xp.sum(xp.where(there, relative_entropy_term(t, q, log_ratio), q), axis=-1)
