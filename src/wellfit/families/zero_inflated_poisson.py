"""Counts with more zeros than Poisson's: a share of rows that can only be 0, and Poisson's counts for the rest."""

from typing import Any

import numpy as np
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.count_family import CountFamily
from wellfit.functions.links import FARTHEST_INTERCEPT, exp_link, log_of, logit, sigmoid
from wellfit.functions.losses.counts import zero_inflated_poisson_nll
from wellfit.functions.numerics import namespace
from wellfit.functions.roots import root


@spec
class ZeroInflatedPoisson(CountFamily):
    """y = 0 with probability π, else Poisson(μ): z (n, 2k) = k log means of the Poisson part, then k log odds of π.

    Loss in nats, y (n, k) counts (Lambert 1992). The expected count is (1 - π) μ.

    >>> ZeroInflatedPoisson().bind(1).mean(np.array([[0.0, 0.0]]))
    array([[0.5]])
    """

    name = "zero_inflated_poisson"
    targets: int = static(default=1)

    @property
    def outputs(self) -> int:
        """A log mean and a log odds of the extra zeros a target."""
        return 2 * self.targets

    def loss(self, z: Array, y: Array) -> Array:
        """The negative log-likelihood summed over targets, (n, 2k) and (n, k) -> (n,)."""
        each = zero_inflated_poisson_nll(z[:, : self.targets], z[:, self.targets :], y)
        return namespace(z, y).sum(each, axis=-1)

    def mean(self, z: Array) -> Array:
        """The expected counts (n, k)."""
        return sigmoid(-z[:, self.targets :]) * exp_link(z[:, : self.targets])

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The most likely log means and log odds of extra zeros: (2k,)."""
        found = [_likeliest(column, np.asarray(w, np.float64)) for column in np.asarray(y, np.float64).T]
        return np.array(found).T.ravel()

    def reason(self, facts: Any) -> str:
        """Why: counts with extra zeros."""
        return "y is counts with more zeros than Poisson's: ZeroInflatedPoisson."

    def distribution(self, z: np.ndarray) -> Any:
        """Of shape (n, k), with the methods of scipy's frozen distributions."""
        z = np.asarray(z, np.float64)
        return inflated(exp_link(z[:, : self.targets]), sigmoid(z[:, self.targets :]))


def _likeliest(y: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    """Log mean and log odds of extra zeros; -``FARTHEST_INTERCEPT`` where Poisson alone has zeros enough.

    With extra zeros the Poisson part is that of the counts above 0, cut off at 0: μ / (1 - e^-μ) is their mean.
    """
    zeros, mean = float(w[y == 0].sum() / w.sum()), float(weighted.mean(y, w))
    if mean == 0 or zeros <= np.exp(-mean):
        return float(log_of(np.asarray(mean))), -FARTHEST_INTERCEPT
    above = mean / (1 - zeros)
    poisson = root(lambda m: above + m / np.expm1(-m), 1e-12, above)
    extra = 1 + (1 - zeros) / np.expm1(-poisson)
    return float(np.log(poisson)), float(logit(np.asarray(extra)))


class ZeroInflated(scipy.stats.rv_discrete):
    """π of 0 and 1 - π of Poisson(μ), for scipy: parameters (μ, π)."""

    def _argcheck(self, *args: np.ndarray) -> np.ndarray:
        mean, extra = args
        return (mean >= 0) & (extra >= 0) & (extra <= 1)

    def _pmf(self, k: np.ndarray, *args: np.ndarray) -> np.ndarray:
        mean, extra = args
        return extra * (k == 0) + (1 - extra) * scipy.stats.poisson.pmf(k, mean)

    def _cdf(self, x: np.ndarray, *args: np.ndarray) -> np.ndarray:
        mean, extra = args
        return extra + (1 - extra) * scipy.stats.poisson.cdf(x, mean)

    def _sf(self, x: np.ndarray, *args: np.ndarray) -> np.ndarray:
        mean, extra = args
        return (1 - extra) * scipy.stats.poisson.sf(x, mean)

    def _ppf(self, q: np.ndarray, *args: np.ndarray) -> np.ndarray:
        mean, extra = args
        rest = np.divide(q - extra, 1 - extra, out=np.zeros(np.shape(q)), where=q > extra)
        return np.where(q > extra, scipy.stats.poisson.ppf(rest, mean), 0.0)

    def _stats(self, *args: np.ndarray, **_: str) -> tuple:
        mean, extra = args
        expected = (1 - extra) * mean
        return expected, expected * (1 + extra * mean), None, None


inflated = ZeroInflated(name="zero_inflated_poisson", shapes="mean, extra")
