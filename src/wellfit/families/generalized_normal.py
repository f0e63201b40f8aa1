"""Real targets under the L_p loss: the generalised normal likelihood, from Laplace's (p = 1) by the normal (2) on."""

from typing import Any, Self

import numpy as np
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.constants import m_estimate
from wellfit.families.location_scale import LocationScale
from wellfit.functions.losses.regression import generalized_normal_nll


@spec
class GeneralizedNormal(LocationScale):
    """(|y - m| / s)^p + log 2s + log Γ(1 + 1/p): z (n, k) or, with ``learn_scale``, (n, 2k); y standardised; in nats.

    ``power`` is p ≥ 1: the L_p loss (theory C-104). ``scale`` is s in standard deviations of the target (for p = 2, √2
    of the noise's standard deviations).

    >>> GeneralizedNormal(power=2.0).bind(1).loss(np.array([[0.0]]), np.array([[1.0]])).round(6)
    array([1.572365])
    """

    name = "generalized_normal"
    power: Any = 1.5
    scale: Any = 1.0
    learn_scale: bool = static(default=False)
    targets: int = static(default=1)

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        if not (np.all(np.isfinite(self.power)) and np.all(np.asarray(self.power) >= 1)):
            raise ValueError(
                f"power={self.power!r} of family 'generalized_normal' must be a finite number of at least 1."
            )
        return super().bind(k)

    def nll(self, location: Array, y: Array, scale: Array) -> Array:
        """-log of the generalised normal density, elementwise."""
        return generalized_normal_nll(location, y, scale, self.power)

    def best_location(self, y: np.ndarray, w: np.ndarray, scale: Any) -> np.ndarray:
        """The centre of each target in the p-norm, whatever the scale."""
        p = float(self.power)
        return m_estimate(lambda e: np.sign(e) * np.abs(e) ** (p - 1), y, w)

    def best_scale(self, residual: np.ndarray, w: np.ndarray) -> np.ndarray:
        """(p times the weighted mean of |residual|^p)^(1/p), of each column."""
        p = float(self.power)
        return (p * weighted.mean(np.abs(residual) ** p, w)) ** (1 / p)

    def reason(self, facts: Any) -> str:
        """Why: an L_p loss was asked for."""
        return f"y is real numbers, and errors count by their power {float(self.power):g}: generalised normal."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.gennorm`` of shape (n, k)."""
        return scipy.stats.gennorm(float(self.power), loc=self.mean(z), scale=self.scale_at(z))
