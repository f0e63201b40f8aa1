"""Members in training, what the host knows of each, and how they take turns."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from wellfit.core.types import Tree
from wellfit.training import place
from wellfit.training.native_training import NativeTraining
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.program import run
from wellfit.training.programs import call
from wellfit.training.state import Seen, State
from wellfit.training.status import Status

SLICE_SECONDS = 0.5
MOST_STEPS = 2**30
DIVIDED = 2**16  # numbers in an array of a step from which operations are divided among cores
FIRST_SLICE_WORK = 2e9  # multiplications in the first slice, before the machine's speed is known


class Member:
    """One training: its state on the device, and what the host knows of it.

    ``native``: a kernel of our own trains it, on data ``as_the_kernel_reads``; else the program that XLA compiles.
    """

    stays = False  # whether it should keep its turn although others wait

    def __init__(
        self, plan: Plan, data: Data, rows: Rows, state: State, orders: Any = None, native: bool = False
    ) -> None:
        self.plan, self.data, self.rows, self.orders = plan, data, rows.one(int(state.row_set)), orders
        self.per_epoch = 1 if plan.full_batch else -(-int(self.rows.n_train) // plan.batch_size)
        self.one_core = not place.accelerator() and _largest(plan, rows, state.moving.params) < DIVIDED
        self.native = NativeTraining(plan, data, self.rows, state) if native else None
        self.state = state  # the first call takes numpy arrays in: several times faster than device_put
        self.look()

    def look(self) -> None:
        """Copy what the host needs between slices: the state itself is donated to the next one."""
        s, last = self.state, max(int(self.state.epoch) - 1, 0)
        lines = {name: np.asarray(line)[last] for name, line in s.history.items()}
        self.note(Seen(s.status, s.epoch, s.moving.within, s.best_epoch, lines))

    def note(self, seen: Seen) -> None:
        """Know this of the state."""
        self.status, self.epoch, self.within, self.best_epoch = (int(number) for number in seen[:4])
        self.last = {name: float(value) for name, value in seen.last.items()}

    @property
    def running(self) -> bool:
        """Whether there is anything left to do."""
        return self.status == Status.RUNNING

    @property
    def present(self) -> Any:
        """(parameters, statistics) as they are now, for whoever keeps them while training goes on."""
        now = (self.state.moving.params, self.state.moving.statistics)
        return jax.tree.map(np.copy, now) if self.native else now

    @property
    def first_slice(self) -> int:
        """Steps in the first slice: enough to be worth a call, few enough to come back soon."""
        numbers = sum(leaf.size for leaf in jax.tree.leaves(self.state.moving.params))
        rows = 100 if self.plan.full_batch else self.plan.batch_size
        return int(np.clip(FIRST_SLICE_WORK / max(1, 3 * numbers * rows), 4, 100_000))

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
        self.look()

    def rest(self) -> None:
        """Make room for whoever is next: nothing to do, for its state may stay where it is."""

    def hand_back(self) -> None:
        """Have the present state: nothing to do, for it is here."""


class Crowd:
    """Members, or waves of them, that wait for their next slice; a thread takes the one that has waited longest."""

    def __init__(self, members: list[Any], threads: int, in_step: bool = False) -> None:
        self.members, self.waiting = members, deque(members)
        self.threads, self.in_step = threads, in_step
        self.first_slice = members[0].first_slice

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
                member = self._next(member, keeps=member.stays and not every_epoch)
                if member is None or stop.is_set():
                    break
            if between is not None:
                between()
            if stop.is_set():
                break

    def _next(self, member: Any, keeps: bool = False) -> Any:
        """Who is next after this member: itself where nobody else waits, None where nobody is left to begin."""
        if member is not None and member.running:
            if keeps or not self.waiting:
                return member
            member.rest()
            self.waiting.append(member)
        while self.waiting:
            try:
                found = self.waiting.popleft()
            except IndexError:  # another thread was faster
                break
            if found.running:
                return found
        return None


def _largest(plan: Plan, rows: Rows, params: Tree) -> int:
    """Numbers in the largest array of a step: of parameters, or of a batch's activations."""
    batch = rows.train.shape[-1] if plan.full_batch else plan.batch_size
    return max((max(leaf.size, batch * leaf.shape[-1]) for leaf in jax.tree.leaves(params) if leaf.ndim), default=0)
