"""Several labels, any of which may be true: independent Bernoulli likelihoods."""

import dataclasses
from typing import Any, Self

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count
from wellfit.functions import metrics
from wellfit.functions.information import binary_entropy
from wellfit.functions.links import log_sigmoid, logit, sigmoid
from wellfit.functions.losses.classification import binary_cross_entropy
from wellfit.functions.numerics import namespace

REDUCTIONS = ("sum", "mean")


@spec
class MultiLabel(Family):
    """P(label j) = σ(z_j): z (n, labels) and y (n, labels) in [0, 1], loss in nats.

    Loss = Σ_j softplus(z_j) - y_j z_j. ``reduction="sum"`` is the likelihood; ``"mean"`` divides it by the
    number of labels, and so the gradient too (theory E-30; Keras and torch take the mean).

    >>> family = MultiLabel().bind(3)
    >>> family.loss(np.zeros((1, 3)), np.ones((1, 3))).round(6)
    array([2.079442])
    """

    target = "flags"
    domain = "0 or 1 for each label"
    convex = True
    labels: int = static(default=1)
    reduction: str = static(default="sum")

    def bind(self, k: int) -> Self:
        """This family for k labels."""
        if self.reduction not in REDUCTIONS:
            raise ValueError(f"reduction={self.reduction!r} of family 'multilabel' must be 'sum' or 'mean'.")
        return dataclasses.replace(self, labels=check_count("multilabel", "label", k))

    @property
    def outputs(self) -> int:
        """One log odds a label."""
        return self.labels

    def _reduce(self, each: Array) -> Array:
        xp = namespace(each)
        return xp.sum(each, axis=-1) if self.reduction == "sum" else xp.mean(each, axis=-1)

    def loss(self, z: Array, y: Array) -> Array:
        """Σ_j softplus(z_j) - y_j z_j, (n, labels) twice -> (n,)."""
        return self._reduce(binary_cross_entropy(z, y))

    def mean(self, z: Array) -> Array:
        """The probability of each label (n, labels); rows need not sum to one."""
        return sigmoid(z)

    def log_mean(self, z: Array) -> Array:
        """The log probability of each label (n, labels)."""
        return log_sigmoid(z)

    def predict(self, z: Array) -> Array:
        """Flags (n, labels): 1 where a label is more probable than not."""
        return (z > 0).astype(np.int32)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The log odds (labels,) of the weighted frequencies."""
        return logit(weighted.mean(y, w))

    def floor(self, y: Array) -> Array:
        """The entropy of the targets (n,): 0 for plain flags."""
        return self._reduce(binary_entropy(y))

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """The share of rows with every label right, as scikit-learn's ``accuracy_score`` counts."""
        return metrics.accuracy(self.predict(z), y > 0.5, w)

    def reason(self, facts: Any) -> str:
        """Why: several labels at once."""
        return f"y has {self.labels} labels, any of which may be true: one Bernoulli for each (MultiLabel)."
