"""Amounts that are often exactly 0, such as rain or claims: the Tweedie deviance between Poisson's and the gamma's."""

from typing import Any, Self

import numpy as np

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.number_family import NumberFamily
from wellfit.functions.links import FARTHEST_INTERCEPT, exp_link
from wellfit.functions.losses.positives import half_tweedie_deviance
from wellfit.functions.numerics import namespace


@spec
class Tweedie(NumberFamily):
    """Half the unit deviance for the variance μ^p, 1 < p < 2: z (n, k) log means, y (n, k) ≥ 0.

    A sum of gamma amounts, Poisson many of them, has this variance (Jørgensen 1987). ``power`` is p: near 1 most of the
    variation is in how many, near 2 in how much. The deviance leaves the dispersion out, as scikit-learn's
    ``TweedieRegressor`` does: its density has no closed form, so there is no distribution.

    >>> Tweedie(power=1.5).bind(1).loss(np.array([[0.0]]), np.array([[0.0]]))
    array([2.])
    """

    name = "tweedie"
    target = "nonnegatives"
    domain = "numbers of at least 0"
    power: Any = 1.5
    targets: int = static(default=1)

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        if not np.all((np.asarray(self.power) > 1) & (np.asarray(self.power) < 2)):
            raise ValueError(
                f"power={self.power!r} of family 'tweedie' must lie between 1 and 2; use 'poisson' for 1 and 'gamma' "
                "for 2."
            )
        return super().bind(k)

    def loss(self, z: Array, y: Array) -> Array:
        """Half the deviance summed over targets, (n, k) twice -> (n,)."""
        return namespace(z, y).sum(half_tweedie_deviance(z, y, self.power), axis=-1)

    def mean(self, z: Array) -> Array:
        """The means (n, k)."""
        return exp_link(z)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs (k,) of the weighted means; of nothing but zeros so low that the loss is 0 to 13 digits."""
        with np.errstate(divide="ignore"):
            best = np.log(weighted.mean(y, w))
        return np.maximum(best, -FARTHEST_INTERCEPT / (2 - float(self.power)))

    def floor(self, y: Array) -> Array:
        """0 (n,)."""
        return namespace(y).zeros_like(y[:, 0])

    def reason(self, facts: Any) -> str:
        """Why: amounts with zeros."""
        return f"y is amounts of at least 0: Tweedie, whose variance is the mean to the power {float(self.power):g}."
