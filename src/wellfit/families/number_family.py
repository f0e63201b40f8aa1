"""What the families of one or several numbers have in common."""

import dataclasses
from typing import ClassVar, Self

import numpy as np

from wellfit.core.types import Array
from wellfit.families.base import Family
from wellfit.families.checks import check_count
from wellfit.functions import metrics


class NumberFamily(Family):
    """k targets, y (n, k): of the raw outputs the first k say where y lies, those after them how much it varies."""

    name: ClassVar[str]
    targets: int

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        return dataclasses.replace(self, targets=check_count(self.name, "target", k))  # type: ignore[type-var]

    @property
    def outputs(self) -> int:
        """One raw output a target, where y lies."""
        return self.targets

    @property
    def dispersions(self) -> slice:
        """The raw outputs after the first of each target."""
        return slice(self.targets, None)

    def predict(self, z: Array) -> Array:
        """The means (n, k), which of counts need not be integers."""
        return self.mean(z)

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """D2: the share of the best constant's loss above the floor that is explained."""
        constant = np.broadcast_to(self.intercept(y, w), z.shape)
        return metrics.explained_deviance(self.loss(z, y), self.loss(constant, y), self.floor(y), w)
