"""Shares strictly between 0 and 1: the beta likelihood, by its mean and a scale that is learnt."""

from typing import Any

import numpy as np
import scipy.special
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.within import Within
from wellfit.functions import metrics
from wellfit.functions.links import MINIMUM_SCALE, positive_scale, raw_scale, sigmoid
from wellfit.functions.losses.proportions import best_raw_mean, beta_nll
from wellfit.functions.numerics import like, namespace
from wellfit.functions.roots import root

LARGEST_SCALE = 100.0
"""Beyond this scale a beta distribution is two points, 0 and 1."""


@spec
class Beta(Within):
    """y ~ Beta(μ/s², (1 - μ)/s²), variance μ(1 - μ) s²/(1 + s²): z (n, 2k) = k log odds of μ, then k raw scales.

    Loss in nats of y taken from (low, high) to (0, 1); s = softplus + 0.001 and 1/s² is the precision (Ferrari and
    Cribari-Neto 2004). y of exactly 0 or 1 has no beta likelihood: ``Fractional`` takes it.

    >>> Beta().bind(1).loss(np.array([[0.0, 0.0]]), np.array([[0.3]])).round(6)
    array([-0.016068])
    """

    name = "beta"
    domain = "shares strictly between 0 and 1 (or low and high)"
    strict = True
    low: float = static(default=0.0)
    high: float = static(default=1.0)
    targets: int = static(default=1)

    @property
    def outputs(self) -> int:
        """A log odds and a raw scale a target."""
        return 2 * self.targets

    def scale_at(self, z: Array) -> Array:
        """s (n, k)."""
        return positive_scale(z[:, self.targets :])

    def loss(self, z: Array, y: Array) -> Array:
        """The negative log density summed over targets, (n, 2k) and (n, k) -> (n,)."""
        return namespace(z, y).sum(beta_nll(z[:, : self.targets], y, self.scale_at(z)), axis=-1)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The most likely log odds of the mean and raw scale of each target: (2k,)."""
        y = np.asarray(y, np.float64)
        logs = zip(weighted.mean(np.log(y), w), weighted.mean(np.log1p(-y), w), strict=True)
        found = [_likeliest(log_y, log_1y) for log_y, log_1y in logs]
        raw_mean, scale = np.array(found).T
        return np.concatenate([raw_mean, raw_scale(scale)])

    def floor(self, y: Array) -> Array:
        """The loss of the best mean for y at the smallest scale (n,): the likelihood of one y rises as s falls."""
        xp, scale = namespace(y), like(MINIMUM_SCALE, y)
        best = best_raw_mean(xp.log(y), xp.log1p(-y), 1 / (scale * scale))
        return xp.sum(beta_nll(best, y, scale), axis=-1)

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2, averaged over targets."""
        return metrics.r2(self.mean(z), y, w)

    def reason(self, facts: Any) -> str:
        """Why: shares with a distribution."""
        return f"y is shares strictly between {self.low:g} and {self.high:g}: Beta, by its mean and scale."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.beta`` of shape (n, k)."""
        z = np.asarray(z, np.float64)
        precision = 1 / self.scale_at(z) ** 2
        return scipy.stats.beta(precision * self.mean(z), precision * sigmoid(-z[:, : self.targets]))


def _likeliest(log_y: float, log_1y: float) -> tuple[float, float]:
    """Raw mean and scale of the greatest likelihood, from the weighted means of log y and log(1 - y).

    The likelihood's logarithm is concave in the two shapes, so along the precision, the mean at its best for each, it
    rises to one maximum: where ψ(precision) - ψ(first shape) is -log_y.
    """

    def slope(log_precision: float) -> float:
        precision = np.exp(log_precision)
        first = precision * sigmoid(best_raw_mean(np.float64(log_y), np.float64(log_1y), precision))
        return float(log_y + scipy.special.psi(precision) - scipy.special.psi(first))

    low, high = -2 * np.log(LARGEST_SCALE), -2 * np.log(MINIMUM_SCALE)
    if slope(low) <= 0:
        best = low
    else:
        best = high if slope(high) >= 0 else root(slope, low, high)
    precision = np.exp(best)
    return float(best_raw_mean(np.float64(log_y), np.float64(log_1y), precision)), float(np.exp(-0.5 * best))
