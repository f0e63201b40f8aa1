"""Classes with many wrong labels: L1 on probabilities, the expected error rate."""

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.class_loss import ClassLoss, logit_of, within_reach
from wellfit.functions.links import FARTHEST_INTERCEPT, log_of
from wellfit.functions.losses.robust import probability_error, true_log_odds
from wellfit.functions.numerics import namespace


@spec
class ProbabilityError(ClassLoss):
    """Σ_k |1[k = t] - p_k| = 2(1 - p) for the true class's p, of σ(z) or softmax(z) (theory C-122).

    Twice the expected error rate, unmoved by labels that are wrong at random (Ghosh, Kumar and Sastry 2017), and slow:
    its gradient vanishes where p is small (G-26). Least where the most probable class has p = 1, so p is a vote and not
    a probability until held-out rows calibrate it.

    >>> ProbabilityError().bind(2).loss(np.array([[0.0]]), np.array([1]))
    array([1.])
    """

    name = "probability_error"
    classes: int = static(default=2)

    def of_two(self, s: Array) -> Array:
        """2 σ(-s)."""
        return probability_error(s)

    def of_many(self, z: Array, y: Array) -> Array:
        """The same of the true class's log odds."""
        return probability_error(true_log_odds(z, y))

    def log_odds(self, z: Array) -> Array:
        """z."""
        return z

    def scores(self, z: Array) -> Array:
        """z."""
        return z

    def best_of_two(self, p: Array) -> Array:
        """As far as it goes towards the more probable class; 0 where there is none."""
        return FARTHEST_INTERCEPT * namespace(p).sign(p - 0.5)

    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """As far as it goes towards the most frequent class."""
        return np.where(np.arange(len(shares)) == shares.argmax(), 0.0, -FARTHEST_INTERCEPT)

    def start(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs of the shares, as of cross-entropy: at the best constant there is no slope at all."""
        shares = self.shares(y, w)
        return log_of(shares) if self.classes > 2 else within_reach(logit_of(shares[1:]))
