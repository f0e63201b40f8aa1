"""Families of numbers with a noise scale, which is fixed or learnt."""

from typing import Any, Self

from wellfit.core.types import Array
from wellfit.families.checks import check_positive
from wellfit.families.number_family import NumberFamily
from wellfit.functions.links import positive_scale
from wellfit.functions.numerics import like


class ScaledFamily(NumberFamily):
    """After the k raw outputs of where y lies come, when the scale is learnt, k raw scales (s = softplus + 0.001)."""

    scale: Any
    learn_scale: bool

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        check_positive(self.name, "scale", self.scale)
        return super().bind(k)

    @property
    def outputs(self) -> int:
        """A raw output a target, and a raw scale a target if it is learnt."""
        return self.targets * (2 if self.learn_scale else 1)

    def scale_at(self, z: Array) -> Array:
        """s: (n, k) where it is learnt, else the fixed number, () or (k,), in z's dtype."""
        return positive_scale(z[:, self.targets :]) if self.learn_scale else like(self.scale, z)
