"""Real targets with a few outliers: Huber's loss, squared near zero and absolute beyond."""

import dataclasses
from typing import Any, Self

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count, check_positive
from wellfit.families.constants import m_estimate
from wellfit.functions import metrics
from wellfit.functions.losses.regression import huber
from wellfit.functions.numerics import namespace


@spec
class Huber(Family):
    """½ e² where |e| ≤ δ, else δ |e| - ½ δ², summed over targets: z (n, k), y (n, k) standardised (C-105).

    ``delta`` is in standard deviations of the target. At 1.345 standard deviations of the noise the estimate
    keeps 95 % of least squares' efficiency where the noise is Normal (Huber 1964; Holland and Welsch 1977),
    which is why it is the default; scikit-learn's ``HuberRegressor`` has 1.35, Keras and torch 1. A loss, not
    a likelihood: there is no distribution.

    >>> Huber().bind(1).loss(np.array([[0.0]]), np.array([[1.0]]))
    array([0.5])
    """

    target = "reals"
    domain = "real numbers"
    delta: Any = 1.345
    targets: int = static(default=1)

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        check_positive("huber", "delta", self.delta)
        return dataclasses.replace(self, targets=check_count("huber", "target", k))

    @property
    def outputs(self) -> int:
        """One location a target."""
        return self.targets

    def loss(self, z: Array, y: Array) -> Array:
        """Huber's loss summed over targets, (n, k) twice -> (n,)."""
        return namespace(z, y).sum(huber(z, y, self.delta), axis=-1)

    def mean(self, z: Array) -> Array:
        """The locations (n, k)."""
        return z

    def predict(self, z: Array) -> Array:
        """The locations (n, k)."""
        return z

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Huber's M-estimate of each target's location (k,)."""
        delta = float(self.delta)
        return m_estimate(lambda residual: np.clip(residual, -delta, delta), y, w)

    def floor(self, y: Array) -> Array:
        """0 (n,)."""
        return namespace(y).zeros_like(y[:, 0])

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2, averaged over targets."""
        return metrics.r2(z, y, w)

    def reason(self, facts: Any) -> str:
        """Why: real numbers with outliers."""
        return "y is real numbers with a few outliers: Huber's loss, squared near zero and absolute beyond."
