"""Real targets with heavy tails: the Laplace likelihood, whose loss is the absolute error."""

from typing import Any

import numpy as np
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.location_scale import LocationScale
from wellfit.functions.losses.regression import laplace_nll


@spec
class Laplace(LocationScale):
    """y ~ Laplace(m, s): z (n, k) or, with ``learn_scale``, (n, 2k); y (n, k) standardised; loss in nats.

    Loss = Σ |y - m| / s + log 2s (theory C-103): its best prediction is the median. ``scale`` is s in
    standard deviations of the target; with ``learn_scale`` the network says it for every row.

    >>> Laplace().bind(1).loss(np.array([[0.0]]), np.array([[1.0]])).round(6)
    array([1.693147])
    """

    name = "laplace"
    scale: Any = 1.0
    learn_scale: bool = static(default=False)
    targets: int = static(default=1)

    def nll(self, location: Array, y: Array, scale: Array) -> Array:
        """-log Laplace(y | location, scale), elementwise."""
        return laplace_nll(location, y, scale)

    def best_location(self, y: np.ndarray, w: np.ndarray, scale: Any) -> np.ndarray:
        """The weighted median of each target, whatever the scale."""
        return weighted.quantile(y, w, 0.5)

    def best_scale(self, residual: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The weighted mean absolute value of each column."""
        return weighted.mean(np.abs(residual), w)

    def reason(self, facts: Any) -> str:
        """Why: real numbers with outliers."""
        return "y is real numbers, and outliers should count little: Laplace, whose loss is the absolute error."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.laplace`` of shape (n, k)."""
        return scipy.stats.laplace(loc=self.mean(z), scale=self.scale_at(z))
