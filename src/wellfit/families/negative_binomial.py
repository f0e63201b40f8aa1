"""Counts that vary more than Poisson's: the negative binomial likelihood with quadratic variance (NB2)."""

from typing import Any, Self

import numpy as np
import scipy.special
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.checks import check_positive
from wellfit.families.count_family import CountFamily
from wellfit.functions.links import FARTHEST_INTERCEPT, exp_link, log_of
from wellfit.functions.losses.counts import FARTHEST_LOG_DISPERSION, negative_binomial_nll
from wellfit.functions.numerics import like, namespace
from wellfit.functions.roots import root


@spec
class NegativeBinomial(CountFamily):
    """y ~ NB2(μ, α), variance μ + α μ²: z (n, 2k) = k log means, then k log dispersions; y (n, k) counts.

    The network says α for every row; ``alpha``, a number or one a target, fixes it, and z is then (n, k) log means: a
    linear network is the negative binomial GLM, where statsmodels' has ``alpha`` too. The Poisson likelihood is the
    limit as α -> 0, and the loss stays exact there (Cameron and Trivedi 2013).

    >>> family = NegativeBinomial().bind(1)
    >>> family.loss(np.array([[0.0, 0.0]]), np.array([[1.0]])).round(6)
    array([1.386294])
    """

    name = "negative_binomial"
    targets: int = static(default=1)
    alpha: Any = None

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        if self.alpha is not None:
            check_positive(self.name, "alpha", self.alpha)
        return super().bind(k)

    @property
    def outputs(self) -> int:
        """A log mean a target, and a log dispersion unless it is fixed."""
        return self.targets * (2 if self.alpha is None else 1)

    def loss(self, z: Array, y: Array) -> Array:
        """The negative log-likelihood summed over targets, (n, outputs) and (n, k) -> (n,)."""
        each = negative_binomial_nll(z[:, : self.targets], self._log_dispersion(z), y)
        return namespace(z, y).sum(each, axis=-1)

    def _log_dispersion(self, z: Array) -> Array:
        """log α: (n, k), of a fixed one () or (k,)."""
        return z[:, self.targets :] if self.alpha is None else namespace(z).log(like(self.alpha, z))

    def mean(self, z: Array) -> Array:
        """The expected counts (n, k)."""
        return exp_link(z[:, : self.targets])

    def dispersion(self, z: Array) -> Array:
        """α: (n, k) where the network says it, else the fixed number, () or (k,)."""
        limit = FARTHEST_LOG_DISPERSION
        return namespace(z).exp(namespace(z).clip(self._log_dispersion(z), -limit, limit))

    def floor(self, y: Array) -> Array:
        """The loss (n,) with mean y: at the fixed α, else Poisson's, for α near 0."""
        if self.alpha is None:
            return super().floor(y)
        xp = namespace(y)
        log_mean = xp.log(xp.maximum(y, np.finfo(y.dtype).tiny))
        return xp.sum(negative_binomial_nll(log_mean, self._log_dispersion(y), y), axis=-1)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs of the weighted means, then the log dispersions that are most likely given them: (outputs,)."""
        y, w = np.asarray(y, np.float64), np.asarray(w, np.float64)
        if self.alpha is not None:
            return log_of(weighted.mean(y, w))
        return np.concatenate([log_of(weighted.mean(y, w)), [best_log_dispersion(column, w) for column in y.T]])

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
