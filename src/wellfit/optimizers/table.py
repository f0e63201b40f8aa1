"""The table of optimizers by name."""

from typing import Any

from wellfit.core.names import look_up
from wellfit.optimizers.adagrad import AdaGrad
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.amsgrad import AMSGrad
from wellfit.optimizers.base import Optimizer, optax
from wellfit.optimizers.checks import check_optimizer
from wellfit.optimizers.conjugate_gradient import ConjugateGradient
from wellfit.optimizers.custom import Optax, settled
from wellfit.optimizers.lbfgs import LBFGS
from wellfit.optimizers.momentum import Momentum
from wellfit.optimizers.natural_gradient import NaturalGradient
from wellfit.optimizers.nesterov import Nesterov
from wellfit.optimizers.rmsprop import RMSProp
from wellfit.optimizers.sgd import SGD

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": AdaGrad,
    "rmsprop": RMSProp,
    "adam": Adam,
    "amsgrad": AMSGrad,
    "adamw": AdamW,
    "conjugate_gradient": ConjugateGradient,
    "lbfgs": LBFGS,
    "natural_gradient": NaturalGradient,
}


def resolve(optimizer: Any) -> Optimizer:
    """The optimizer named, given, or wrapped around an optax transformation; its numbers are checked."""
    found = _described(optimizer)
    if isinstance(optimizer, str):  # its numbers are wellfit's own
        return found
    check_optimizer(found)
    return settled(found) if isinstance(found, Optax) else found


def _described(optimizer: Any) -> Optimizer:
    if isinstance(optimizer, str):
        return look_up(optimizer, OPTIMIZERS, "optimizer")()
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        return optimizer()
    if isinstance(optimizer, Optimizer):
        return optimizer
    if isinstance(optimizer, optax.GradientTransformation):
        return Optax(optimizer)
    raise ValueError(
        f"optimizer must be a name, an Optimizer or an optax.GradientTransformation, got {optimizer!r}; "
        f"allowed names: {', '.join(OPTIMIZERS)}."
    )
