"""What an optimizer is: a description whose numbers are traced, that makes an optax transformation.

The transformation gives a DIRECTION d; the program subtracts ``learning_rate(t) * factor * d`` (roll-backs make the
factor smaller) and, decoupled, ``learning_rate(t) * factor * weight_decay * w`` for weights. So learning rates,
schedules and decay are written once, in the program, and not in every optimizer.
"""

import abc
import importlib
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    import optax

    Transformation = optax.GradientTransformationExtraArgs
else:

    class _Optax:
        """optax, imported when something of it is first asked for: many fits need nothing of it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(importlib.import_module("optax"), name)

    optax, Transformation = _Optax(), Any


class Steps(NamedTuple):
    """The two functions of an optax transformation, without optax."""

    init: Any
    update: Any


class Optimizer(abc.ABC):
    """A method of descent. Every one has the number fields ``learning_rate`` and ``weight_decay``."""

    learning_rate: Any
    weight_decay: Any

    full_batch: ClassVar[bool] = False
    """Whether every step must see all rows (line searches compare values of one and the same function)."""

    starts_at_zero: ClassVar[bool] = False
    """Whether all its memory begins as zeros, as that of plain gradient methods does: nothing is to be computed."""

    takes_rate: ClassVar[bool] = False
    """Whether its memory holds past learning rates, so that ``update`` takes the present one as ``rate``."""

    needs_curvature: ClassVar[bool] = False
    """Whether ``update`` takes ``product``, which multiplies a vector by the curvature of the loss on the same rows.

    Such a method finds the length of its steps by itself, around a learning rate of 1.
    """

    @abc.abstractmethod
    def direction(self) -> Transformation:
        """The optax transformation from gradients to directions; may use ``value``, ``grad``, ``value_fn``."""


def extra(transformation: "optax.GradientTransformation") -> Transformation:
    """The transformation, taking (and ignoring) the value and value function that line searches need."""
    return optax.with_extra_args_support(transformation)
