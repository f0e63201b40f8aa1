"""Where work is done: on the accelerator that JAX found, or on the host's cores by a kernel of our own."""

import math
from typing import Any

import jax

from wellfit.core.types import is_shape
from wellfit.native import library
from wellfit.training.native_plan import takes
from wellfit.training.plan import Data, Plan

SMALL_STEP = 10_000_000
"""Multiplications of a step, of all members together, below which the host's cores are sooner done than an accelerator.

Reasoned, not measured: a launched operation takes a GPU some microseconds and a step has about forty of them, so a step
takes some 200 microseconds however small it is; in that time one core's kernel does about so many multiplications.
"""

FORWARD_ROWS = 256
"""Rows of a prediction for which the choice is made, however many there are."""


def accelerator() -> bool:
    """Whether JAX computes on something else than the host's processor."""
    return jax.default_backend() != "cpu"


def trains_by_kernel(plan: Plan, data: Data, numbers: int, members: int) -> bool:
    """Whether a kernel on the host's cores trains them: wherever it can, but for large steps beside an accelerator.

    numbers : parameters of one member
    """
    rows = len(data.w) if plan.full_batch else plan.batch_size
    small = 3 * numbers * rows * members < SMALL_STEP  # forward, and back to weights and to inputs
    return takes(plan, data) and library.available() and (small or not accelerator())


def parameters(plan: Plan, shape: Any) -> int:
    """How many a member has; ``shape`` is that of one row of x."""
    return sum(math.prod(size) for size in jax.tree.leaves(plan.network.parameters(shape), is_leaf=is_shape))


def predicts_on_host(numbers: int) -> bool:
    """Whether a network of so many parameters predicts on the host's cores, where the kernel can do it.

    By its size alone: a row's answer must not depend on how many rows, or members, come with it.
    """
    return not accelerator() or numbers * FORWARD_ROWS < SMALL_STEP
