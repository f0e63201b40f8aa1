"""Positive targets whose noise grows with their mean: the gamma likelihood."""

import dataclasses
from typing import Any, Self

import numpy as np
import scipy.special
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.scaled_family import ScaledFamily
from wellfit.functions import metrics
from wellfit.functions.links import MINIMUM_SCALE, exp_link, log_of, raw_scale
from wellfit.functions.losses.positives import gamma_nll, half_gamma_deviance
from wellfit.functions.numerics import like, namespace
from wellfit.functions.roots import root


@spec
class Gamma(ScaledFamily):
    """y ~ Gamma(mean μ, standard deviation s μ): z (n, k) log means or, with ``learn_scale``, (n, 2k); y (n, k) > 0.

    Loss in nats, shape 1/s². ``scale`` is s, the standard deviation as a share of the mean (1 is the exponential
    distribution; the mean's estimate does not depend on it); with ``learn_scale`` the network says it for every row, as
    softplus + 0.001. scikit-learn's ``GammaRegressor`` has half the unit deviance, which is s² times this but for a
    constant.

    >>> Gamma().bind(1).loss(np.array([[0.0]]), np.array([[2.0]])).round(6)
    array([2.])
    """

    name = "gamma"
    target = "positives"
    domain = "numbers above 0"
    scale: Any = 1.0
    learn_scale: bool = static(default=False)
    targets: int = static(default=1)

    def _log_mean(self, z: Array) -> Array:
        return z[:, : self.targets]

    def loss(self, z: Array, y: Array) -> Array:
        """The negative log density summed over targets, (n, outputs) and (n, k) -> (n,)."""
        return namespace(z, y).sum(gamma_nll(self._log_mean(z), y, self.scale_at(z)), axis=-1)

    def mean(self, z: Array) -> Array:
        """The means (n, k)."""
        return exp_link(self._log_mean(z))

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs of the weighted means, and the raw scales most likely with them if they are learnt: (outputs,)."""
        best = log_of(weighted.mean(y, w))
        return np.concatenate([best, raw_scale(self._best_scale(best, y, w))]) if self.learn_scale else best

    @staticmethod
    def _best_scale(log_mean: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The most likely s (k,) for these log means: log α - ψ(α), α = 1/s², is the mean of half the deviance."""
        deviance = weighted.mean(half_gamma_deviance(log_mean, np.asarray(y, np.float64)), w)

        def found(d: float) -> float:
            slope = lambda b: float(b - scipy.special.psi(np.exp(b)) - d)  # noqa: E731
            low, high = -np.log(2 * d + 2) - 5, -2 * np.log(MINIMUM_SCALE)  # of log α
            return MINIMUM_SCALE if slope(high) >= 0 else float(np.exp(-0.5 * root(slope, low, high)))

        return np.array([found(float(d)) for d in deviance])

    def floor(self, y: Array) -> Array:
        """The loss where the mean is y itself (n,), at the smallest scale if it is learnt."""
        scale = like(MINIMUM_SCALE if self.learn_scale else self.scale, y)
        return namespace(y).sum(gamma_nll(namespace(y).log(y), y, scale), axis=-1)

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """D2: the share of the constant model's gamma deviance that is explained, whatever the scale."""
        constant = log_of(weighted.mean(y, w))
        loss, there = (
            half_gamma_deviance(np.asarray(a, np.float64), y).sum(axis=1) for a in (self._log_mean(z), constant)
        )
        return metrics.explained_deviance(loss, there, np.zeros(len(y)), w)

    def reason(self, facts: Any) -> str:
        """Why: positive numbers."""
        return "y is numbers above 0 whose noise grows with their mean: Gamma, with a log mean as raw output."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.gamma`` of shape (n, k)."""
        mean, scale = (np.asarray(a, np.float64) for a in (self.mean(z), self.scale_at(z)))
        return scipy.stats.gamma(1 / scale**2, scale=mean * scale**2)

    def with_dispersion(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> Self:
        """This family with the most likely scale (k,) for these means; a learnt scale is in z already."""
        if self.learn_scale:
            return self
        return dataclasses.replace(self, scale=self._best_scale(np.asarray(self._log_mean(z), np.float64), y, w))
