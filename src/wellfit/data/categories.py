"""Categories: from the texts of a column to the codes of its levels, rare and new ones in a slot of their own."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from wellfit.data.columns import Column
from wellfit.data.values import GAPS

FEWEST = 5
"""A level of fewer rows than this shares the slot of rare ones; in tables of under 500 rows, than their hundredth."""

MOST = 10_000
"""Levels with slots of their own, the most frequent ones."""


@dataclass(frozen=True)
class Category:
    """The slots of a column: 0 missing, 1 .. L its levels, L + 1 for levels that are rare or were not seen.

    A slot that no training row used has learnt nothing, so ``codes`` (L + 2,) leads from it to one that has: a gap to
    the slot of rare levels or else to the most frequent level, a new level to the slot of gaps or else to that level.
    A column of two states is one number, and ``numbers`` (L + 2,) says which for each slot: -1 and 1, and 0 for
    all others; a column that is left out is 0 everywhere. The order of ordered levels is not used.
    missing, rare : the shares of the training weight in these two slots.
    """

    levels: list[str]
    codes: np.ndarray
    numbers: np.ndarray | None
    missing: float = 0.0
    rare: float = 0.0
    _slots: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_slots", {level.strip(): slot for slot, level in enumerate(self.levels, 1)})

    @classmethod
    def learn(cls, column: Column, w: np.ndarray) -> Self:
        """The levels of a column by the weights (n,) of its rows."""
        assert column.labels is not None
        assert column.index is not None
        labels = column.labels
        mass = np.bincount(column.index + 1, weights=w, minlength=len(labels) + 1)
        gaps, mass, total = mass[0], mass[1:], mass.sum()
        frequent = np.flatnonzero(mass >= min(FEWEST, total / 100)).tolist()
        kept = sorted(frequent, key=lambda j: (-mass[j], labels[j]))[:MOST]
        levels = sorted(labels[j] for j in kept)
        rare = np.delete(mass, kept).sum()
        most_frequent = 1 + levels.index(labels[kept[0]]) if kept else 0
        return cls._of(levels, float(gaps / total), float(rare / total), most_frequent)

    @classmethod
    def _of(cls, levels: list[str], missing: float, rare: float, most_frequent: int) -> Self:
        other = len(levels) + 1
        used = [0] * (missing > 0) + list(range(1, other)) + [other] * (rare > 0)
        codes = np.arange(other + 1, dtype=np.int32)
        if not missing:
            codes[0] = other if rare else most_frequent
        if not rare:
            codes[other] = 0 if missing else most_frequent
        if len(used) > 2:
            return cls(levels, codes, None, missing, rare)
        numbers = np.zeros(other + 1)
        if len(used) == 2:
            numbers[used] = -1, 1
        return cls(levels, codes, numbers, missing, rare)

    @classmethod
    def before(cls, levels: list[str]) -> Self:
        """As model files have it that know levels only: every slot its own, and one number for up to two levels.

        There "None" and the like were levels, and not gaps.
        """
        codes = np.arange(len(levels) + 2, dtype=np.int32)
        codes[0] = next((slot for slot, level in enumerate(levels, start=1) if level.strip() in GAPS), 0)
        numbers = np.array([0, -1, 1][: len(levels) + 1] + [0], np.float64)[codes] if len(levels) <= 2 else None
        return cls(levels, codes, numbers, np.nan, np.nan)

    @classmethod
    def left_out(cls) -> Self:
        """A column that carries nothing: 0 in every row."""
        return cls([], np.zeros(2, np.int32), np.zeros(2))

    @property
    def cardinality(self) -> int:
        """Slots: missing, the levels, rare or unseen."""
        return len(self.levels) + 2

    def slots(self, column: Column) -> np.ndarray:
        """The slot (n,) of every row."""
        assert column.labels is not None
        assert column.index is not None
        other = len(self.levels) + 1
        labels = column.labels
        if set(self.levels) <= {"False", "True"}:
            labels = [_as_boolean(label) for label in labels]
        return np.array([*(self._slots.get(label, other) for label in labels), 0], np.int32)[column.index]

    def to_state(self) -> dict[str, Any]:
        """Plain values, for files; the levels apart."""
        numbers = None if self.numbers is None else self.numbers.tolist()
        return {"codes": self.codes.tolist(), "numbers": numbers, "missing": self.missing, "rare": self.rare}

    @classmethod
    def from_state(cls, levels: list[str], state: dict[str, Any]) -> Self:
        """The category that ``to_state`` described."""
        numbers = None if state["numbers"] is None else np.array(state["numbers"], np.float64)
        codes = np.array(state["codes"], np.int32)
        return cls(levels, codes, numbers, float(state["missing"]), float(state["rare"]))


def _as_boolean(label: str) -> str:
    return {"1": "True", "0": "False", "true": "True", "false": "False"}.get(label.strip().lower(), label)
