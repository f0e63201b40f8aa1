"""The host's side of training: slices of about half a second, and between them everything that is not arithmetic.

Between slices the host shows progress, calls back, honours Ctrl-C and ``max_time``. The clock chooses the length of
a slice and changes no number.
"""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from wellfit.core.types import Tree
from wellfit.functions.numerics import double_precision
from wellfit.training.interrupt import Interrupt
from wellfit.training.plan import Data, Orders, Plan, Rows
from wellfit.training.program import run_members
from wellfit.training.programs import call
from wellfit.training.state import State, stack
from wellfit.training.status import Status

SLICE_SECONDS = 0.5
MOST_STEPS = 2**30
SMALL = 2**20  # bytes of data that every call may as well take in by itself
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

    Waves of members run side by side, one thread a core, each calling the same compiled program. ``watch`` is called
    between slices (after every epoch with ``every_epoch``) and ends training by returning True; ``keep`` gets the
    present parameters before that, where one thread does all the work. ``orders`` gives the order of the rows from
    an epoch on, where the program is not to shuffle by itself (one member only). ``in_step`` is for data divided among
    devices: one thread does all the work, and no clock decides anything, for all processes must make the same calls.
    """
    began = time.perf_counter()
    members = len(states)
    threads = 1 if keep is not None or in_step else max(1, min(members, threads or os.cpu_count() or 1))
    capacity = -(-members // threads)
    data = data if sum(leaf.nbytes for leaf in jax.tree.leaves(data)) < SMALL else jax.device_put(data)
    plans = plan if isinstance(plan, list) else [plan] * members
    groups = [slice(first, first + capacity) for first in range(0, members, capacity)]
    waves = [_Wave(plans[group], data, rows, states[group], capacity, orders) for group in groups]
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
                if keep is not None and len(waves) == 1:
                    moving = waves[0].states.moving
                    keep(moving.params, moving.statistics)
                if watch is not None and watch(_progress(waves, most, seconds)):
                    ended["stopped_by_callback"] = True
            if any(ended.values()):
                stop.set()

        if len(waves) == 1:
            waves[0].run(stop, every_epoch, between, in_step)
        else:
            x64 = double_precision()

            def side_by_side(wave: _Wave) -> None:
                with jax.enable_x64(x64):  # the setting belongs to a thread
                    wave.run(stop, every_epoch, None)

            with ThreadPoolExecutor(len(waves)) as pool:
                tasks = [pool.submit(side_by_side, wave) for wave in waves]
                while wait(tasks, timeout=0.05).not_done:
                    between()
                for task in tasks:
                    task.result()
            between()
    state = jax.tree.map(lambda *parts: np.concatenate(parts), *[wave.result() for wave in waves])
    return Trained(state, **ended, seconds=time.perf_counter() - began)


class _Wave:
    """Some members that run one after another in one thread, padded to the crowd's common capacity."""

    def __init__(
        self, plans: list[Plan], data: Data, rows: Rows, states: list[State], capacity: int, orders: Any = None
    ) -> None:
        self.members = len(states)
        plan, missing = plans[0], capacity - len(states)
        padded = states + states[:1] * missing
        self.plan: Plan = stack(plans + plans[:1] * missing)
        if len(rows.n_train) > 1:
            padded, rows = _own_sets(padded, rows)
        self.data, self.rows, self.capacity, self.orders = data, rows, capacity, orders
        self.per_epoch = 1 if plan.full_batch else -(-int(np.max(np.asarray(rows.n_train))) // plan.batch_size)
        self.steps = _first_slice(plan, states[0])
        self.states: State = stack(padded)  # the first call takes numpy arrays in: several times faster than device_put
        self._look()

    def _look(self) -> None:
        """Copy what the host needs between slices: the state itself is donated to the next one."""
        s = self.states
        status, self.epoch, self.within, self.best_epoch = (
            np.asarray(a)[: self.members].copy() for a in (s.status, s.epoch, s.moving.within, s.best_epoch)
        )
        self.active = [m for m in range(self.members) if status[m] == Status.RUNNING]
        last = max(int(self.epoch[0]) - 1, 0)
        self.last = {name: float(np.asarray(values)[0, last]) for name, values in s.history.items()}

    def run(
        self, stop: threading.Event, every_epoch: bool, between: Callable[[], None] | None, in_step: bool = False
    ) -> None:
        """Slices until all members are done or ``stop`` is set; each aims at half a second."""
        while self.active and not stop.is_set():
            steps = self.to_epoch_end() if every_epoch else self.steps
            before = time.perf_counter()
            self.advance(steps)
            spent = time.perf_counter() - before
            if not in_step:
                self.steps = int(np.clip(steps * SLICE_SECONDS / max(spent, 1e-4), 1, min(8 * steps, MOST_STEPS)))
            if between is not None:
                between()

    def to_epoch_end(self) -> int:
        """Steps until the first of the running members ends its epoch."""
        return max(1, min(self.per_epoch - int(self.within[m]) for m in self.active))

    def advance(self, steps: int) -> None:
        """Run a slice; finished members are compacted away without a new shape."""
        active = np.zeros(self.capacity, np.int32)
        active[: len(self.active)] = self.active
        count, steps_ = np.asarray(len(self.active), np.int32), np.asarray(steps, np.int32)
        if self.orders is not None:
            self.rows = self.rows._replace(order=self.orders(int(self.epoch[0])))
        args = (self.plan, self.data, self.rows, self.states, active, count, steps_)
        self.states = jax.block_until_ready(call(run_members, *args, out=self.states, donate=3))
        self._look()

    def result(self) -> State:
        """The true members' states in numpy."""
        return jax.tree.map(lambda leaf: np.asarray(leaf)[: self.members], self.states)


def _first_slice(plan: Plan, state: State) -> int:
    """Steps in the first slice: enough to be worth a call, few enough to come back soon."""
    numbers = sum(leaf.size for leaf in jax.tree.leaves(state.moving.params))
    rows = 100 if plan.full_batch else plan.batch_size
    return int(np.clip(FIRST_SLICE_WORK / max(1, 3 * numbers * rows), 4, 100_000))


def _own_sets(states: list[State], rows: Rows) -> tuple[list[State], Rows]:
    """Of many sets of rows those of these members, one each, on the device: they are large, and stay for the fit."""
    sets = [int(state.row_set) for state in states]
    own = jax.device_put(jax.tree.map(lambda leaf: leaf[sets], rows))
    return [state._replace(row_set=np.asarray(m, np.int32)) for m, state in enumerate(states)], own


def _progress(waves: list[_Wave], most: int, seconds: float) -> Progress:
    epochs = np.concatenate([wave.epoch for wave in waves])
    first = waves[0]
    loss, valid = first.last["loss"], first.last.get("validation_loss", float("nan"))
    return Progress(epochs, most, loss, valid, int(first.best_epoch[0]), seconds, first.last)
