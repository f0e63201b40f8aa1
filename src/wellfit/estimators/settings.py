"""The table of parameters: what each may be, in words and as a check, and what "auto" stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from wellfit.core.names import did_you_mean
from wellfit.families.base import Family
from wellfit.families.table import ALIASES, EVALUATION_ONLY, FAMILIES
from wellfit.functions.schedules import SCHEDULES, Plateau, Schedule, values
from wellfit.layers.parametric import ACTIVATION_NAMES
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP, TabM
from wellfit.optimizers.table import OPTIMIZERS

EXACT_ROWS = 100
"""Up to this many rows (and this sum of weights) a fit is exact as a whole: all rows in every step, float64."""

CALIBRATIONS = ("temperature", "vector")


def _real(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_) and np.isfinite(float(value))


def _integer(value: Any, low: int) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_) and int(value) >= low


def _number(
    low: float, high: float = np.inf, *, open_low: bool = False, scheduled: bool = False, watches: bool = False
) -> Callable[[Any], bool]:
    """A number in [low, high); also None; with ``scheduled`` a schedule whose peak is one and which never leaves.

    Only the learning rate may be a ``Plateau``: it alone has the memory of scores.
    """

    def check(value: Any) -> bool:
        if isinstance(value, Schedule):
            allowed = scheduled and (watches or not isinstance(value, Plateau)) and check(value.peak)
            return allowed and bool(np.all((values(value) >= low) & (values(value) < high)))
        return value is None or (_real(value) and (low < value if open_low else low <= value) and value < high)

    return check


def _sizes(value: Any) -> bool:
    if isinstance(value, Integral):
        return _integer(value, 1)
    return isinstance(value, tuple | list | np.ndarray) and all(_integer(width, 1) for width in value)


@dataclass(frozen=True)
class Constraint:
    """What a parameter may be: a check and the words of it; names where only names are allowed."""

    check: Callable[[Any], bool]
    words: str
    names: tuple[str, ...] = ()
    auto: bool = False


def _named(names: Any, *types: type, words: str = "", none: bool = False, auto: bool = False) -> Constraint:
    allowed = tuple(names)

    def check(value: Any) -> bool:
        if isinstance(value, str):
            return value in allowed
        return (none and value is None) or (
            bool(types) and (isinstance(value, types) or (isinstance(value, type) and issubclass(value, types)))
        )

    return Constraint(check, words or "one of the names", allowed, auto)


CONSTRAINTS: dict[str, Constraint] = {
    "network": Constraint(
        lambda v: isinstance(v, MLP | TabM | Network), "'auto', an MLP, a TabM or a Network", auto=True
    ),
    "hidden": Constraint(_sizes, "'auto', a width >= 1 or a tuple of widths >= 1", auto=True),
    "activation": _named(ACTIVATION_NAMES, words="'auto' or the name of an activation", auto=True),
    "dropout": Constraint(
        _number(0, 1, scheduled=True), "'auto', None, a rate in [0, 1) or a schedule of such", auto=True
    ),
    "family": _named(
        (*FAMILIES, *ALIASES, *EVALUATION_ONLY), Family, words="'auto', the name of a family or a Family", auto=True
    ),
    "optimizer": Constraint(
        lambda v: v in OPTIMIZERS if isinstance(v, str) else v is not None,
        "the name of an optimizer, an Optimizer or an optax transformation",
        tuple(OPTIMIZERS),
    ),
    "learning_rate": Constraint(
        _number(0, open_low=True, scheduled=True, watches=True), "'auto', a number > 0 or a schedule of such", auto=True
    ),
    "schedule": _named(SCHEDULES, Schedule, words="the name of a schedule or a Schedule"),
    "batch_size": Constraint(lambda v: _integer(v, 1) or v == "full", "'auto', 'full' or an integer >= 1", auto=True),
    "max_epochs": Constraint(lambda v: _integer(v, 1), "'auto' or an integer >= 1", auto=True),
    "max_time": Constraint(_number(0, open_low=True), "None or a number of seconds > 0"),
    "weight_decay": Constraint(
        _number(0, scheduled=True), "'auto', None, a number >= 0 or a schedule of such", auto=True
    ),
    "l1": Constraint(_number(0), "None or a number >= 0"),
    "l2": Constraint(_number(0), "'auto', None or a number >= 0", auto=True),
    "label_smoothing": Constraint(_number(0, 1), "None or a number in [0, 1)"),
    "class_weight": Constraint(
        lambda v: v is None or v == "balanced" or isinstance(v, dict),
        "None, 'balanced' or a dict from class to weight",
    ),
    "calibrate": Constraint(
        lambda v: v in CALIBRATIONS if isinstance(v, str) else isinstance(v, bool | np.bool_),
        "'auto', True, False, 'temperature' or 'vector'",
        CALIBRATIONS,
        auto=True,
    ),
    "early_stopping": Constraint(lambda v: isinstance(v, bool | np.bool_), "'auto', True or False", auto=True),
    "validation_fraction": Constraint(lambda v: _real(v) and 0 < v < 1, "'auto' or a number in (0, 1)", auto=True),
    "patience": Constraint(lambda v: v is None or _integer(v, 1), "'auto', None or an integer >= 1", auto=True),
    "n_members": Constraint(lambda v: _integer(v, 1), "'auto' or an integer >= 1", auto=True),
    "warm_start": Constraint(lambda v: isinstance(v, bool | np.bool_), "True or False"),
    "callbacks": Constraint(
        lambda v: v is None or callable(v) or (isinstance(v, tuple | list) and all(map(callable, v))),
        "None, a function or a list of functions",
    ),
    "verbose": Constraint(lambda v: isinstance(v, bool | np.bool_) or _integer(v, 0), "True, False or an integer >= 0"),
}


def check_settings(params: dict[str, Any], owner: str) -> None:
    """Raise one sentence for the first parameter that is not what it may be."""
    for name, value in params.items():
        rule = CONSTRAINTS.get(name)
        if rule is None or (rule.auto and isinstance(value, str) and value == "auto") or rule.check(value):
            continue
        hint = f"; {did_you_mean(value, rule.names)}" if rule.names and isinstance(value, str) else ""
        raise ValueError(f"The {name!r} parameter of {owner} must be {rule.words}, got {value!r}{hint}.")
