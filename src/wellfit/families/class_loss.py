"""Losses of classes that are no likelihoods, as families: what they have in common."""

import abc
import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from wellfit.core import weighted
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count
from wellfit.functions import metrics
from wellfit.functions.links import FARTHEST_INTERCEPT, log_sigmoid, log_softmax, sigmoid, softmax
from wellfit.functions.numerics import namespace


class ClassLoss(Family):
    """One raw output z (n, 1) for two classes, positive for the second; one a class, z (n, k), for more.

    Two classes may have soft targets y (n,) in [0, 1], of which the loss is the expected one; more have class numbers.
    Probabilities are what the raw outputs stand for where the loss is least (``log_odds``, ``scores``): how good that
    is each family says, and held-out rows settle it (the estimators fit a temperature).
    """

    target = "classes"
    domain = "two or more classes"
    name: ClassVar[str]
    classes: int

    @abc.abstractmethod
    def of_two(self, s: Array) -> Array:
        """The loss of a raw output s, positive where it is on the right side, elementwise."""

    @abc.abstractmethod
    def of_many(self, z: Array, y: Array) -> Array:
        """The loss of raw outputs (n, k) and class numbers (n,) -> (n,)."""

    @abc.abstractmethod
    def log_odds(self, z: Array) -> Array:
        """Of two classes, the log odds of the second that z stands for, elementwise."""

    @abc.abstractmethod
    def scores(self, z: Array) -> Array:
        """Of more classes, unnormalised log probabilities that z (n, k) stands for."""

    @abc.abstractmethod
    def best_of_two(self, p: Array) -> Array:
        """The best raw output where the second class has probability p, elementwise."""

    @abc.abstractmethod
    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """The best constant raw outputs (k,) for shares (k,) of the classes."""

    def bind(self, k: int) -> Self:
        """This family for k classes."""
        return dataclasses.replace(self, classes=check_count(self.name, "classes", k, least=2))  # type: ignore[type-var]

    @property
    def outputs(self) -> int:
        """One for two classes, one a class for more."""
        return 1 if self.classes == 2 else self.classes

    def loss(self, z: Array, y: Array) -> Array:
        """The loss of each row, (n, outputs) and (n,) -> (n,)."""
        self._check(y)
        if self.classes > 2:
            return self.of_many(z, y)
        return y * self.of_two(z[:, 0]) + (1 - y) * self.of_two(-z[:, 0])

    def _check(self, y: Array) -> None:
        if y.ndim == 2:
            raise ValueError(
                f"family {self.name!r} needs class numbers (n,), and y has shape {y.shape}; use 'categorical' for "
                "probabilities of several classes."
            )

    def mean(self, z: Array) -> Array:
        """Class probabilities (n, classes)."""
        return softmax(self.scores(z)) if self.classes > 2 else sigmoid(self._both(z))

    def log_mean(self, z: Array) -> Array:
        """Log probabilities (n, classes), finite where the probabilities themselves round to 0."""
        return log_softmax(self.scores(z)) if self.classes > 2 else log_sigmoid(self._both(z))

    def _both(self, z: Array) -> Array:
        second = self.log_odds(z)
        return namespace(z).concatenate([-second, second], axis=-1)

    def predict(self, z: Array) -> Array:
        """The class (n,) of the largest raw output; of two classes the second where z > 0."""
        if self.classes > 2:
            return namespace(z).argmax(z, axis=-1).astype(np.int32)
        return (z[:, 0] > 0).astype(np.int32)

    def shares(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The weighted share of each class (classes,)."""
        self._check(y)
        if self.classes > 2:
            return weighted.mean(np.arange(self.classes) == np.asarray(y)[:, None], w)
        second = weighted.mean(y, w)
        return np.array([1 - second, second])

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The best constant raw outputs (outputs,)."""
        shares = self.shares(y, w)
        return self.best_of_many(shares) if self.classes > 2 else self.best_of_two(shares[1:])

    def floor(self, y: Array) -> Array:
        """0 (n,); of soft targets the least expected loss."""
        self._check(y)
        xp = namespace(y)
        if y.dtype.kind in "iub":
            return xp.zeros(y.shape, np.float32 if xp is not np else np.float64)
        if self.classes > 2:
            return xp.zeros_like(y)
        return self.loss(self.best_of_two(y)[:, None], y)

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """Accuracy; a soft y counts as the second class above one half."""
        return metrics.accuracy(self.predict(z), y if self.classes > 2 else y > 0.5, w)

    def reason(self, facts: Any) -> str:
        """Why: it was asked for."""
        return f"y has {self.classes} exclusive classes, and the loss {self.name} was asked for."


def within_reach(log_odds: Array) -> Array:
    """Log odds no farther than ± ``FARTHEST_INTERCEPT``, where an infinite one stops."""
    return namespace(log_odds).clip(log_odds, -FARTHEST_INTERCEPT, FARTHEST_INTERCEPT)


def logit_of(p: Array) -> Array:
    """log p - log(1 - p), elementwise, of numpy and JAX; about ± 80 in float32 and ± 700 in float64 for 1 and 0."""
    xp = namespace(p)
    tiny = np.finfo(p.dtype).tiny
    return xp.log(xp.maximum(p, tiny)) - xp.log(xp.maximum(1 - p, tiny))
