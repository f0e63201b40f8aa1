"""What families of targets between two limits have in common: the limits, and a mean that cannot leave them."""

from typing import Any, ClassVar, Self

import numpy as np

from wellfit.core.types import Array
from wellfit.families.number_family import NumberFamily
from wellfit.functions.links import sigmoid


class Within(NumberFamily):
    """Targets from ``low`` to ``high``: the codec takes them to [0, 1], where the family works, and back."""

    target = "proportions"
    strict: ClassVar[bool] = False
    low: float
    high: float

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
        return super().bind(k)

    def mean(self, z: Array) -> Array:
        """σ(z) (n, k), within (0, 1)."""
        return sigmoid(z[:, : self.targets])
