"""Schedules: numbers that change as training goes on, as pure functions of progress t in [0, 1]."""

import abc
import dataclasses
import math
from typing import Any

import numpy as np

from wellfit.core.names import look_up
from wellfit.core.spec import spec
from wellfit.core.types import Array, Tree
from wellfit.functions.numerics import namespace


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


def values(number: Any, points: int = 101) -> np.ndarray:
    """The values of a number or of a schedule at evenly spaced moments of training, before any score is observed."""
    if not isinstance(number, Schedule):
        return np.asarray(number)
    memory = number.start()
    return np.stack([np.asarray(number.at(t, memory)) for t in np.linspace(0.0, 1.0, points)])


@spec
class Constant(Schedule):
    """The peak, always."""

    peak: Any = 1.0

    def at(self, t: Array, memory: Tree = ()) -> Array:
        return self.peak + 0 * t


@spec
class Cosine(Schedule):
    """end + (peak - end) ½ (1 + cos πt): from the peak down to the end (Loshchilov and Hutter 2017)."""

    peak: Any = 1.0
    end: Any = 0.0

    def at(self, t: Array, memory: Tree = ()) -> Array:
        return self.end + (self.peak - self.end) * _half_cosine(t)


@spec
class WarmUp(Schedule):
    """A straight rise to the peak over the first ``fraction`` of training, then a cosine down to 0."""

    peak: Any = 1.0
    fraction: Any = 0.1

    def at(self, t: Array, memory: Tree = ()) -> Array:
        xp = namespace(t, self.fraction)
        rise = _share(t, self.fraction)
        fall = _half_cosine(_share(t - self.fraction, 1 - self.fraction))
        return self.peak * xp.where(t < self.fraction, rise, fall)


@spec
class OneCycle(Schedule):
    """peak/25 to the peak over the first ``rise``, then down to peak/10^4, both by cosines (Smith and Topin 2018)."""

    peak: Any = 1.0
    rise: Any = 0.3
    start_factor: Any = 0.04
    end_factor: Any = 1e-4

    def at(self, t: Array, memory: Tree = ()) -> Array:
        xp = namespace(t, self.rise)
        up = 1 - (1 - self.start_factor) * _half_cosine(_share(t, self.rise))
        fall = _half_cosine(_share(t - self.rise, 1 - self.rise))
        down = self.end_factor + (1 - self.end_factor) * fall
        return self.peak * xp.where(t < self.rise, up, down)


@spec
class Exponential(Schedule):
    """lowest (peak / lowest)^t: up by equal factors, for a learning-rate range test (Smith 2017)."""

    peak: Any = 1.0
    lowest: Any = 1e-6

    def at(self, t: Array, memory: Tree = ()) -> Array:
        return self.lowest * (self.peak / self.lowest) ** t


@spec
class FlatCosine(Schedule):
    """The peak for the first half, then a cosine down to 0."""

    peak: Any = 1.0

    def at(self, t: Array, memory: Tree = ()) -> Array:
        return self.peak * _half_cosine(namespace(t).clip(2 * t - 1, 0, 1))


@spec
class CosLog4(Schedule):
    """peak ½ (1 - cos 2π log2(1 + 15 t)): four ever longer waves (Holzmüller et al. 2024)."""

    peak: Any = 1.0

    def at(self, t: Array, memory: Tree = ()) -> Array:
        xp = namespace(t)
        return self.peak * 0.5 * (1 - xp.cos(2 * math.pi * xp.log2(1 + 15 * t)))


@spec
class Plateau(Schedule):
    """The peak, multiplied by ``factor`` whenever the score has not improved for more than ``patience`` epochs.

    The count is torch's; Keras lowers the rate one epoch earlier.
    Its memory is (current factor, best score, epochs waited).
    """

    peak: Any = 1.0
    factor: Any = 0.5
    patience: Any = 5
    smallest: Any = 1e-3

    def at(self, t: Array, memory: Tree = ()) -> Array:
        return self.peak * memory[0]

    def start(self) -> Tree:
        return np.float32(1), np.float32(np.inf), np.int32(0)

    def observe(self, memory: Tree, score: Array) -> Tree:
        xp = namespace(score)
        current, best, waited = memory
        improved = score < best
        waited = xp.where(improved, np.int32(0), waited + np.int32(1))
        tired = waited > xp.asarray(self.patience).astype(np.int32)
        lowered = xp.maximum(current * self.factor, self.smallest).astype(current.dtype)
        return (
            xp.where(tired, lowered, current),
            xp.where(improved, score, best),
            xp.where(tired, np.int32(0), waited),
        )


@spec
class InverseScaling(Schedule):
    """peak / (1 + rows seen) ^ power, changed after every epoch of ``rows`` rows (scikit-learn's "invscaling").

    Its memory is the number of epochs that are over.
    """

    peak: Any = 1.0
    power: Any = 0.5
    rows: Any = 1.0

    def at(self, t: Array, memory: Tree = ()) -> Array:
        return self.peak / (memory * self.rows + 1) ** self.power

    def start(self) -> Tree:
        return np.float32(0)

    def observe(self, memory: Tree, score: Array) -> Tree:
        return memory + 1


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "cosine": Cosine,
    "warm_up": WarmUp,
    "one_cycle": OneCycle,
    "flat_cosine": FlatCosine,
    "coslog4": CosLog4,
    "plateau": Plateau,
}


def scheduled(peak: Any, schedule: Any) -> Any:
    """A number and the schedule it is the peak of, by name, class or object; a schedule as ``peak`` stays as it is.

    >>> scheduled(0.1, "cosine")
    Cosine(peak=0.1, end=0.0)
    """
    if isinstance(peak, Schedule) or schedule is None:
        return peak
    shape = look_up(schedule, SCHEDULES, "schedule")() if isinstance(schedule, str) else schedule
    shape = shape() if isinstance(shape, type) else shape
    if not isinstance(shape, Schedule):
        raise ValueError(f"schedule={schedule!r} must be a Schedule or a name: {', '.join(SCHEDULES)}.")
    return dataclasses.replace(shape, peak=peak)  # type: ignore[type-var]


def _share(part: Array, whole: Array) -> Array:
    """part / whole within [0, 1], also where the whole is 0 (a rise that takes no time)."""
    return namespace(part, whole).clip(part / (whole + 1e-30), 0, 1)


def _half_cosine(t: Array) -> Array:
    """½ (1 + cos πt): 1 at t = 0, 0 at t = 1."""
    return 0.5 * (1 + namespace(t).cos(math.pi * t))
