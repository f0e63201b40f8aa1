"""Losses of margins: what a classifier pays for not being right by enough.

A margin m is y f for y in {-1, +1} and a raw output f; of several classes it is z_t - z_k, the true class's raw output
less another's, and every loss of a margin becomes one of classes by ``weston_watkins`` or ``crammer_singer``. They are
no likelihoods: what probability a margin means is said by each family that uses them.
"""

from collections.abc import Callable

from wellfit.core.types import Array
from wellfit.functions.losses.series import straight_exp
from wellfit.functions.numerics import namespace


def hinge(margin: Array) -> Array:
    """max(0, 1 - m), slope 0 at m = 1 (Cortes and Vapnik 1995; theory C-116, G-22).

    >>> import numpy as np
    >>> hinge(np.array([-1.0, 0.5, 3.0]))
    array([2. , 0.5, 0. ])
    """
    return namespace(margin).where(margin >= 1, 0, 1 - margin)


def squared_hinge(margin: Array) -> Array:
    """max(0, 1 - m)², without a kink (theory C-132; Tang 2013)."""
    return hinge(margin) ** 2


def exponential(margin: Array) -> Array:
    """e^-m (AdaBoost's; Freund and Schapire 1997; theory C-119, G-23): one far outlier outweighs all else.

    Exact to m = -700 (-80 in float32) and straight beyond, where e^-m would soon be infinite.
    """
    return straight_exp(-margin)


def perceptron(margin: Array) -> Array:
    """max(0, -m), slope -1 at m = 0 (Rosenblatt 1958; theory C-003): a step of gradient descent is his rule.

    A row ON the boundary costs nothing and yet moves it: weights that start at 0 would else stay there.

    >>> import numpy as np
    >>> perceptron(np.array([-2.0, 0.0, 3.0]))
    array([2., 0., 0.])
    """
    return namespace(margin).where(margin > 0, 0, 0 - margin)


def zero_one(predicted: Array, y: Array) -> Array:
    """1 where the prediction is wrong, else 0, (n,) twice -> (n,): for EVALUATION only (theory C-118, G-24).

    Its gradient is 0 wherever there is one, so nothing can be learnt from it: train with cross-entropy or hinge. The
    weighted mean is 1 - accuracy.

    >>> import numpy as np
    >>> zero_one(np.array([0, 1]), np.array([0, 2]))
    array([0., 1.])
    """
    wrong = predicted != y
    return namespace(predicted, y).where(wrong, 1.0, 0.0)


def weston_watkins(z: Array, y: Array, loss: Callable[[Array], Array] = hinge) -> Array:
    """Σ_{k ≠ t} loss(z_t - z_k), (n, k) and classes (n,) -> (n,) (Weston and Watkins 1999; theory C-117).

    Torch's ``MultiMarginLoss`` is this divided by k.

    >>> import numpy as np
    >>> weston_watkins(np.array([[2.0, 1.5, -1.0]]), np.array([0]))
    array([0.5])
    """
    own, margins = _margins(z, y)
    xp = namespace(z, y)
    return xp.sum(xp.where(own, 0, loss(margins)), axis=-1)


def crammer_singer(z: Array, y: Array, loss: Callable[[Array], Array] = hinge) -> Array:
    """max_{k ≠ t} loss(z_t - z_k), (n, k) and classes (n,) -> (n,) (Crammer and Singer 2001; theory C-117).

    As scikit-learn's ``hinge_loss`` metric has it.

    >>> import numpy as np
    >>> crammer_singer(np.array([[2.0, 1.5, 1.7]]), np.array([0])).round(12)
    array([0.7])
    """
    own, margins = _margins(z, y)
    xp = namespace(z, y)
    return xp.max(xp.where(own, 0, loss(margins)), axis=-1)  # every loss is at least 0


def _margins(z: Array, y: Array) -> tuple[Array, Array]:
    """Which class is the true one, and the margins z_t - z_k over every class: (n, k) both."""
    xp = namespace(z, y)
    own = xp.arange(z.shape[-1]) == y[:, None]
    true = xp.sum(xp.where(own, z, 0), axis=-1, keepdims=True)
    return own, true - z
