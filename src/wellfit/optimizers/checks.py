"""Checks of an optimizer's numbers, made at the door: in the program they are traced, and a wrong one only diverges."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np

from wellfit.functions.schedules import Plateau, Schedule, values


class Range(NamedTuple):
    """Where a number may lie; ``words`` say it. ``none``: whether it may be absent."""

    low: float
    high: float = np.inf
    open_low: bool = False
    none: bool = False
    whole: bool = False

    @property
    def words(self) -> str:
        """The range for people, such as "a number >= 0 and < 1"."""
        kind = ("None or " if self.none else "") + ("an integer" if self.whole else "a finite number")
        return f"{kind} {'>' if self.open_low else '>='} {self.low:g}" + (
            f" and < {self.high:g}" if np.isfinite(self.high) else ""
        )

    def holds(self, value: Any) -> bool:
        """Whether a number, or every one of an array of them, lies inside."""
        found = np.asarray(value)
        if found.dtype.kind not in ("iu" if self.whole else "iuf") or not np.isfinite(found).all():
            return False
        above = found > self.low if self.open_low else found >= self.low
        return bool(np.all(above & (found < self.high)))


FRACTION = Range(0, 1)
POSITIVE = Range(0, open_low=True)
DECAY = Range(0, none=True)
COUNT = Range(1, whole=True)

RANGES: dict[str, Range] = {
    "learning_rate": POSITIVE,
    "weight_decay": DECAY,
    "momentum": FRACTION,
    "beta1": FRACTION,
    "beta2": FRACTION,
    "decay": FRACTION,
    "eps": POSITIVE,
    "delta": POSITIVE,
    "damping": POSITIVE,
    "tolerance": POSITIVE,
    "memory_size": COUNT,
    "max_linesearch_steps": COUNT,
    "max_solve_steps": COUNT,
    "max_backtracks": COUNT,
}
"""By the field's name, which means the same in every optimizer of wellfit."""

SCHEDULED = ("learning_rate", "weight_decay")


def check_optimizer(optimizer: Any) -> None:
    """Raise one sentence for the first number of an optimizer that cannot be; fields of a user's own pass unchecked."""
    for field in dataclasses.fields(optimizer):
        if field.name in RANGES:
            _check(type(optimizer).__name__, field, getattr(optimizer, field.name))


def _check(owner: str, field: dataclasses.Field, value: Any) -> None:
    name, allowed = field.name, RANGES[field.name]
    if value is None and allowed.none:
        return
    if isinstance(value, Schedule) and name in SCHEDULED:
        # A schedule may come down to 0, where a number may not be: its peak is the number.
        fine = allowed.holds(value.peak) and allowed._replace(open_low=False).holds(values(value))
        fine = fine and (name == "learning_rate" or not isinstance(value, Plateau))
    else:
        fine = allowed.holds(value)
    if not fine:
        also = ", or a schedule of such" if name in SCHEDULED else ""
        raise ValueError(
            f"{name}={value!r} of {owner} must be {allowed.words}{also}; the default is {field.default!r}."
        )
