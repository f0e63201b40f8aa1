"""Two classes: the Bernoulli likelihood."""

from typing import Any, Self

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import present, spec
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_smoothing
from wellfit.functions import metrics
from wellfit.functions.information import binary_entropy
from wellfit.functions.links import log_sigmoid, logit, sigmoid
from wellfit.functions.losses.classification import binary_cross_entropy, smooth
from wellfit.functions.numerics import namespace


@spec
class Bernoulli(Family):
    """P(y = 1) = σ(z): two classes from ONE raw output, z (n, 1) and y (n,) in [0, 1], loss in nats.

    Loss = softplus(z) - y z (theory C-106). ``smoothing`` ε replaces y by (1 - ε) y + ε / 2 (C-121); ``None``
    leaves it out. The same numbers as ``Categorical`` with two classes, whose softmax has one output too
    many.

    >>> family = Bernoulli()
    >>> family.mean(np.array([[0.0]]))
    array([[0.5, 0.5]])
    """

    target = "classes"
    domain = "two classes"
    convex = True
    smoothing: Any = None

    def bind(self, k: int) -> Self:
        """This family, if there are two classes."""
        check_smoothing("bernoulli", self.smoothing)
        if k != 2:
            raise ValueError(f"family 'bernoulli' is for 2 classes, and y has {k}: use 'categorical' for more.")
        return self

    @property
    def outputs(self) -> int:
        """One log odds."""
        return 1

    def _target(self, y: Array, dtype: Any) -> Array:
        # Classes may be whole numbers, which hold no smoothed target.
        return smooth(y.astype(dtype), self.smoothing, 2) if present(self.smoothing) else y

    def loss(self, z: Array, y: Array) -> Array:
        """softplus(z) - y z, (n, 1) and (n,) -> (n,)."""
        return binary_cross_entropy(z[:, 0], self._target(y, z.dtype))

    def mean(self, z: Array) -> Array:
        """Class probabilities (n, 2): 1 - σ(z), σ(z), each to full relative precision."""
        both = namespace(z).concatenate([-z, z], axis=-1)
        return sigmoid(both)

    def log_mean(self, z: Array) -> Array:
        """Log probabilities (n, 2), finite where the probabilities themselves round to 0."""
        return log_sigmoid(namespace(z).concatenate([-z, z], axis=-1))

    def predict(self, z: Array) -> Array:
        """The more probable class (n,): 1 where z > 0."""
        return (z[:, 0] > 0).astype(np.int32)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The log odds (1,) of the weighted mean of y."""
        return logit(weighted.mean(self._target(np.asarray(y, np.float64), np.float64), w))[None]

    def floor(self, y: Array) -> Array:
        """The entropy of the target (n,): 0 for plain classes."""
        whole = np.float32 if namespace(y) is not np else np.float64
        return binary_entropy(self._target(y, y.dtype if y.dtype.kind == "f" else whole))

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """Accuracy; a soft y counts as class 1 above one half."""
        return metrics.accuracy(self.predict(z), y > 0.5, w)

    def reason(self, facts: Any) -> str:
        """Why: two classes."""
        return "y has two classes: Bernoulli, whose loss is the log loss, from one raw output."
