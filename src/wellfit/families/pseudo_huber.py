"""Real targets with a few outliers: Huber's loss without its kink."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.error_loss import ErrorLoss
from wellfit.functions.losses.regression import pseudo_huber


@spec
class PseudoHuber(ErrorLoss):
    """δ² (√(1 + (e/δ)²) - 1), summed over targets: z (n, k), y (n, k) standardised; smooth everywhere.

    ``delta`` is in standard deviations of the target: errors far below it count squared, far above it as they are
    (Charbonnier et al. 1997). A loss, not a likelihood: there is no distribution.

    >>> PseudoHuber(1.0).bind(1).loss(np.array([[0.0]]), np.array([[np.sqrt(3.0)]])).round(12)
    array([1.])
    """

    name = "pseudo_huber"
    delta: Any = 1.345
    targets: int = static(default=1)

    def each(self, z: Array, y: Array) -> Array:
        """The pseudo-Huber loss, elementwise."""
        return pseudo_huber(z, y, self.delta)

    def pull(self, error: np.ndarray) -> np.ndarray:
        """e / √(1 + (e/δ)²)."""
        delta = float(self.delta)
        return error / np.sqrt(1 + (error / delta) ** 2)

    def reason(self, facts: Any) -> str:
        """Why: real numbers with outliers."""
        return "y is real numbers with a few outliers: the pseudo-Huber loss, squared near zero and straight beyond."
