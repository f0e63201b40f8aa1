"""What the likelihoods of real targets with a location and a noise scale have in common."""

import abc
import dataclasses
from typing import Any, Self

import numpy as np

from wellfit.core.types import Array
from wellfit.families.scaled_family import ScaledFamily
from wellfit.functions import metrics
from wellfit.functions.links import MINIMUM_SCALE, raw_scale
from wellfit.functions.numerics import like, namespace


class LocationScale(ScaledFamily):
    """Raw outputs z: k locations and, when the scale is learnt, k raw scales."""

    target = "reals"
    domain = "real numbers"

    @abc.abstractmethod
    def nll(self, location: Array, y: Array, scale: Array) -> Array:
        """The negative log density, elementwise."""

    @abc.abstractmethod
    def best_location(self, y: np.ndarray, w: np.ndarray, scale: Any) -> np.ndarray:
        """The most likely location of each column, (n, k) -> (k,), at this scale, () or (k,), or at its best (None)."""

    @abc.abstractmethod
    def best_scale(self, residual: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The most likely scale of each column of residuals, (n, k) -> (k,)."""

    def loss(self, z: Array, y: Array) -> Array:
        """The negative log density summed over targets, (n, outputs) and (n, k) -> (n,)."""
        return namespace(z, y).sum(self.nll(self.mean(z), y, self.scale_at(z)), axis=-1)

    def mean(self, z: Array) -> Array:
        """The locations (n, k)."""
        return z[:, : self.targets]

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The most likely location of each target, and its raw scale if that is learnt: (outputs,)."""
        y = np.asarray(y, np.float64)
        location = self.best_location(y, w, None if self.learn_scale else np.asarray(self.scale, np.float64))
        if not self.learn_scale:
            return location
        return np.concatenate([location, raw_scale(self.best_scale(y - location, w))])

    def floor(self, y: Array) -> Array:
        """The loss of an exact location (n,), at the smallest scale if it is learnt."""
        scale = like(MINIMUM_SCALE if self.learn_scale else self.scale, y)
        return namespace(y).sum(self.nll(y, y, scale), axis=-1)

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2, averaged over targets."""
        return metrics.r2(self.mean(z), y, w)

    def with_dispersion(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> Self:
        """This family with the most likely scale (k,) for these residuals; a learnt scale is in z already.

        Like a learnt scale it is never below 0.001, so an exact fit keeps a distribution.
        """
        if self.learn_scale:
            return self
        residual = np.asarray(y, np.float64) - np.asarray(self.mean(z), np.float64)
        scale = np.maximum(self.best_scale(residual, w), MINIMUM_SCALE)
        return dataclasses.replace(self, scale=scale)  # type: ignore[type-var]
