"""Counts that vary more than Poisson's: the negative binomial likelihood with quadratic variance (NB2)."""

import dataclasses
from typing import Any, Self

import numpy as np
import scipy.special
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count
from wellfit.functions import metrics
from wellfit.functions.links import FARTHEST_INTERCEPT, exp_link, log_of
from wellfit.functions.losses.counts import FARTHEST_LOG_DISPERSION, negative_binomial_nll, poisson_floor
from wellfit.functions.numerics import namespace
from wellfit.functions.weighted import root


@spec
class NegativeBinomial(Family):
    """y ~ NB2(μ, α), variance μ + α μ²: z (n, 2k) = k log means, then k log dispersions; y (n, k) counts.

    The Poisson likelihood is its limit as α -> 0, and the loss stays exact there (Cameron and Trivedi 2013).

    >>> family = NegativeBinomial().bind(1)
    >>> family.loss(np.array([[0.0, 0.0]]), np.array([[1.0]])).round(6)
    array([1.386294])
    """

    target = "counts"
    domain = "non-negative integers"
    targets: int = static(default=1)

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        return dataclasses.replace(self, targets=check_count("negative_binomial", "target", k))

    @property
    def outputs(self) -> int:
        """A log mean and a log dispersion a target."""
        return 2 * self.targets

    @property
    def dispersions(self) -> slice:
        """The raw outputs after the first of each target."""
        return slice(self.targets, None)

    def loss(self, z: Array, y: Array) -> Array:
        """The negative log-likelihood summed over targets, (n, 2k) and (n, k) -> (n,)."""
        each = negative_binomial_nll(z[:, : self.targets], z[:, self.targets :], y)
        return namespace(z, y).sum(each, axis=-1)

    def mean(self, z: Array) -> Array:
        """The expected counts (n, k)."""
        return exp_link(z[:, : self.targets])

    def predict(self, z: Array) -> Array:
        """The expected counts (n, k), which need not be integers."""
        return self.mean(z)

    def dispersion(self, z: Array) -> Array:
        """α (n, k)."""
        limit = FARTHEST_LOG_DISPERSION
        return namespace(z).exp(namespace(z).clip(z[:, self.targets :], -limit, limit))

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs of the weighted means, then the log dispersions that are most likely given them: (2k,)."""
        y, w = np.asarray(y, np.float64), np.asarray(w, np.float64)
        return np.concatenate([log_of(weighted.mean(y, w)), [best_log_dispersion(column, w) for column in y.T]])

    def floor(self, y: Array) -> Array:
        """Poisson's (n,), with mean y: a mixture of Poissons cannot be more likely."""
        return namespace(y).sum(poisson_floor(y), axis=-1)

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """D2: the share of the constant model's deviance that is explained."""
        constant = np.broadcast_to(self.intercept(y, w), z.shape)
        return metrics.explained_deviance(self.loss(z, y), self.loss(constant, y), self.floor(y), w)

    def reason(self, facts: Any) -> str:
        """Why: over-dispersed counts."""
        return "y is counts (non-negative integers) that vary more than Poisson's: NegativeBinomial."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.nbinom`` of shape (n, k)."""
        mean, alpha = (np.asarray(a, np.float64) for a in (self.mean(z), self.dispersion(z)))
        return scipy.stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))


def best_log_dispersion(y: np.ndarray, w: np.ndarray) -> float:
    """log α of the most likely NB2 for y (n,), or ``-FARTHEST_INTERCEPT`` where Poisson is likelier.

    The most likely mean is the weighted mean whatever α is, so α is the root of one derivative (Levin and
    Reeds 1977: there is one exactly where the variance exceeds the mean).
    """
    values, inverse = np.unique(y, return_inverse=True)
    counts = np.bincount(inverse, weights=w)
    mean = float(weighted.mean(values, counts))
    variance = float(weighted.mean((values - mean) ** 2, counts))
    if variance <= mean:
        return -FARTHEST_INTERCEPT

    def slope(b: float) -> float:
        r = np.exp(-b)
        gain = scipy.special.psi(r + values) - scipy.special.psi(r)
        return float(np.log1p(mean / r) - counts @ gain / counts.sum())

    low = high = float(np.log((variance - mean) / mean**2))
    while slope(low) < 0 and low > -FARTHEST_INTERCEPT:
        low -= 1
    while slope(high) > 0 and high < FARTHEST_INTERCEPT:
        high += 1
    if slope(low) < 0:
        return low
    if slope(high) > 0:
        return high
    return root(slope, low, high)
