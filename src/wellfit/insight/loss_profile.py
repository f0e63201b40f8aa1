"""A loss as a curve: its value and its gradient over the raw output, for one target (theory C-272, C-273)."""

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.names import look_up
from wellfit.core.spec import numbers_as
from wellfit.families.base import Family
from wellfit.families.table import ALIASES, CROSS_ENTROPY, EVALUATION_ONLY, FAMILIES
from wellfit.functions.losses.margin import zero_one
from wellfit.training.programs import call

BINARY = "bernoulli"
"""What cross_entropy is drawn as."""

TARGETS: dict[str, float] = {
    "classes": 1.0, "flags": 1.0, "reals": 0.0, "counts": 3.0, "positives": 1.0, "nonnegatives": 1.0,
    "proportions": 0.3,
}  # fmt: skip
"""The target y for which a loss is drawn, unless another is given."""

MARGIN, ERROR, LOG = "margin", "error", "raw"
AXES = {
    MARGIN: "raw output z (log odds of the true class)",
    ERROR: "prediction - target",
    LOG: "raw output z",
}


@dataclass(frozen=True)
class LossProfile:
    """A loss in nats, and its gradient, at raw outputs z: arrays (m,), for the target y.

    axis : what z is, "margin" for classes, "error" for real numbers, "raw" for others;  mean : the prediction (m,), of
    classes the probability of the true one
    """

    name: str
    axis: str
    y: float
    z: np.ndarray
    mean: np.ndarray
    loss: np.ndarray
    gradient: np.ndarray


def loss_profile(
    loss: str | Family, z: Any = None, y: float | None = None, *, above_floor: bool = False
) -> LossProfile:
    """Value and gradient of a loss over the raw output (one target, two classes), in float64.

    Parameters
    ----------
    loss : str or Family
        A family's name or alias, "zero_one", or an object.
    z : array (m,) or None
        Raw outputs; None is -4 to 4 around y for real numbers, and around 0 for the others.
    y : number or None
        The target; None is class 1, 0 for real numbers, a count of 3, 1 for positive numbers, a proportion of 0.3.
    above_floor : bool
        Whether the loss of a perfect prediction is taken off: a likelihood's constant says nothing of its shape.

    Where there are several raw outputs (a learnt scale, say) the first moves and the others are 0.

    >>> found = loss_profile("hinge", [-1.0, 2.0])
    >>> found.loss, found.gradient
    (array([2., 0.]), array([-1.,  0.]))
    """
    name = loss if isinstance(loss, str) else type(loss).__name__
    if name in ("zero_one", "zero_one_loss"):
        return _zero_one(name, z, y)
    family = _family(loss)
    target = TARGETS[family.target] if y is None else float(y)
    axis = {"classes": MARGIN, "flags": MARGIN, "reals": ERROR}.get(family.target, LOG)
    middle = target if axis == ERROR else 0.0
    place = np.linspace(middle - 4, middle + 4, 401) if z is None else np.asarray(z, np.float64).ravel()
    n = len(place)
    encoded = np.full((n,) if family.target == "classes" else (n, 1), target)
    raw = np.concatenate([place[:, None], np.zeros((n, family.outputs - 1))], axis=1)
    with jax.enable_x64(True):
        values, slopes = map(
            np.asarray, call(_value_and_slope, numbers_as(family, np.float64), raw, encoded, out=(0, 0))
        )
    if above_floor:
        values = values - np.asarray(family.floor(encoded[:1]), float)[0]
    mean = np.asarray(family.mean(raw), float)
    mean = mean[:, round(target)] if family.target == "classes" else mean[:, 0]
    return LossProfile(name, axis, target, place - (target if axis == ERROR else 0), mean, values, slopes)


def _family(loss: str | Family) -> Family:
    """The family of two classes or one target that is meant."""
    if not isinstance(loss, str):
        return loss
    meant = ALIASES.get(loss, loss)
    if meant == CROSS_ENTROPY:
        meant = BINARY
    kind = look_up(meant, FAMILIES, "loss") if meant in FAMILIES else look_up(loss, _names(), "loss")
    family = kind()
    k = 2 if family.target == "classes" else 1
    if kind is FAMILIES["categorical"]:
        return FAMILIES[BINARY]().bind(2)  # of two classes they are one, and one raw output can be drawn
    return family.bind(k)


def _names() -> dict[str, Any]:
    return {**FAMILIES, **dict.fromkeys(ALIASES, FAMILIES[BINARY]), **dict.fromkeys(EVALUATION_ONLY, FAMILIES[BINARY])}


def _value_and_slope(family: Family, raw: Any, y: Any) -> tuple[Any, Any]:
    """The losses (m,) and their slopes by the first raw output (m,)."""
    slopes = jax.grad(lambda z: jnp.sum(family.loss(z, y)))(raw)
    return family.loss(raw, y), slopes[:, 0]


def _zero_one(name: str, z: Any, y: float | None) -> LossProfile:
    """1 where the sign is wrong; it has no slope to learn from."""
    target = 1.0 if y is None else float(y)
    place = np.linspace(-4, 4, 401) if z is None else np.asarray(z, np.float64).ravel()
    loss = zero_one(place > 0, np.full(len(place), target > 0.5)).astype(float)
    chance = (place > 0).astype(float)
    return LossProfile(name, MARGIN, target, place, chance, loss, np.zeros_like(place))
