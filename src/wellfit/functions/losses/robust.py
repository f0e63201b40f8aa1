"""Classification losses that are not the log loss, of s, the LOG ODDS of the true class.

Of two classes s is the raw output or its negative, of several z_t - log Σ_{k ≠ t} e^{z_k} (``true_log_odds``): p = σ(s)
is then the true class's probability and 1 - p = σ(-s), both to full relative precision.
"""

import math
from typing import Any

from wellfit.core.types import Array
from wellfit.functions.links import log_softmax, sigmoid
from wellfit.functions.numerics import like, log_sum_exp, namespace, softplus


def true_log_odds(z: Array, y: Array) -> Array:
    """log p_t - log(1 - p_t) = z_t - log Σ_{k ≠ t} e^{z_k}, (n, k) and classes (n,) -> (n,).

    >>> import numpy as np
    >>> true_log_odds(np.array([[0.0, 3.0], [700.0, 0.0]]), np.array([1, 0]))
    array([  3., 700.])
    """
    xp = namespace(z, y)
    own = xp.arange(z.shape[-1]) == y[:, None]
    others = xp.where(own, -math.inf, z)
    return xp.sum(xp.where(own, z, 0), axis=-1) - log_sum_exp(others)


def focal(log_odds: Array, gamma: Any, alpha: Any = None) -> Array:
    """-α (1 - p)^γ log p, elementwise (Lin et al. 2017; theory C-120, G-25); γ = 0 is cross-entropy.

    It is at most cross-entropy: it shrinks the loss of easy rows and raises none (E-31). ``alpha`` is the weight of
    each row's class, or None.

    >>> import numpy as np
    >>> focal(np.array([0.0]), 2.0).round(6)
    array([0.173287])
    """
    loss = namespace(log_odds).exp(-like(gamma, log_odds) * softplus(log_odds)) * softplus(-log_odds)
    return loss if alpha is None else like(alpha, log_odds) * loss


def generalized_cross_entropy(log_odds: Array, q: Any) -> Array:
    """(1 - p^q) / q for 0 < q ≤ 1, elementwise (Zhang and Sabuncu 2018).

    Cross-entropy as q -> 0, half the L1 loss for q = 1. Its gradient is p^q times that of cross-entropy, so rows that
    the network finds improbable, as wrong labels are, weigh less.

    >>> import numpy as np
    >>> generalized_cross_entropy(np.array([0.0]), 1.0)
    array([0.5])
    """
    q = like(q, log_odds)
    return -namespace(log_odds).expm1(-q * softplus(-log_odds)) / q


def probability_error(log_odds: Array) -> Array:
    """Σ_k |1[k = t] - p_k| = 2 (1 - p), elementwise: L1 on probabilities, twice the expected error rate (C-122, E-104).

    Robust to wrong labels and slow to learn: its gradient vanishes as p -> 0 (G-26; Ghosh et al. 2017).

    >>> import numpy as np
    >>> probability_error(np.array([0.0]))
    array([1.])
    """
    return 2 * sigmoid(-log_odds)


def focal_log_weight(log_odds: Array, gamma: Any) -> Array:
    """log p - γ log(1 - p) - log(1 + γ r), r = -log(p) p / (1 - p): the log of what p stands for under focal loss.

    The focal loss of a class that holds with probability η is least where η is proportional to this over the classes
    (Charoenphakdee et al. 2021): normalised, it turns focal's timid p into honest probabilities.
    """
    xp, gamma = namespace(log_odds), like(gamma, log_odds)
    s = xp.clip(log_odds, -30, 30)  # beyond, r is 1 or 0 to the last digit
    ratio = softplus(-s) * xp.exp(s)
    return -softplus(-log_odds) + gamma * softplus(log_odds) - xp.log1p(gamma * ratio)


def log_odds(z: Array) -> Array:
    """log p_k - log(1 - p_k) of every class for p = softmax(z), (n, k) -> (n, k), where p rounds to 1 too.

    >>> import numpy as np
    >>> log_odds(np.array([[0.0, 3.0], [700.0, 0.0]]))
    array([[  -3.,    3.],
           [ 700., -700.]])
    """
    xp = namespace(z)
    logs = log_softmax(z)
    top = xp.arange(z.shape[-1]) == xp.argmax(z, axis=-1)[..., None]
    below = logs - xp.log1p(-xp.exp(xp.where(top, -1, logs)))  # p ≤ ½ for all but the largest
    rest = log_sum_exp(xp.where(top, -math.inf, z))
    return xp.where(top, z - rest[..., None], below)
