"""Schedules: numbers that change as training goes on, as pure functions of progress t in [0, 1]."""

import abc
from typing import Any

from wellfit.core.types import Array, Tree


class Schedule(abc.ABC):
    """A number of the progress of training. Wherever a number may stand, a schedule may stand."""

    peak: Any

    @abc.abstractmethod
    def at(self, t: Array, memory: Tree = ()) -> Array:
        """The number at progress t; ``memory`` is what ``observe`` kept (empty for pure functions of t)."""

    def start(self) -> Tree:
        """The memory before the first epoch: nothing, unless the schedule watches the score."""
        return ()

    def observe(self, memory: Tree, score: Array) -> Tree:
        """The memory after an epoch that ended with this score (smaller is better)."""
        return memory


def value_at(number: Any, t: Array, memory: Tree = ()) -> Any:
    """The value of a number or of a schedule at progress t."""
    return number.at(t, memory) if isinstance(number, Schedule) else number
