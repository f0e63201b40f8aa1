"""What families of targets between two limits have in common: the limits, and a mean that cannot leave them."""

import abc
import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count
from wellfit.functions.links import sigmoid


class Within(Family):
    """Targets from ``low`` to ``high``: the codec takes them to [0, 1], where the family works, and back."""

    target = "proportions"
    name: ClassVar[str]
    strict: ClassVar[bool] = False
    low: float
    high: float
    targets: int

    @property
    def codec(self) -> dict[str, Any]:
        """The limits, and whether y must lie strictly within them."""
        return {"low": float(self.low), "high": float(self.high), "strict": self.strict}

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        if not (np.isfinite(self.low) and np.isfinite(self.high) and self.low < self.high):
            raise ValueError(
                f"low={self.low!r} and high={self.high!r} of family {self.name!r} must be finite numbers, low below "
                "high."
            )
        return dataclasses.replace(self, targets=check_count(self.name, "target", k))  # type: ignore[type-var]

    @property
    @abc.abstractmethod
    def outputs(self) -> int:
        """How many raw outputs the network's last layer has, the raw means first."""

    def mean(self, z: Array) -> Array:
        """σ(z) (n, k), within (0, 1)."""
        return sigmoid(z[:, : self.targets])

    def predict(self, z: Array) -> Array:
        """The means (n, k)."""
        return self.mean(z)
