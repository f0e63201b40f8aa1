"""Targets with limits: numbers above 0, and numbers between two limits."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from wellfit.core import weighted
from wellfit.data.target_values import Facts, facts_of_numbers, numbers, refuse, shaped


@dataclass(frozen=True)
class Positives:
    """Numbers above 0, or of at least 0, in units of their weighted mean: (n,) or (n, k)."""

    scale: np.ndarray
    strict: bool
    flat: bool
    kind: ClassVar[str] = "positives"

    @classmethod
    def fit(cls, y: Any, w: np.ndarray, strict: bool = True) -> Self:
        values = numbers(y)
        flat = values.ndim == 1
        mean = weighted.mean(np.maximum(values.reshape(len(values), -1), 0), w)
        return cls(np.where(mean > 0, mean, 1.0), strict, flat)

    @property
    def k(self) -> int:
        return len(self.scale)

    def facts(self, y: Any, w: np.ndarray) -> Facts:
        return facts_of_numbers(y, w)

    def encode(self, y: Any) -> np.ndarray:
        """Values (n, k) in units of the mean."""
        values = shaped(numbers(y), self.k)
        allowed = "numbers above 0" if self.strict else "numbers of at least 0"
        remedy = "use family='tweedie' or 'non_negative' for zeros, " if self.strict else "use "
        refuse(values, (values <= 0) if self.strict else (values < 0), allowed, f"{remedy}'normal' for any number")
        return values / self.scale

    def decode(self, predicted: np.ndarray) -> np.ndarray:
        """Values in y's own units and shape: (n, k) -> (n,) where y was flat."""
        values = predicted * self.scale
        return values[:, 0] if self.flat else values

    def to_state(self) -> dict[str, Any]:
        return {"kind": self.kind, "scale": self.scale, "strict": self.strict, "flat": self.flat}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(np.asarray(state["scale"]), bool(state["strict"]), bool(state["flat"]))


@dataclass(frozen=True)
class Proportions:
    """Numbers from ``low`` to ``high``, taken to [0, 1]: (n,) or (n, k); with ``strict`` the limits are excluded."""

    k: int
    low: float
    high: float
    strict: bool
    flat: bool
    kind: ClassVar[str] = "proportions"

    @classmethod
    def fit(cls, y: Any, w: np.ndarray, low: float = 0.0, high: float = 1.0, strict: bool = False) -> Self:
        values = numbers(y)
        return cls(1 if values.ndim == 1 else values.shape[1], low, high, strict, values.ndim == 1)

    def facts(self, y: Any, w: np.ndarray) -> Facts:
        return facts_of_numbers(y, w)

    def encode(self, y: Any) -> np.ndarray:
        """Shares (n, k) of the way from low to high."""
        values = shaped(numbers(y), self.k)
        share = (values - self.low) / (self.high - self.low)
        limits = f"{self.low:g} and {self.high:g}"
        if self.strict:
            remedy = "use family='fractional' where the limits themselves occur, or give others (low=, high=)"
            refuse(values, (share <= 0) | (share >= 1), f"numbers strictly between {limits}", remedy)
        else:
            remedy = "give other limits to the family (low=, high=), or use 'normal' for any number"
            refuse(values, (share < 0) | (share > 1), f"numbers between {limits}", remedy)
        return share

    def decode(self, predicted: np.ndarray) -> np.ndarray:
        """Values in y's own units and shape: (n, k) -> (n,) where y was flat."""
        values = self.low + predicted * (self.high - self.low)
        return values[:, 0] if self.flat else values

    def to_state(self) -> dict[str, Any]:
        limits = {"low": self.low, "high": self.high, "strict": self.strict}
        return {"kind": self.kind, "k": self.k, **limits, "flat": self.flat}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        limits = float(state["low"]), float(state["high"]), bool(state["strict"])
        return cls(int(state["k"]), *limits, bool(state["flat"]))
