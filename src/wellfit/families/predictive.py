"""Predictive distributions: what ``Family.distribution`` returns, averaged over members.

One member's distribution is a frozen one of ``scipy.stats`` with arrays of shape (n, k) inside: ``ppf``,
``cdf``, ``interval(level)``, ``mean``, ``std``, ``rvs``. A ``Mixture`` of several answers to the same names.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.stats

from wellfit.core.types import Array

HALVINGS = 200
"""More than enough to close any bracket of float64: each takes at most a halving or one step of rounding."""


class Mixture:
    """The equal mixture of M frozen distributions: cdf(x) = (1/M) Σ_m cdf_m(x).

    Its quantiles lie between the least and the greatest of its members', and are found there by bisection for
    all rows at once. Members are all continuous or all discrete, and of one shape.

    >>> mixture = Mixture([scipy.stats.norm(-1.0, 1.0), scipy.stats.norm(1.0, 1.0)])
    >>> abs(round(float(mixture.ppf(0.5)), 12))
    0.0
    """

    def __init__(self, members: Sequence[Any]) -> None:
        self.members = list(members)
        if not self.members:
            raise ValueError("members=[] of Mixture must hold at least one distribution.")
        kinds = {isinstance(member.dist, scipy.stats.rv_discrete) for member in self.members}
        if len(kinds) > 1:
            raise ValueError("members of Mixture must be all continuous or all discrete, and these are mixed.")
        self.discrete = kinds.pop()

    def _average(self, method: str, *args: Any) -> Array:
        total = sum(np.asarray(getattr(member, method)(*args), np.float64) for member in self.members)
        return total / len(self.members)

    def cdf(self, x: Array) -> Array:
        """P(y ≤ x)."""
        return self._average("cdf", x)

    def sf(self, x: Array) -> Array:
        """P(y > x), exact in the upper tail."""
        return self._average("sf", x)

    def pdf(self, x: Array) -> Array:
        """The density at x, of continuous members."""
        return self._average("pdf", x)

    def pmf(self, x: Array) -> Array:
        """The probability of x, of discrete members."""
        return self._average("pmf", x)

    def mean(self) -> Array:
        """The mean of the members' means."""
        return self._average("mean")

    def var(self) -> Array:
        """The mean of the members' variances plus the variance of their means."""
        means = np.stack([np.asarray(member.mean(), np.float64) for member in self.members])
        return self._average("var") + means.var(axis=0)

    def std(self) -> Array:
        """The square root of ``var``."""
        return np.sqrt(self.var())

    def ppf(self, q: Array) -> Array:
        """The q-quantile: the smallest x with cdf(x) ≥ q."""
        inner = np.stack([np.asarray(member.ppf(q), np.float64) for member in self.members])
        low, high = inner.min(axis=0), inner.max(axis=0)
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            middle = np.floor(middle) if self.discrete else middle
            is_open = (low < high) & (self.discrete | ((low < middle) & (middle < high)))
            if not np.any(is_open):
                break
            enough = self.cdf(middle) >= q
            high = np.where(is_open & enough, middle, high)
            low = np.where(is_open & ~enough, middle + self.discrete, low)
        return high

    def median(self) -> Array:
        """The ½-quantile."""
        return self.ppf(0.5)

    def interval(self, level: float) -> tuple[Array, Array]:
        """The central interval that holds y with probability ``level`` (at least, of discrete members)."""
        return self.ppf((1 - level) / 2), self.ppf((1 + level) / 2)

    def rvs(self, size: Any = None, random_state: Any = None) -> Array:
        """Samples: for every number a member is drawn first; ``size`` as in ``scipy.stats``."""
        rng = np.random.default_rng(random_state)
        shape = np.shape(self.mean()) if size is None else size
        draws = np.stack([np.asarray(member.rvs(size=shape, random_state=rng)) for member in self.members])
        chosen = rng.integers(len(self.members), size=draws.shape[1:])
        return np.take_along_axis(draws, chosen[None], axis=0)[0]
