"""Real targets whose quantiles are wanted: the pinball loss."""

import dataclasses
from typing import Any, Self

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count
from wellfit.functions import metrics
from wellfit.functions.losses.regression import pinball
from wellfit.functions.numerics import like, namespace


@spec
class Quantile(Family):
    """Σ max(τ e, (τ - 1) e) over targets and ``levels`` τ: z (n, k · levels), y (n, k) standardised.

    Raw outputs lie target by target, the levels of one beside each other. ``levels`` increase within (0, 1).
    Predicted quantiles are sorted, which never makes the loss larger (Chernozhukov et al. 2010), so they do
    not cross.

    >>> family = Quantile((0.1, 0.5, 0.9)).bind(1)
    >>> family.quantiles(np.array([[0.0, -1.0, 1.0]]))
    array([[[-1.,  0.,  1.]]])
    """

    target = "reals"
    domain = "real numbers"
    levels: tuple[Any, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)
    targets: int = static(default=1)

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        levels = np.asarray(self.levels, np.float64)
        inside = levels.ndim == 1 and levels.size and np.all((levels > 0) & (levels < 1))
        if not (inside and np.all(np.diff(levels) > 0)):
            raise ValueError(f"levels={self.levels!r} of family 'quantile' must be increasing numbers between 0 and 1.")
        return dataclasses.replace(self, levels=tuple(self.levels), targets=check_count("quantile", "target", k))

    @property
    def outputs(self) -> int:
        """One quantile for each target and level."""
        return self.targets * len(self.levels)

    def _levels(self, z: Array) -> Array:
        xp = namespace(z, *self.levels)
        return xp.stack([like(level, z) for level in self.levels])

    def _split(self, z: Array) -> Array:
        return z.reshape(z.shape[0], self.targets, len(self.levels))

    def loss(self, z: Array, y: Array) -> Array:
        """The pinball loss summed over targets and levels, (n, outputs) and (n, k) -> (n,)."""
        each = pinball(self._split(z), y[:, :, None], self._levels(z))
        return namespace(z, y).sum(each, axis=(1, 2))

    def quantiles(self, z: Array) -> Array:
        """The quantiles (n, k, levels), increasing along the last axis."""
        return namespace(z).sort(self._split(z), axis=-1)

    def mean(self, z: Array) -> Array:
        """The quantile of the level nearest to ½, (n, k): quantiles do not tell a mean."""
        xp = namespace(z)
        middle = xp.argmin(xp.abs(self._levels(z) - 0.5))
        return xp.take(self.quantiles(z), middle, axis=-1)

    def predict(self, z: Array) -> Array:
        """The quantile of the level nearest to ½, (n, k)."""
        return self.mean(z)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The weighted quantiles (outputs,) of each target."""
        return np.stack([weighted.quantile(y, w, float(level)) for level in self.levels], axis=-1).ravel()

    def floor(self, y: Array) -> Array:
        """0 (n,)."""
        return namespace(y).zeros_like(y[:, 0])

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """D2: the share of constant quantiles' pinball loss that is explained (R2 would ask for the mean)."""
        constant = np.broadcast_to(self.intercept(y, w), (len(y), self.outputs))
        return metrics.explained_deviance(self.loss(z, y), self.loss(constant, y), self.floor(y), w)

    def reason(self, facts: Any) -> str:
        """Why: quantiles were asked for."""
        levels = ", ".join(f"{float(level):g}" for level in self.levels)
        return f"the quantiles {levels} of y were asked for: Quantile, whose loss is the pinball loss."
