"""A user's own optax transformation as an optimizer."""

import dataclasses
from typing import Any

import jax
import numpy as np

from wellfit.core.spec import spec, static
from wellfit.optimizers.base import Optimizer, Transformation, extra, optax


@spec
class Optax(Optimizer):
    """Any ``optax.GradientTransformation`` from gradients to UPDATES (with the learning rate inside, as optax's own).

    Parameters
    ----------
    transformation : optax.GradientTransformation
        Such as ``optax.adam(1e-3)``, ``optax.lbfgs()`` or a chain of your own.
    full_batch : bool or None
        Whether every step sees all rows, as a line search must; None: whether the transformation asks for the
        function's values (``value_fn``).

    Programs with one are not kept on disk: its code is not wellfit's to hash.
    """

    transformation: Any = static()
    learning_rate: Any = 1.0
    weight_decay: Any = None
    full_batch: bool | None = static(default=None)  # type: ignore[assignment]

    def direction(self) -> Transformation:
        return extra(optax.chain(self.transformation, optax.scale(-1.0)))


def settled(optimizer: Optax) -> Optax:
    """The optimizer with ``full_batch`` known."""
    if optimizer.full_batch is not None:
        return optimizer
    return dataclasses.replace(optimizer, full_batch=asks_for_values(optimizer.transformation))  # type: ignore[type-var]


def asks_for_values(transformation: "optax.GradientTransformation") -> bool:
    """Whether a transformation calls ``value_fn``: a step of a small parabola is traced, and nothing is computed.

    One that needs parameters of its own kind (a mask by names, say) cannot be tried and counts as one that does not.
    """
    asked = []

    def parabola(w: Any) -> Any:
        asked.append(True)
        return (w * w).sum()

    def step(w: Any) -> Any:
        method = extra(transformation)
        return method.update(2 * w, method.init(w), w, value=(w * w).sum(), grad=2 * w, value_fn=parabola)[0]

    try:
        jax.eval_shape(step, jax.ShapeDtypeStruct((2,), np.float32))
    except Exception:  # a user's code may raise anything
        return bool(asked)
    return bool(asked)
