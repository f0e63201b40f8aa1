"""Classes in an order: cumulative logits."""

import dataclasses
from typing import Any, Self

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count
from wellfit.functions import metrics
from wellfit.functions.information import entropy
from wellfit.functions.links import FARTHEST_INTERCEPT, softmax
from wellfit.functions.losses.ordinal import cumulative_log_probabilities
from wellfit.functions.numerics import namespace


@spec
class Ordinal(Family):
    """P(y ≤ j) = σ(θ_j) with θ_1 = -z_1 and θ_j = θ_{j-1} + softplus(z_j): z (n, classes - 1), y class numbers (n,).

    A larger z_1 moves the whole distribution up. Where the other raw outputs do not depend on x these are McCullagh's
    (1980) proportional odds; where they do, the classes' widths differ from row to row. Loss in nats; with two classes
    ``Bernoulli``'s. y may be probabilities (n, classes) too.

    ``levels`` are the labels from lowest to highest. Numbers need none: they have an order. Words do: sorted by the
    alphabet they would be out of order.

    >>> Ordinal().bind(3).mean(np.array([[0.0, 0.0]])).round(4)
    array([[0.5   , 0.1667, 0.3333]])
    """

    target = "classes"
    domain = "ordered classes"
    levels: tuple[Any, ...] | None = static(default=None)
    classes: int = static(default=2)

    @property
    def codec(self) -> dict[str, Any]:
        """The order of the labels."""
        return {"order": self.levels}

    def bind(self, k: int) -> Self:
        """This family for k classes, or for as many as ``levels`` names."""
        if self.levels is None:
            return dataclasses.replace(self, classes=check_count("ordinal", "classes", k, least=2))
        levels = tuple(self.levels)
        if len(set(levels)) < max(len(levels), k, 2):
            raise ValueError(f"levels={levels!r} of family 'ordinal' must name each of y's {k} classes once, in order.")
        return dataclasses.replace(self, levels=levels, classes=len(levels))

    @property
    def outputs(self) -> int:
        """One fewer than classes."""
        return self.classes - 1

    def _target(self, y: Array, dtype: Any) -> Array:
        """The target as probabilities (n, classes)."""
        xp = namespace(y)
        if y.ndim == 2:
            return y
        if self.classes == 2:  # class numbers, or the probability of the second
            return xp.stack([1 - y, y], axis=-1).astype(y.dtype if y.dtype.kind == "f" else dtype)
        return (xp.arange(self.classes) == y[:, None]).astype(dtype)

    def loss(self, z: Array, y: Array) -> Array:
        """-Σ_j t_j log p_j, (n, classes - 1) and y -> (n,)."""
        return -namespace(z, y).sum(self._target(y, z.dtype) * cumulative_log_probabilities(z), axis=-1)

    def mean(self, z: Array) -> Array:
        """Class probabilities (n, classes)."""
        return softmax(cumulative_log_probabilities(z))

    def log_mean(self, z: Array) -> Array:
        """Log probabilities (n, classes), finite where the probabilities themselves round to 0."""
        return cumulative_log_probabilities(z)

    def predict(self, z: Array) -> Array:
        """The most probable class (n,)."""
        return namespace(z).argmax(self.mean(z), axis=-1).astype(np.int32)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The raw outputs (classes - 1,) of the weighted class frequencies."""
        shares = weighted.mean(self._target(np.asarray(y), np.float64), w)
        below, above = np.cumsum(shares)[:-1], np.cumsum(shares[::-1])[::-1][1:]
        with np.errstate(divide="ignore"):
            theta = np.clip(np.log(below) - np.log(above), -FARTHEST_INTERCEPT, FARTHEST_INTERCEPT)
            gaps = np.diff(theta)
            raw = gaps + np.log(-np.expm1(-gaps))  # softplus' inverse
        return np.concatenate([-theta[:1], np.maximum(raw, -FARTHEST_INTERCEPT)])

    def floor(self, y: Array) -> Array:
        """The entropy of the target (n,): 0 for plain classes."""
        return entropy(self._target(y, np.float32 if namespace(y) is not np else np.float64))

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """Accuracy; of soft targets the most probable class counts."""
        return metrics.accuracy(self.predict(z), self._target(y, np.float64).argmax(axis=-1), w)

    def reason(self, facts: Any) -> str:
        """Why: ordered classes."""
        return f"y has {self.classes} classes in an order: Ordinal, whose loss is that of cumulative logits."
