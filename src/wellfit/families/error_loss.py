"""Losses of real targets that are no likelihoods: what makes large errors count less than their squares."""

import abc
from typing import Any, Self

import numpy as np

from wellfit.core.types import Array
from wellfit.families.checks import check_positive
from wellfit.families.constants import m_estimate
from wellfit.families.number_family import NumberFamily
from wellfit.functions import metrics
from wellfit.functions.numerics import namespace


class ErrorLoss(NumberFamily):
    """Σ ρ(y - z) over targets for a convex ρ that turns from squared to straight about ``delta``: z (n, k).

    The best constant is an M-estimate of location. There is no distribution.
    """

    target = "reals"
    domain = "real numbers"
    delta: Any

    @abc.abstractmethod
    def each(self, z: Array, y: Array) -> Array:
        """ρ(y - z), elementwise."""

    @abc.abstractmethod
    def pull(self, error: np.ndarray) -> np.ndarray:
        """The derivative of ρ, elementwise, on the host."""

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        check_positive(self.name, "delta", self.delta)
        return super().bind(k)

    def loss(self, z: Array, y: Array) -> Array:
        """ρ summed over targets, (n, k) twice -> (n,)."""
        return namespace(z, y).sum(self.each(z, y), axis=-1)

    def mean(self, z: Array) -> Array:
        """The locations (n, k)."""
        return z

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The M-estimate of each target's location (k,)."""
        return m_estimate(self.pull, y, w)

    def floor(self, y: Array) -> Array:
        """0 (n,)."""
        return namespace(y).zeros_like(y[:, 0])

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2, averaged over targets."""
        return metrics.r2(z, y, w)
