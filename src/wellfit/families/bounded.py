"""Targets between two limits under squared error: a sigmoid output, scaled to the limits."""

from typing import Any

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.within import Within
from wellfit.functions import metrics
from wellfit.functions.links import logit
from wellfit.functions.losses.regression import squared_error
from wellfit.functions.numerics import namespace


@spec
class Bounded(Within):
    """½ (y - σ(z))², summed over targets, for y taken from [low, high] to [0, 1]: z (n, k) (theory C-042).

    A tanh output is the same family on [-1, 1] with half the z: tanh z = 2σ(2z) - 1. Its gradient vanishes where the
    sigmoid saturates, on the wrong side too (G-19); ``Fractional``'s does not. A loss, not a likelihood: there is no
    distribution.

    >>> Bounded(low=-1.0, high=1.0).bind(1).mean(np.array([[0.0]]))
    array([[0.5]])
    """

    name = "bounded"
    domain = "numbers from low to high"
    low: float = static(default=0.0)
    high: float = static(default=1.0)
    targets: int = static(default=1)

    def loss(self, z: Array, y: Array) -> Array:
        """Half the squared error summed over targets, (n, k) twice -> (n,)."""
        return 0.5 * namespace(z, y).sum(squared_error(self.mean(z), y), axis=-1)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The log odds (k,) of the weighted means."""
        return logit(weighted.mean(y, w))

    def floor(self, y: Array) -> Array:
        """0 (n,)."""
        return namespace(y).zeros_like(y[:, 0])

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2, averaged over targets."""
        return metrics.r2(self.mean(z), y, w)

    def reason(self, facts: Any) -> str:
        """Why: numbers between two limits."""
        return f"y lies between {self.low:g} and {self.high:g}: squared error of a sigmoid output."
