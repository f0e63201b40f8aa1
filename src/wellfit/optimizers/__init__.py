"""Optimizers: descriptions of methods of descent, whose numbers are traced."""

from typing import TYPE_CHECKING

from wellfit.core.lazy import exports

if TYPE_CHECKING:
    from wellfit.optimizers.adagrad import AdaGrad
    from wellfit.optimizers.adam import Adam
    from wellfit.optimizers.adamw import AdamW
    from wellfit.optimizers.amsgrad import AMSGrad
    from wellfit.optimizers.base import Optimizer
    from wellfit.optimizers.conjugate_gradient import ConjugateGradient
    from wellfit.optimizers.custom import Optax
    from wellfit.optimizers.lbfgs import LBFGS
    from wellfit.optimizers.momentum import Momentum
    from wellfit.optimizers.natural_gradient import NaturalGradient
    from wellfit.optimizers.nesterov import Nesterov
    from wellfit.optimizers.rmsprop import RMSProp
    from wellfit.optimizers.sgd import SGD

_HOMES = {
    "AMSGrad": "wellfit.optimizers.amsgrad",
    "AdaGrad": "wellfit.optimizers.adagrad",
    "Adam": "wellfit.optimizers.adam",
    "AdamW": "wellfit.optimizers.adamw",
    "ConjugateGradient": "wellfit.optimizers.conjugate_gradient",
    "LBFGS": "wellfit.optimizers.lbfgs",
    "Momentum": "wellfit.optimizers.momentum",
    "NaturalGradient": "wellfit.optimizers.natural_gradient",
    "Nesterov": "wellfit.optimizers.nesterov",
    "Optax": "wellfit.optimizers.custom",
    "Optimizer": "wellfit.optimizers.base",
    "RMSProp": "wellfit.optimizers.rmsprop",
    "SGD": "wellfit.optimizers.sgd",
}

__all__ = [
    "AMSGrad",
    "AdaGrad",
    "Adam",
    "AdamW",
    "ConjugateGradient",
    "LBFGS",
    "Momentum",
    "NaturalGradient",
    "Nesterov",
    "Optax",
    "Optimizer",
    "RMSProp",
    "SGD",
]

__getattr__, __dir__ = exports(__name__, _HOMES)
