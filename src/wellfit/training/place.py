"""Where work is done: on the accelerator that JAX found, or on the host's cores by a kernel of our own."""

import math
from typing import Any

import jax
import numpy as np

from wellfit.core.types import is_shape
from wellfit.native import library
from wellfit.training.native_plan import takes
from wellfit.training.plan import Data, Plan
from wellfit.training.rows import shape_of

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


def trains_by_kernel(plan: Plan, data: Data, members: int) -> bool:
    """Whether a kernel on the host's cores trains them: wherever it can, but for large steps beside an accelerator."""
    return takes(plan, data) and library.available() and (not accelerator() or _small_step(plan, data, members))


def _small_step(plan: Plan, data: Data, members: int) -> bool:
    """Whether the host's cores are done with a step of all members sooner than an accelerator."""
    shapes = plan.network.parameters(shape_of(data.x))
    numbers = sum(math.prod(size) for size in jax.tree.leaves(shapes, is_leaf=is_shape))
    rows = len(data.w) if plan.full_batch else plan.batch_size
    return 3 * numbers * rows * members < SMALL_STEP  # forward, and back to weights and to inputs


def predicts_on_host(numbers: int) -> bool:
    """Whether a network of so many parameters predicts on the host's cores, where the kernel can do it.

    By its size alone: a row's answer must not depend on how many rows, or members, come with it.
    """
    return not accelerator() or numbers * FORWARD_ROWS < SMALL_STEP


def products_of(plan: Plan, dtype: Any) -> str:
    """The format of training's products by XLA: the plan's on an accelerator, whole elsewhere and of float64.

    Whole, too, for methods that search along a line or know curvatures: they compare objectives that differ by little.
    """
    compares = plan.optimizer.full_batch or plan.optimizer.needs_curvature
    short = accelerator() and np.dtype(dtype) == np.float32 and not compares
    return plan.matmul_precision if short else "float32"
