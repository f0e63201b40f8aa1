"""Real targets with a few outliers: Huber's loss without its kink."""

import dataclasses
from typing import Any, Self

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count, check_positive
from wellfit.families.constants import m_estimate
from wellfit.functions import metrics
from wellfit.functions.losses.regression import pseudo_huber
from wellfit.functions.numerics import namespace


@spec
class PseudoHuber(Family):
    """δ² (√(1 + (e/δ)²) - 1), summed over targets: z (n, k), y (n, k) standardised; smooth everywhere.

    ``delta`` is in standard deviations of the target: errors far below it count squared, far above it as they are
    (Charbonnier et al. 1997). A loss, not a likelihood: there is no distribution.

    >>> PseudoHuber(1.0).bind(1).loss(np.array([[0.0]]), np.array([[np.sqrt(3.0)]])).round(12)
    array([1.])
    """

    target = "reals"
    domain = "real numbers"
    delta: Any = 1.345
    targets: int = static(default=1)

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        check_positive("pseudo_huber", "delta", self.delta)
        return dataclasses.replace(self, targets=check_count("pseudo_huber", "target", k))

    @property
    def outputs(self) -> int:
        """One location a target."""
        return self.targets

    def loss(self, z: Array, y: Array) -> Array:
        """The loss summed over targets, (n, k) twice -> (n,)."""
        return namespace(z, y).sum(pseudo_huber(z, y, self.delta), axis=-1)

    def mean(self, z: Array) -> Array:
        """The locations (n, k)."""
        return z

    def predict(self, z: Array) -> Array:
        """The locations (n, k)."""
        return z

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The M-estimate of each target's location (k,)."""
        delta = float(self.delta)
        return m_estimate(lambda e: e / np.sqrt(1 + (e / delta) ** 2), y, w)

    def floor(self, y: Array) -> Array:
        """0 (n,)."""
        return namespace(y).zeros_like(y[:, 0])

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2, averaged over targets."""
        return metrics.r2(z, y, w)

    def reason(self, facts: Any) -> str:
        """Why: real numbers with outliers."""
        return "y is real numbers with a few outliers: the pseudo-Huber loss, squared near zero and straight beyond."
