"""What a family is: everything that depends on what y is, in one object.

Nothing else in the library asks "is this classification?". A family is a description (``@spec``): its numbers
(a quantile level, a threshold) are leaves; the number of targets or classes is static. Its formulas are written for
numpy and JAX arrays alike: ``loss`` runs inside the compiled program, the rest on the host.
"""

import abc
from typing import Any, ClassVar, Self

import numpy as np

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace


class Family(abc.ABC):
    """A likelihood (or margin loss) of y given the network's raw outputs z (n, outputs).

    The encoded y: class indices (n,) int32 for "classes" (Bernoulli: (n,) float in [0, 1]); (n, k) floats for
    "flags", "reals" (standardised by the target's codec), "counts", "positives" and "nonnegatives" (in units of their
    mean) and "proportions" (taken to [0, 1]).
    """

    target: ClassVar[str]
    """Which codec turns y into an array: classes, flags, reals, counts, positives, nonnegatives, proportions."""

    domain: ClassVar[str]
    """Where y may live, in words for error messages: "0 or 1", "non-negative integers", "real numbers"."""

    convex: ClassVar[bool] = False
    """Whether the loss is known to be convex in the raw outputs. Where it is not, second derivatives are checked."""

    @property
    def codec(self) -> dict[str, Any]:
        """What the target's codec must know of this family, by name: limits, an order of classes."""
        return {}

    @abc.abstractmethod
    def bind(self, k: int) -> Self | Any:
        """This family for k classes, labels or targets."""

    @property
    @abc.abstractmethod
    def outputs(self) -> int:
        """How many raw outputs the network's last layer has."""

    @property
    def dispersions(self) -> slice:
        """Which raw outputs say how much y varies, and not where it lies: their weights should start at 0.

        Started at random, a network is sure of its random predictions on some rows: their losses are huge (a thousandth
        of a scale is a million times the squared error), and training spends itself on them.
        """
        return slice(0, 0)

    @property
    def costs(self) -> Array | None:
        """What the classes weigh in this loss (classes,), by which predictions count them; None where all are equal."""
        return None

    @abc.abstractmethod
    def loss(self, z: Array, y: Array) -> Array:
        """Per-row negative log-likelihood in nats, (n, outputs) and y -> (n,): no reduction, no weights."""

    @abc.abstractmethod
    def mean(self, z: Array) -> Array:
        """The inverse link: E[y] as (n, k), or class probabilities (n, classes)."""

    def log_mean(self, z: Array) -> Array:
        """The logarithm of ``mean``, as exact as the family can say it."""
        mean = self.mean(z)
        xp = namespace(mean)
        return xp.log(xp.maximum(mean, np.finfo(mean.dtype).tiny))

    @abc.abstractmethod
    def predict(self, z: Array) -> Array:
        """What ``predict`` returns before decoding: class indices (n,), flags (n, k), or values (n, k)."""

    @abc.abstractmethod
    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The best constant raw outputs (outputs,) for weights w (n,): no constant has a smaller weighted loss."""

    def start(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Where the last layer's bias begins (outputs,): ``intercept``, unless nothing could be learnt from there."""
        return self.intercept(y, w)

    @abc.abstractmethod
    def floor(self, y: Array) -> Array:
        """The loss (n,) of the best prediction there is for each y, so that deviance and D2 are exact."""

    @abc.abstractmethod
    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """The default score: accuracy for classes, R2 for reals, D2 (explained deviance) for counts."""

    @abc.abstractmethod
    def reason(self, facts: Any) -> str:
        """One sentence: why this family for a target with these facts."""

    def distribution(self, z: np.ndarray) -> Any:
        """The predictive distribution of y, frozen like scipy.stats' (``ppf``, ``cdf``, ``rvs``), or ``None``."""
        return None

    def with_dispersion(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> Self:
        """This family with nuisance numbers (a noise scale) at their best for these raw outputs, if it has any."""
        return self
