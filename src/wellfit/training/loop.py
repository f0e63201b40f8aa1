"""The host's side of training: slices of about half a second, and between them everything that is not arithmetic.

Between slices the host shows progress, calls back, honours Ctrl-C and ``max_time``. The clock chooses the length of
a slice and changes no number.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from wellfit.core.turns import away
from wellfit.core.types import Tree
from wellfit.functions.numerics import double_precision
from wellfit.native import library
from wellfit.training.interrupt import Interrupt
from wellfit.training.native_plan import takes
from wellfit.training.native_training import NativeTraining, as_the_kernel_reads
from wellfit.training.plan import Data, Orders, Plan, Rows
from wellfit.training.program import run
from wellfit.training.programs import call
from wellfit.training.state import State, stack
from wellfit.training.status import Status

SLICE_SECONDS = 0.5
MOST_STEPS = 2**30
SMALL = 2**20  # bytes of data that every call may as well take in by itself
DIVIDED = 2**16  # numbers in an array of a step from which operations are divided among cores
FIRST_SLICE_WORK = 2e9  # multiplications in the first slice, before the machine's speed is known


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

    Members run side by side, one thread a core, each calling the same compiled program. ``watch`` is called between
    slices (after every epoch with ``every_epoch``) and ends training by returning True; ``keep`` gets the present
    parameters (P, ...) before that, and makes one thread do all the work. ``orders`` gives the order of the rows from
    an epoch on, where the program is not to shuffle by itself (one member only). ``in_step`` is for data divided among
    devices: one thread does all the work, and no clock decides anything, for all processes must make the same calls.
    """
    began = time.perf_counter()
    count = len(states)
    threads = 1 if keep is not None or in_step else max(1, min(count, threads or os.cpu_count() or 1))
    plans = plan if isinstance(plan, list) else [plan] * count
    native = not in_step and takes(plans[0], data) and library.available()  # all are of one structure
    if native:
        data = as_the_kernel_reads(plans[0], data)
    else:
        data = data if _small(data) else jax.device_put(data)
        rows = rows if _small(rows) else jax.device_put(rows)
    members = [Member(own, data, rows, state, orders, native) for own, state in zip(plans, states, strict=True)]
    crowd = Crowd(members, threads, in_step)
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
                    keep(*stack([own.present for own in members]))
                if watch is not None and watch(_progress(members, most, seconds)):
                    ended["stopped_by_callback"] = True
            if any(ended.values()):
                stop.set()

        if threads == 1:
            crowd.work(stop, every_epoch, between)
        else:
            x64 = double_precision()

            def side_by_side() -> None:
                with jax.enable_x64(x64):  # the setting belongs to a thread
                    crowd.work(stop, every_epoch, None)

            with away(), ThreadPoolExecutor(threads) as pool:
                tasks = [pool.submit(side_by_side) for _ in range(threads)]
                while wait(tasks, timeout=0.05).not_done:
                    between()
                for task in tasks:
                    task.result()
            between()
    return Trained(stack([member.state for member in members]), **ended, seconds=time.perf_counter() - began)


class Member:
    """One training: its state on the device, and what the host knows of it.

    ``native``: a kernel of our own trains it, on data ``as_the_kernel_reads``; else the program that XLA compiles.
    """

    def __init__(
        self, plan: Plan, data: Data, rows: Rows, state: State, orders: Any = None, native: bool = False
    ) -> None:
        self.plan, self.data, self.rows, self.orders = plan, data, rows.one(int(state.row_set)), orders
        self.per_epoch = 1 if plan.full_batch else -(-int(self.rows.n_train) // plan.batch_size)
        self.one_core = _largest(plan, rows, state.moving.params) < DIVIDED
        self.native = NativeTraining(plan, data, self.rows, state) if native else None
        self.state = state  # the first call takes numpy arrays in: several times faster than device_put
        self._look()

    def _look(self) -> None:
        """Copy what the host needs between slices: the state itself is donated to the next one."""
        s = self.state
        self.status, self.epoch, self.within, self.best_epoch = (
            int(number) for number in (s.status, s.epoch, s.moving.within, s.best_epoch)
        )
        last = max(self.epoch - 1, 0)
        self.last = {name: float(np.asarray(line)[last]) for name, line in s.history.items()}

    @property
    def running(self) -> bool:
        """Whether there is anything left to do."""
        return self.status == Status.RUNNING

    @property
    def present(self) -> Any:
        """(parameters, statistics) as they are now, for whoever keeps them while training goes on."""
        now = (self.state.moving.params, self.state.moving.statistics)
        return jax.tree.map(np.copy, now) if self.native else now

    def to_epoch_end(self) -> int:
        """Steps until the epoch ends."""
        return self.per_epoch - self.within

    def advance(self, steps: int) -> None:
        """Run a slice."""
        if self.orders is not None:
            self.rows = self.rows._replace(order=self.orders(self.epoch))
        if self.native is not None:
            self.state = self.native.advance(steps, self.rows.order)
        else:
            args = (self.plan, self.data, self.rows, self.state, np.asarray(steps, np.int32))
            self.state = call(run, *args, out=self.state, donate=3, one_core=self.one_core)
        self._look()


class Crowd:
    """Members that wait for their next slice; a thread takes the one that has waited longest."""

    def __init__(self, members: list[Member], threads: int, in_step: bool) -> None:
        self.waiting, self.threads, self.in_step = deque(members), threads, in_step
        self.first_slice = _first_slice(members[0])

    def work(self, stop: threading.Event, every_epoch: bool, between: Callable[[], None] | None) -> None:
        """Slices until no member waits or ``stop`` is set; a turn of all of them aims at half a second."""
        steps, member = self.first_slice, self._next(None)
        while member is not None:
            turn = 1 + len(self.waiting) // self.threads  # slices of this thread in which every member had one
            for _ in range(turn):
                before = time.perf_counter()
                member.advance(member.to_epoch_end() if every_epoch else steps)
                spent = (time.perf_counter() - before) * turn
                if not self.in_step:
                    steps = int(np.clip(steps * SLICE_SECONDS / max(spent, 1e-4), 1, min(8 * steps, MOST_STEPS)))
                member = self._next(member)
                if member is None or stop.is_set():
                    break
            if between is not None:
                between()
            if stop.is_set():
                break

    def _next(self, member: Member | None) -> Member | None:
        """Who is next after this member: itself where nobody else waits, None where nobody is left to begin."""
        if member is not None and member.running:
            if not self.waiting:
                return member
            self.waiting.append(member)
        while self.waiting:
            try:
                found = self.waiting.popleft()
            except IndexError:  # another thread was faster
                break
            if found.running:
                return found
        return None


def _small(tree: Tree) -> bool:
    """Whether every call may as well take these arrays in by itself."""
    return sum(leaf.nbytes for leaf in jax.tree.leaves(tree)) < SMALL


def _first_slice(member: Member) -> int:
    """Steps in the first slice: enough to be worth a call, few enough to come back soon."""
    numbers = sum(leaf.size for leaf in jax.tree.leaves(member.state.moving.params))
    rows = 100 if member.plan.full_batch else member.plan.batch_size
    return int(np.clip(FIRST_SLICE_WORK / max(1, 3 * numbers * rows), 4, 100_000))


def _largest(plan: Plan, rows: Rows, params: Tree) -> int:
    """Numbers in the largest array of a step: of parameters, or of a batch's activations."""
    batch = rows.train.shape[-1] if plan.full_batch else plan.batch_size
    return max((max(leaf.size, batch * leaf.shape[-1]) for leaf in jax.tree.leaves(params) if leaf.ndim), default=0)


def _progress(members: list[Member], most: int, seconds: float) -> Progress:
    epochs, first = np.array([member.epoch for member in members]), members[0]
    loss, valid = first.last["loss"], first.last.get("validation_loss", float("nan"))
    return Progress(epochs, most, loss, valid, first.best_epoch, seconds, first.last)
