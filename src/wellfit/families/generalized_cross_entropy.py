"""Classes with some wrong labels: generalised cross-entropy, between the log loss and the error rate."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.class_loss import ClassLoss, logit_of, within_reach
from wellfit.functions.links import FARTHEST_INTERCEPT, log_of
from wellfit.functions.losses.robust import generalized_cross_entropy, true_log_odds


@spec
class GeneralizedCrossEntropy(ClassLoss):
    """(1 - p^q) / q for the true class's p, of σ(z) or softmax(z), 0 < q < 1 (Zhang and Sabuncu 2018).

    ``q`` near 0 is cross-entropy, near 1 the robust but slow ``ProbabilityError``; the paper's 0.7 is the default. A
    row weighs p^q times what it does under cross-entropy, so that labels the network finds improbable count little. The
    loss is least where p is proportional to the class probabilities to the power 1/(1 - q), which is undone:
    probabilities are softmax((1 - q) z).

    >>> GeneralizedCrossEntropy(q=0.5).bind(2).loss(np.array([[0.0]]), np.array([1])).round(6)
    array([0.585786])
    """

    name = "generalized_cross_entropy"
    q: Any = 0.7
    classes: int = static(default=2)

    def bind(self, k: int) -> "GeneralizedCrossEntropy":
        """This family for k classes."""
        if not np.all((np.asarray(self.q) > 0) & (np.asarray(self.q) < 1)):
            raise ValueError(
                f"q={self.q!r} of family 'generalized_cross_entropy' must lie between 0 and 1; use 'cross_entropy' for "
                "0, 'probability_error' for 1."
            )
        return super().bind(k)

    def of_two(self, s: Array) -> Array:
        """(1 - σ(s)^q) / q."""
        return generalized_cross_entropy(s, self.q)

    def of_many(self, z: Array, y: Array) -> Array:
        """The same of the true class's log odds."""
        return generalized_cross_entropy(true_log_odds(z, y), self.q)

    def log_odds(self, z: Array) -> Array:
        """(1 - q) z."""
        return (1 - self.q) * z

    def scores(self, z: Array) -> Array:
        """(1 - q) z."""
        return (1 - self.q) * z

    def best_of_two(self, p: Array) -> Array:
        """The log odds over 1 - q."""
        return within_reach(logit_of(p) / (1 - self.q))

    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """The logs of the shares over 1 - q."""
        with np.errstate(divide="ignore"):
            return np.maximum(np.log(shares / shares.max()) / (1 - float(self.q)), -FARTHEST_INTERCEPT)

    def start(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs of the shares, as of cross-entropy: at the best constant the rarer classes hardly have a slope."""
        shares = self.shares(y, w)
        return log_of(shares) if self.classes > 2 else within_reach(logit_of(shares[1:]))
