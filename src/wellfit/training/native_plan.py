"""Which plans a kernel of our own (``wellfit.native``) can train: networks, losses and methods that it knows.

All methods of descent that take a step a batch, limits of gradients and weights, L1 and L2 priors, both rules for the
end of an epoch.
"""

from typing import Any, NamedTuple

import numpy as np

from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson
from wellfit.functions.schedules import SCHEDULES, Exponential, InverseScaling, Schedule
from wellfit.optimizers.adagrad import AdaGrad
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.amsgrad import AMSGrad
from wellfit.optimizers.base import Optimizer
from wellfit.optimizers.classic import ClassicAdam, ClassicSGD
from wellfit.optimizers.momentum import Momentum
from wellfit.optimizers.nesterov import Nesterov
from wellfit.optimizers.rmsprop import RMSProp
from wellfit.optimizers.sgd import SGD
from wellfit.training.classic import Classic
from wellfit.training.native_loss import loss_of
from wellfit.training.native_network import blocks, noise_of, takes_network, units_of
from wellfit.training.plan import Data, Plan
from wellfit.training.sparse import SparseBlock

MOST_AT_ONCE = 4096  # rows of a step; XLA has its own ways with many
MOST_DENSE = 2**24  # numbers of a step's rows, where those are sparse and become dense
KNOWN_SCHEDULES = (*SCHEDULES.values(), Exponential, InverseScaling)
METHODS: dict[type, int] = {
    Adam: 0, AdamW: 0, ClassicAdam: 1, SGD: 2, Momentum: 3, Nesterov: 4, ClassicSGD: 5, RMSProp: 7, AdaGrad: 8,
    AMSGrad: 9,
}  # fmt: skip
CLASSIC_NESTEROV = 6


class Memory(NamedTuple):
    """What a method of descent remembers; None, or a count for nothing, where it does not."""

    steps: np.ndarray  # how many were taken
    first: Any = None  # means of gradients, or velocities
    second: Any = None  # means or sums of squares
    third: Any = None  # the largest of the second


def takes(plan: Plan, data: Data) -> bool:
    """Whether the kernel can train by this plan on these rows."""
    return (
        takes_network(plan.network, data.x, data.w.dtype)
        and type(plan.optimizer) in METHODS
        and _rows_are_few(plan, data)
        and all(part is None for part in (plan.lp, plan.weight_noise, plan.rate_factors))
        and (plan.l1 is None or plan.rule is None)
        and loss_of(plan, data.y) is not None
        and _rule_is_known(plan)
        and all(map(_is_known, numbers_of_steps(plan)))
    )


def _rows_are_few(plan: Plan, data: Data) -> bool:
    """Whether the rows of a step are as few as the kernel is made for."""
    rows = len(data.w) if plan.full_batch else plan.batch_size
    numbers, _ = blocks(plan.network, data.x)
    dense = rows * numbers.width if isinstance(numbers, SparseBlock) else 0
    return dense <= MOST_DENSE and (not plan.full_batch or rows <= MOST_AT_ONCE)


def method_of(optimizer: Optimizer) -> int:
    """Which of the kernel's methods it is."""
    classic = isinstance(optimizer, ClassicSGD) and optimizer.nesterov
    return CLASSIC_NESTEROV if classic else METHODS[type(optimizer)]


def numbers_of(optimizer: Any) -> tuple[Any, Any, Any]:
    """The method's own numbers: what it keeps of its means, and what keeps it from dividing by 0."""
    if hasattr(optimizer, "beta1"):
        return optimizer.beta1, optimizer.beta2, optimizer.eps
    if isinstance(optimizer, RMSProp | AdaGrad):
        return 0, getattr(optimizer, "decay", 0), optimizer.delta
    return getattr(optimizer, "momentum", 0), 0, 0


def memory_of(optimizer: Optimizer, opt_state: Any) -> Memory:
    """The parts of what it remembers, which optax keeps in a shape of each method's own."""
    if hasattr(optimizer, "beta1"):
        return Memory(*opt_state)
    count = np.zeros((), np.int32)
    if isinstance(optimizer, ClassicSGD):
        return Memory(count, opt_state)
    if isinstance(optimizer, RMSProp | AdaGrad):
        return Memory(count, second=opt_state)
    return Memory(count) if isinstance(optimizer, SGD) else Memory(count, opt_state.trace)


def _rule_is_known(plan: Plan) -> bool:
    """Whether the kernel can do the end of an epoch: a score, and the loss of a perfect prediction."""
    rule, squared = plan.rule, type(plan.family) is Normal
    if type(rule) is not Classic:
        return rule is None
    scored = rule.score == "loss" or (rule.score == "r2") == squared
    watched = rule.adaptive and isinstance(plan.optimizer.learning_rate, Schedule)
    return scored and not watched and (squared or not rule.excess or type(plan.family) is Poisson)


def _is_known(number: Any) -> bool:
    return not isinstance(number, Schedule) or type(number) in KNOWN_SCHEDULES


def numbers_of_steps(plan: Plan) -> list[Any]:
    """Numbers, or schedules, that every step has: learning rate, decay, rates of dropout, noise on what enters."""
    decay = plan.optimizer.weight_decay
    dropout = [unit.dropout for unit in units_of(plan.network) if unit.dropout is not None]
    noise = noise_of(plan.network)
    entering = [number for number in (noise.deviation, noise.rate) if number is not None]
    return [plan.optimizer.learning_rate, 0.0 if decay is None else decay, *dropout, *entering]
