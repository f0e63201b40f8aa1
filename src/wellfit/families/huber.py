"""Real targets with a few outliers: Huber's loss, squared near zero and absolute beyond."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.error_loss import ErrorLoss
from wellfit.functions.losses.regression import huber


@spec
class Huber(ErrorLoss):
    """½ e² where |e| ≤ δ, else δ |e| - ½ δ², summed over targets: z (n, k), y (n, k) standardised (C-105).

    ``delta`` is in standard deviations of the target. At 1.345 standard deviations of the noise the estimate
    keeps 95 % of least squares' efficiency where the noise is Normal (Huber 1964; Holland and Welsch 1977),
    which is why it is the default; scikit-learn's ``HuberRegressor`` has 1.35, Keras and torch 1. A loss, not
    a likelihood: there is no distribution.

    >>> Huber().bind(1).loss(np.array([[0.0]]), np.array([[1.0]]))
    array([0.5])
    """

    name = "huber"
    delta: Any = 1.345
    targets: int = static(default=1)

    def each(self, z: Array, y: Array) -> Array:
        """Huber's loss, elementwise."""
        return huber(z, y, self.delta)

    def pull(self, error: np.ndarray) -> np.ndarray:
        """The error, at most ± δ."""
        delta = float(self.delta)
        return np.clip(error, -delta, delta)

    def reason(self, facts: Any) -> str:
        """Why: real numbers with outliers."""
        return "y is real numbers with a few outliers: Huber's loss, squared near zero and absolute beyond."
