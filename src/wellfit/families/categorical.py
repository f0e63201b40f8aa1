"""Several classes of which one is true: the categorical likelihood."""

import dataclasses
from typing import Any, Self

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import present, spec, static
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count, check_smoothing
from wellfit.functions import metrics
from wellfit.functions.information import entropy
from wellfit.functions.links import log_of, log_softmax, softmax
from wellfit.functions.losses.classification import cross_entropy, smooth
from wellfit.functions.numerics import namespace


@spec
class Categorical(Family):
    """P(y = j) = softmax(z)_j: z (n, classes), y class indices (n,) or probabilities (n, classes).

    Loss = log Σ e^z - z_y in nats (theory C-107, C-108). ``smoothing`` ε replaces a target t by
    (1 - ε) t + ε / classes (C-121): with 10 classes and ε = 0.1 no loss is below 0.500288 (T-06); ``None``
    leaves it out.

    >>> family = Categorical().bind(4)
    >>> family.loss(np.zeros((1, 4)), np.array([2])).round(6)
    array([1.386294])
    """

    target = "classes"
    domain = "two or more classes"
    convex = True
    smoothing: Any = None
    classes: int = static(default=2)

    def bind(self, k: int) -> Self:
        """This family for k classes."""
        check_smoothing("categorical", self.smoothing)
        return dataclasses.replace(self, classes=check_count("categorical", "classes", k, least=2))

    @property
    def outputs(self) -> int:
        """One unnormalised log probability a class."""
        return self.classes

    def _smoothing(self) -> Any:
        return self.smoothing if present(self.smoothing) else None

    def _target(self, y: Array, dtype: Any) -> Array:
        """The target as probabilities (n, classes)."""
        xp = namespace(y)
        t = y if y.ndim == 2 else (xp.arange(self.classes) == y[:, None]).astype(dtype)
        return t if self._smoothing() is None else smooth(t, self.smoothing, self.classes)

    def loss(self, z: Array, y: Array) -> Array:
        """log Σ e^z - z_y, (n, classes) and y -> (n,)."""
        return cross_entropy(z, y, self._smoothing())

    def mean(self, z: Array) -> Array:
        """Class probabilities (n, classes)."""
        return softmax(z)

    def log_mean(self, z: Array) -> Array:
        """Log probabilities (n, classes), finite where the probabilities themselves round to 0."""
        return log_softmax(z)

    def predict(self, z: Array) -> Array:
        """The most probable class (n,)."""
        return namespace(z).argmax(z, axis=-1).astype(np.int32)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs (classes,) of the weighted class frequencies."""
        y = np.asarray(y)
        if y.ndim == 2:
            return log_of(weighted.mean(self._target(y, np.float64), w))
        shares = np.bincount(y, weights=w, minlength=self.classes) / np.sum(w, dtype=np.float64)
        return log_of(shares if self._smoothing() is None else smooth(shares, self.smoothing, self.classes))

    def floor(self, y: Array) -> Array:
        """The entropy of the target (n,): 0 for plain classes."""
        return entropy(self._target(y, np.float32 if namespace(y) is not np else np.float64))

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """Accuracy; of soft targets the most probable class counts."""
        return metrics.accuracy(self.predict(z), y if y.ndim == 1 else y.argmax(axis=-1), w)

    def reason(self, facts: Any) -> str:
        """Why: so many classes, one of them true."""
        return f"y has {self.classes} exclusive classes: Categorical, whose loss is cross-entropy."
