"""Classes under the exponential loss, AdaBoost's."""

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.class_loss import ClassLoss, logit_of, within_reach
from wellfit.functions.links import FARTHEST_INTERCEPT
from wellfit.functions.losses import margin
from wellfit.functions.numerics import namespace


@spec
class Exponential(ClassLoss):
    """e^-m of the margin m = ± z for two classes (theory C-119); for more the sum over margins z_t - z_k.

    Least where 2z is the log odds (Friedman, Hastie and Tibshirani 2000), which is what probabilities are made of. A
    mislabelled row far on the wrong side outweighs all others: for clean labels only.

    >>> Exponential().bind(2).mean(np.array([[0.5]])).round(4)
    array([[0.2689, 0.7311]])
    """

    name = "exponential"
    classes: int = static(default=2)

    def of_two(self, s: Array) -> Array:
        """e^-s."""
        return margin.exponential(s)

    def of_many(self, z: Array, y: Array) -> Array:
        """The sum over the other classes."""
        return margin.weston_watkins(z, y, margin.exponential)

    def log_odds(self, z: Array) -> Array:
        """2z."""
        return 2 * z

    def scores(self, z: Array) -> Array:
        """2z."""
        return 2 * z

    def best_of_two(self, p: Array) -> Array:
        """Half the log odds."""
        return within_reach(0.5 * logit_of(p))

    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """Half the logs of the shares."""
        with np.errstate(divide="ignore"):
            return namespace(shares).maximum(0.5 * np.log(shares), -FARTHEST_INTERCEPT)
