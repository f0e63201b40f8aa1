"""Targets of at least 0 under squared error: a mean that cannot be negative."""

from typing import Any

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.number_family import NumberFamily
from wellfit.functions import metrics
from wellfit.functions.links import FARTHEST_INTERCEPT
from wellfit.functions.losses.regression import squared_error
from wellfit.functions.numerics import namespace, softplus


@spec
class NonNegative(NumberFamily):
    """½ (y - softplus(z))², summed over targets: z (n, k), y (n, k) ≥ 0 (theory C-041).

    softplus and not relu, whose slope is 0 wherever its output is: a row it takes for 0 would never be learnt. A loss,
    not a likelihood: there is no distribution.

    >>> NonNegative().bind(1).mean(np.array([[0.0]])).round(6)
    array([[0.693147]])
    """

    name = "non_negative"
    target = "nonnegatives"
    domain = "numbers of at least 0"
    targets: int = static(default=1)

    def loss(self, z: Array, y: Array) -> Array:
        """Half the squared error summed over targets, (n, k) twice -> (n,)."""
        return 0.5 * namespace(z, y).sum(squared_error(softplus(z), y), axis=-1)

    def mean(self, z: Array) -> Array:
        """softplus(z) (n, k), above 0."""
        return softplus(z)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """softplus' inverse (k,) of the weighted means."""
        mean = np.maximum(weighted.mean(y, w), np.exp(-FARTHEST_INTERCEPT))
        return mean + np.log(-np.expm1(-mean))

    def floor(self, y: Array) -> Array:
        """0 (n,)."""
        return namespace(y).zeros_like(y[:, 0])

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2, averaged over targets."""
        return metrics.r2(self.mean(z), y, w)

    def reason(self, facts: Any) -> str:
        """Why: numbers that cannot be negative."""
        return "y cannot be negative: squared error of a softplus output."
