"""Real targets with heavier tails than normal: the log-cosh loss, which is the hyperbolic secant's likelihood."""

from typing import Any

import numpy as np
import scipy.stats

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.constants import best_scale, likeliest_location
from wellfit.families.location_scale import LocationScale
from wellfit.functions.losses.regression import hyperbolic_secant_nll


@spec
class LogCosh(LocationScale):
    """log cosh((y - m) / s) + log π s: z (n, k) or, with ``learn_scale``, (n, 2k); y (n, k) standardised; in nats.

    Squared near 0 and absolute far away, smooth and convex. ``scale`` is s in standard deviations of the target, where
    the one turns into the other; the noise's standard deviation is s π/2.

    >>> LogCosh().bind(1).loss(np.array([[0.0]]), np.array([[0.0]])).round(6)
    array([1.14473])
    """

    name = "log_cosh"
    scale: Any = 1.0
    learn_scale: bool = static(default=False)
    targets: int = static(default=1)

    def nll(self, location: Array, y: Array, scale: Array) -> Array:
        """-log of the hyperbolic secant's density, elementwise."""
        return hyperbolic_secant_nll(location, y, scale)

    def best_location(self, y: np.ndarray, w: np.ndarray, scale: Any) -> np.ndarray:
        """The likeliest location of each target."""
        return likeliest_location(lambda t: np.logaddexp(t, -t), np.tanh, y, w, scale)

    def best_scale(self, residual: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The likeliest scale of each column of residuals."""
        return best_scale(np.tanh, residual, w, steepest=1.0)

    def reason(self, facts: Any) -> str:
        """Why: real numbers with outliers."""
        return "y is real numbers, and large errors should count as they are: log-cosh, squared only near zero."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.hypsecant`` of shape (n, k)."""
        return scipy.stats.hypsecant(loc=self.mean(z), scale=self.scale_at(z))
