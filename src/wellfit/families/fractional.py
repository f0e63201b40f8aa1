"""Shares in [0, 1], 0 and 1 included, under cross-entropy: fractional logistic regression."""

from typing import Any

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.within import Within
from wellfit.functions.information import binary_entropy
from wellfit.functions.links import logit
from wellfit.functions.losses.classification import binary_cross_entropy
from wellfit.functions.numerics import namespace


@spec
class Fractional(Within):
    """-y log σ(z) - (1 - y) log(1 - σ(z)), summed over targets, for y taken from [low, high] to [0, 1]: z (n, k).

    Cross-entropy with targets in [0, 1] (theory C-052): the mean is estimated consistently whatever y's distribution
    (Papke and Wooldridge 1996). Its least value is the entropy of y, not 0. No distribution: ``Beta`` has one, for y
    strictly within the limits.

    >>> Fractional().bind(1).loss(np.array([[0.0]]), np.array([[0.3]])).round(6)
    array([0.693147])
    """

    name = "fractional"
    domain = "shares from 0 to 1 (or from low to high)"
    low: float = static(default=0.0)
    high: float = static(default=1.0)
    targets: int = static(default=1)

    def loss(self, z: Array, y: Array) -> Array:
        """Cross-entropy summed over targets, (n, k) twice -> (n,)."""
        return namespace(z, y).sum(binary_cross_entropy(z, y), axis=-1)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The log odds (k,) of the weighted means."""
        return logit(weighted.mean(y, w))

    def floor(self, y: Array) -> Array:
        """The entropy of y (n,)."""
        return namespace(y).sum(binary_entropy(y), axis=-1)

    def reason(self, facts: Any) -> str:
        """Why: shares."""
        return f"y is shares from {self.low:g} to {self.high:g}: cross-entropy with targets between 0 and 1."
