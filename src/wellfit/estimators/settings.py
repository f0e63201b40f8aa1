"""The table of parameters: what each may be, in words and as a check, and what "auto" stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from wellfit.core.names import did_you_mean
from wellfit.families.base import Family
from wellfit.families.table import ALIASES, EVALUATION_ONLY, FAMILIES
from wellfit.functions.penalties import Lp
from wellfit.functions.products import MATMUL_PRECISIONS
from wellfit.functions.schedules import SCHEDULES, Plateau, Schedule, values
from wellfit.layers.parametric import ACTIVATION_NAMES
from wellfit.networks.network import Network
from wellfit.networks.preset import Preset
from wellfit.optimizers.table import OPTIMIZERS

EXACT_ROWS = 100
"""Up to this many rows (and this sum of weights) a fit is exact as a whole: all rows in every step, float64."""

CALIBRATIONS = ("temperature", "vector")

VARIED = ("learning_rate", "weight_decay", "dropout", "l1", "l2")
"""What may vary among members: numbers, which change no program."""


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


def _per_layer(allowed: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A number, or a tuple with a number or None for each layer with weights."""

    def check(value: Any) -> bool:
        if isinstance(value, tuple | list):
            return bool(value) and all(allowed(entry) for entry in value)
        return allowed(value)

    return check


def _lp(value: Any) -> bool:
    fine = isinstance(value, Lp) and all(_real(number) for number in (value.p, value.strength))
    return value is None or (fine and value.p >= 1 and value.strength >= 0)


def _names(value: Any, allowed: tuple[str, ...]) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(name, str) and name in allowed for name in value)


def _sizes(value: Any) -> bool:
    if isinstance(value, Integral):
        return _integer(value, 1)
    return isinstance(value, tuple | list | np.ndarray) and all(_integer(width, 1) for width in value)


def _choices(value: Any) -> bool:
    """A distribution, or numbers to choose from."""
    return hasattr(value, "rvs") or (
        isinstance(value, tuple | list | np.ndarray) and len(value) > 0 and all(map(_real, value))
    )


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
        lambda v: isinstance(v, Preset | Network), "'auto', a Preset, such as MLP((64, 32)), or a Network", auto=True
    ),
    "hidden": Constraint(_sizes, "'auto', a width >= 1 or a tuple of widths >= 1", auto=True),
    "activation": Constraint(
        lambda v: v in ACTIVATION_NAMES if isinstance(v, str) else _names(v, ACTIVATION_NAMES),
        "'auto', the name of an activation, or a tuple of names, one for each hidden layer",
        ACTIVATION_NAMES,
        auto=True,
    ),
    "numeric_embedding": _named(("periodic",), words="'auto', None or 'periodic'", none=True, auto=True),
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
    "matmul_precision": _named(MATMUL_PRECISIONS, words="'float32', 'tensorfloat32' or 'bfloat16'"),
    "max_time": Constraint(_number(0, open_low=True), "None or a number of seconds > 0"),
    "weight_decay": Constraint(
        _number(0, scheduled=True), "'auto', None, a number >= 0 or a schedule of such", auto=True
    ),
    "clip_norm": Constraint(_number(0, open_low=True), "None or a number > 0"),
    "clip_value": Constraint(_number(0, open_low=True), "None or a number > 0"),
    "l1": Constraint(_per_layer(_number(0)), "None, a number >= 0, or a tuple of them, one for each layer"),
    "l2": Constraint(
        _per_layer(_number(0)), "'auto', None, a number >= 0, or a tuple of them, one for each layer", auto=True
    ),
    "lp": Constraint(_lp, "None or Lp(p, strength) with p >= 1 and strength >= 0"),
    "max_norm": Constraint(
        _per_layer(_number(0, open_low=True)), "None, a number > 0, or a tuple of them, one for each layer"
    ),
    "weight_noise": Constraint(_number(0, scheduled=True), "None, a standard deviation >= 0 or a schedule of such"),
    "input_dropout": Constraint(_number(0, 1, scheduled=True), "None, a rate in [0, 1) or a schedule of such"),
    "input_noise": Constraint(_number(0, scheduled=True), "None, a standard deviation >= 0 or a schedule of such"),
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
    "bootstrap": Constraint(lambda v: isinstance(v, bool | np.bool_), "True or False"),
    "snapshots": Constraint(lambda v: _integer(v, 1), "an integer >= 1"),
    "vary": Constraint(
        lambda v: (
            v is None
            or (isinstance(v, dict) and len(v) > 0 and set(v) <= set(VARIED) and all(map(_choices, v.values())))
        ),
        f"None or a dict from {', '.join(map(repr, VARIED[:-1]))} or {VARIED[-1]!r} to a list of numbers or a "
        "distribution (with a method rvs)",
    ),
    "select": Constraint(lambda v: v is None or _integer(v, 1), "None or an integer >= 1"),
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
