"""The host's side of training: slices of about half a second, and between them everything that is not arithmetic.

Between slices the host shows progress, calls back, honours Ctrl-C and ``max_time``. The clock chooses the length of
a slice and changes no number.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from wellfit.core.turns import away
from wellfit.core.types import Tree
from wellfit.functions.numerics import double_precision
from wellfit.native.cores import cores
from wellfit.training import place
from wellfit.training.crowd import Crowd, Member
from wellfit.training.interrupt import Interrupt
from wellfit.training.lanes import crowds_of_waves
from wellfit.training.native_training import as_the_kernel_reads
from wellfit.training.plan import Data, Orders, Plan, Rows
from wellfit.training.rows import padded
from wellfit.training.state import State, stack

SMALL = 2**20  # bytes of data that every call may as well take in by itself


@dataclass(frozen=True)
class Progress:
    """What is known between two slices."""

    epochs: np.ndarray  # (P,) epochs finished
    max_epochs: int
    loss: float
    validation_loss: float
    best_epoch: int
    seconds: float
    last: dict[str, float]  # what the first member's history says of its last epoch


@dataclass
class Trained:
    """The end of training: the states of all members in numpy, stacked (P, ...)."""

    state: State
    interrupted: bool
    timed_out: bool
    stopped_by_callback: bool
    seconds: float

    @property
    def cut_short(self) -> bool:
        """Whether it was ended from outside."""
        return self.interrupted or self.timed_out or self.stopped_by_callback

    @property
    def params(self) -> Tree:
        """Each member's best parameters where rows were held out, its last good ones else."""
        return self.kept[0]

    @property
    def statistics(self) -> Tree:
        """The statistics that belong to ``params``."""
        return self.kept[1]

    @property
    def kept(self) -> Any:
        """(parameters, statistics): the best, or the last at which an epoch ended well."""
        last = self.state.good or self.state.moving
        good = (last.params, last.statistics)
        if not self.state.best:
            return good
        seen = self.state.best_epoch > 0  # a member interrupted in its first epoch has no best yet
        return jax.tree.map(
            lambda best, last: np.where(seen.reshape(-1, *[1] * (best.ndim - 1)), best, last),
            self.state.best,
            good,
        )


def train(
    plan: Plan | list[Plan],
    data: Data,
    rows: Rows,
    states: list[State],
    *,
    max_time: float | None = None,
    watch: Callable[[Progress], bool] | None = None,
    every_epoch: bool = False,
    keep: Callable[[Tree, Tree], None] | None = None,
    threads: int | None = None,
    orders: Callable[[int], Orders] | None = None,
    in_step: bool = False,
) -> Trained:
    """Train a crowd: ``plan`` has its numbers as arrays, ``states`` is one state per member.

    A list of plans of one structure is one plan per member.

    Members run side by side, one thread a core, each calling the same compiled program; on an accelerator they are
    lanes of one program. ``watch`` is called between slices (after every epoch with ``every_epoch``) and ends training
    by returning True; ``keep`` gets the present parameters (P, ...) before that, and makes one thread do all the work.
    ``orders`` gives the order of the rows from an epoch on, where the program is not to shuffle by itself (one member
    only). ``in_step`` is for data divided among devices: one thread does all the work, and no clock decides anything,
    for all processes must make the same calls.
    """
    began = time.perf_counter()
    plans = plan if isinstance(plan, list) else [plan] * len(states)  # all are of one structure
    threads = 1 if keep is not None or in_step else max(1, min(len(states), threads or cores()))
    members, crowds = _crowds(plans, data, rows, states, threads, orders, in_step, one_device=keep is not None)
    most = max(int(np.max(own.max_epochs)) for own in plans)
    stop = threading.Event()
    ended = {"interrupted": False, "timed_out": False, "stopped_by_callback": False}

    with Interrupt() as interrupt:

        def between() -> None:
            """What happens between slices, always in the thread that called ``train``."""
            seconds = time.perf_counter() - began
            if interrupt.asked:
                ended["interrupted"] = True
            elif max_time is not None and seconds > max_time:
                ended["timed_out"] = True
            else:
                if keep is not None:
                    _hand_back(crowds)
                    keep(*stack([own.present for own in members]))
                if watch is not None and watch(_progress(members, most, seconds)):
                    ended["stopped_by_callback"] = True
            if any(ended.values()):
                stop.set()

        if len(crowds) == 1:
            crowds[0].work(stop, every_epoch, between)
        else:
            x64 = double_precision()

            def side_by_side(crowd: Crowd) -> None:
                with jax.enable_x64(x64):  # the setting belongs to a thread
                    crowd.work(stop, every_epoch, None)

            with away(), ThreadPoolExecutor(len(crowds)) as pool:
                tasks = [pool.submit(side_by_side, crowd) for crowd in crowds]
                while wait(tasks, timeout=0.05).not_done:
                    between()
                for task in tasks:
                    task.result()
            between()
    _hand_back(crowds)
    return Trained(stack([member.state for member in members]), **ended, seconds=time.perf_counter() - began)


def alone(plan: Plan, data: Data, rows: Rows, state: State) -> Member:
    """One member, in the way that ``train`` would train it, for whoever looks at its steps."""
    members, _ = _crowds([plan], data, rows, [state], 1, None, in_step=False, one_device=True)
    return members[0]


def _crowds(
    plans: list[Plan],
    data: Data,
    rows: Rows,
    states: list[State],
    threads: int,
    orders: Any,
    in_step: bool,
    one_device: bool,
) -> tuple[list[Member], list[Crowd]]:
    """The members, and for each thread the crowd that it works on: the same for all, or a device's waves."""
    count = len(states)
    native = not in_step and place.trains_by_kernel(plans[0], data, count)
    as_lanes = place.accelerator() and count > 1 and not native and not in_step and orders is None
    if native:
        data = as_the_kernel_reads(plans[0], data, sum(float(np.max(own.max_epochs)) for own in plans))
    else:
        data = padded(data)
        if not as_lanes:
            data = data if _small(data) else jax.device_put(data)
            rows = rows if _small(rows) else jax.device_put(rows)
    members = [Member(own, data, rows, state, orders, native) for own, state in zip(plans, states, strict=True)]
    if as_lanes:
        return members, crowds_of_waves(members, data, rows, jax.local_devices()[: 1 if one_device else None])
    return members, [Crowd(members, threads, in_step)] * threads


def _hand_back(crowds: list[Crowd]) -> None:
    """Every member has its present state."""
    for crowd in set(crowds):
        for member in crowd.members:
            member.hand_back()


def _small(tree: Tree) -> bool:
    """Whether every call may as well take these arrays in by itself."""
    return sum(leaf.nbytes for leaf in jax.tree.leaves(tree)) < SMALL


def _progress(members: list[Member], most: int, seconds: float) -> Progress:
    epochs, first = np.array([member.epoch for member in members]), members[0]
    loss, valid = first.last["loss"], first.last.get("validation_loss", float("nan"))
    return Progress(epochs, most, loss, valid, first.best_epoch, seconds, first.last)
