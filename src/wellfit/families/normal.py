"""Real targets with noise of finite variance: the Normal likelihood, whose loss is the squared error."""

from typing import Any

import numpy as np
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.location_scale import LocationScale
from wellfit.functions.losses.regression import normal_nll


@spec
class Normal(LocationScale):
    """y ~ N(μ, s²): z (n, k) or, with ``learn_scale``, (n, 2k); y (n, k) standardised; loss in nats.

    Loss = Σ ((y - μ) / s)² / 2 + log s + ½ log 2π (theory C-123). ``scale`` is s in standard deviations of
    the target; with ``learn_scale`` the network says it for every row (Nix and Weigend 1994).

    >>> Normal().bind(1).loss(np.array([[0.0]]), np.array([[1.0]])).round(6)
    array([1.418939])
    """

    name = "normal"
    scale: Any = 1.0
    learn_scale: bool = static(default=False)
    targets: int = static(default=1)

    def nll(self, location: Array, y: Array, scale: Array) -> Array:
        """-log N(y | location, scale²), elementwise."""
        return normal_nll(location, y, scale)

    def best_location(self, y: np.ndarray, w: np.ndarray, scale: Any) -> np.ndarray:
        """The weighted mean of each target, whatever the scale."""
        return weighted.mean(y, w)

    def best_scale(self, residual: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The weighted root mean square of each column."""
        return np.sqrt(weighted.mean(residual**2, w))

    def reason(self, facts: Any) -> str:
        """Why: real numbers."""
        return "y is real numbers: Normal, whose loss is the squared error."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.norm`` of shape (n, k)."""
        return scipy.stats.norm(loc=self.mean(z), scale=self.scale_at(z))
