"""What a fit would be, and what it would cost: for people and as JSON, before anything is trained or compiled."""

import dataclasses
import math
import time
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from threadpoolctl import threadpool_limits

from wellfit.estimators.task import Task
from wellfit.estimators.unseen import FOLDS
from wellfit.insight.trace import layer_name
from wellfit.native.cores import cores
from wellfit.networks.network import label
from wellfit.training.memory import estimate
from wellfit.training.place import trains_by_kernel
from wellfit.training.rows import arrays, shape_of

STEP_SECONDS = 3e-5
"""A step's cost whatever its size: the loop, the order of rows, small operations."""

NUMBER_SECONDS = 4e-10
"""What the optimizer and the bookkeeping cost for each parameter in every step."""

EFFICIENCY = {"xla": 0.5, "kernel": 0.9}
"""The share of a large matrix product's speed on a core that a step reaches; the kernel leaves out what is 0."""

HELPED = 2**15
"""Parameters from which all cores help the kernel to train a single member."""

PROBE = 256
"""Width of the matrix product by which the machine's speed is measured."""


@dataclass(frozen=True)
class FitPlan:
    """The choices of a fit and its cost: parameters of one member, bytes by part, seconds on an idle machine."""

    family: str
    network: str
    members: int
    parameters: int
    rows: int
    rows_held_out: int
    batch_size: int
    epochs: int
    steps: int
    precision: str
    memory: dict[str, int]
    seconds: float
    reasons: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        held = f", of which {self.rows_held_out:,} are held out" if self.rows_held_out else ", none held out"
        lines = {
            "family": self.family,
            "network": self.network,
            "members": f"{self.members:,} of {self.parameters:,} parameters each, {self.precision}",
            "rows": f"{self.rows:,}{held}",
            "training": f"at most {self.epochs:,} epochs, {self.steps:,} steps of {self.batch_size:,} rows",
            "memory": f"{sum(self.memory.values()) / 2**20:,.1f} MiB",
            "time": f"about {self.seconds:.2g} s if all epochs are needed, without compiling",
        }
        table = [f"{name:<9} {text}" for name, text in lines.items()]
        return "\n".join([*table, "", *(f"- {reason}" for reason in self.reasons)])


def planned(model: Any, task: Task) -> FitPlan:
    """The plan of a task that ``model`` has prepared."""
    plan, shape = task.plan, shape_of(task.x)
    sizes = _sizes(model.network_.parameters(shape))
    parameters = sum(size for _, size in sizes)
    train, valid = map(len, task.split)
    batch = train if plan.full_batch else min(plan.batch_size, train)
    epochs = int(np.max(plan.max_epochs)) * int(model.snapshots)
    per_epoch = -(-train // batch)
    with jax.enable_x64(task.exact):
        data, _ = arrays(task.whole, task.encoded, task.w, task.split, model._dtype)
        memory = estimate(plan, data, shape, task.members, validate=task.validate, dtype=model._dtype)
    by_kernel = trains_by_kernel(plan, data, task.members)
    helpers = cores() if by_kernel and task.members == 1 and parameters >= HELPED else 1
    efficiency = EFFICIENCY["kernel" if by_kernel else "xla"] * helpers
    epoch = _epoch_seconds(sizes, per_epoch, batch, valid, model._dtype, efficiency)
    turns = -(-task.members // min(task.members, cores()))
    fits = 1 + FOLDS if task.exact else 1  # those of cross-validation are with it
    seconds = epoch * epochs * turns * fits
    return FitPlan(
        family=type(model.family_).__name__,
        network=" -> ".join(map(layer_name, model.network_.layers)),
        members=task.members,
        parameters=parameters,
        rows=train + valid,
        rows_held_out=valid,
        batch_size=batch,
        epochs=epochs,
        steps=epochs * per_epoch,
        precision=str(model._dtype),
        memory=memory,
        seconds=seconds if model.max_time is None else min(seconds, float(model.max_time)),
        reasons=list(model.reasons_),
    )


def _sizes(shapes: Any) -> list[tuple[str, int]]:
    """Label and size of every array of parameters."""
    leaves, _ = jax.tree.flatten_with_path(
        shapes, is_leaf=lambda leaf: isinstance(leaf, tuple) and all(isinstance(n, int) for n in leaf)
    )
    return [(label(path), math.prod(leaf)) for path, leaf in leaves]


def _epoch_seconds(
    sizes: list[tuple[str, int]], steps: int, batch: int, valid: int, dtype: Any, efficiency: float
) -> float:
    """Seconds of one epoch of one member: 6 operations a weight and row for a step, 2 for a held-out row."""
    weights = sum(size for kind, size in sizes if kind == "weight")
    work = weights * (6 * batch * steps + 2 * valid) / (efficiency * _speed(dtype))
    return work + steps * (STEP_SECONDS + NUMBER_SECONDS * sum(size for _, size in sizes))


def _speed(dtype: Any) -> float:
    """Floating-point operations a second of a matrix product on one idle core, measured in a few milliseconds."""
    a = np.ones((PROBE, PROBE), dtype)
    with threadpool_limits(1):
        best = min(_timed(a) for _ in range(16))
    return 2 * PROBE**3 / best


def _timed(a: np.ndarray) -> float:
    began = time.perf_counter()
    np.matmul(a, a)
    return time.perf_counter() - began
