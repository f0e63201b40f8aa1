"""Members as lanes of one program, for accelerators: what is a thread's call on a CPU is one of P lanes here.

An accelerator is fast at much work at once, and slow at beginning each of many small pieces. So members train in waves:
``jax.vmap(run)`` over as many as fit its memory. The others wait on the host.
"""

import math
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.turns import taking_turns
from wellfit.core.types import Array, is_shape
from wellfit.native.cores import cores
from wellfit.training.crowd import Crowd, Member
from wellfit.training.memory import available, estimate
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.program import run
from wellfit.training.programs import call
from wellfit.training.rows import shape_of
from wellfit.training.state import Seen, State, stack

MOST_LANES = 512
CAREFUL = 2  # times what the estimate says of a member: XLA keeps copies that nobody has counted
ORDER_BYTES = 24  # of a training row in each lane: its place in the epoch's order, and what shuffling needs for it
NO_MEMORY = "RESOURCE_EXHAUSTED"  # of XLA, where a device cannot give what a program asks for
WORTH_MOVING = 10  # times as long as its states take to the device and back a wave stays there


def run_lanes(plan: Plan, data: Data, rows: Rows, state: State, steps: Array) -> tuple[State, Seen]:
    """``run`` of P members in one program: plan and state stacked (P, ...), steps (P,), data and rows those of all."""
    one_set = rows.train.shape[0] == 1

    def lane(plan: Plan, state: State, steps: Array) -> tuple[State, Seen]:
        after = run(plan, data, rows.one(0 if one_set else state.row_set), state, steps)
        last = jnp.maximum(after.epoch - 1, 0)
        lines = {name: line[last] for name, line in after.history.items()}
        return after, Seen(after.status, after.epoch, after.moving.within, after.best_epoch, lines)

    return jax.vmap(lane)(plan, state, steps)


class Wave:
    """Members that train together on one device, and take turns with other waves there as a member would.

    The number of lanes is a power of two, so that few programs are compiled; what it is beyond the members that still
    train is filled up with lanes that do nothing. Members get their states back when the wave rests, when half of the
    lanes have stopped, and at the end. Where the device has less memory than was planned, half as many lanes begin
    again with the states that the host has, and the other members follow when they have stopped.
    """

    def __init__(self, members: list[Member], data: Data, rows: Rows) -> None:
        self.members, self.data, self.rows = members, data, rows
        self.first_slice = members[0].first_slice
        self.most = len(members)  # lanes that the device has had memory for, as far as is known
        self.lanes: list[int] = []  # which members the first lanes are; none where all states are on the host
        self.plan: Any = None
        self.state: Any = None  # theirs on the device, stacked (P, ...)
        self.began = self.moved = 0.0  # when its turn began; seconds that its states take to the device and back

    @property
    def running(self) -> bool:
        """Whether there is anything left to do."""
        return any(member.running for member in self.members)

    @property
    def stays(self) -> bool:
        """Whether it should keep its turn although others wait."""
        return time.perf_counter() - self.began < WORTH_MOVING * self.moved

    def to_epoch_end(self) -> np.ndarray:
        """Steps until each member's epoch ends."""
        return np.array([member.to_epoch_end() for member in self.members], np.int32)

    def advance(self, steps: int | np.ndarray) -> None:
        """Run a slice: so many steps of all members, or of each."""
        if not self.lanes:
            self._begin()
        todo = np.zeros(len(self.state.status), np.int32)
        todo[: len(self.lanes)] = np.broadcast_to(steps, len(self.members))[self.lanes]
        out = (self.state, Seen(0, 0, 0, 0, dict.fromkeys(self.state.history, 0)))
        try:
            self.state, seen = call(run_lanes, self.plan, self.data, self.rows, self.state, todo, out=out, donate=3)
            seen = jax.device_get(seen)
        except jax.errors.JaxRuntimeError as error:
            if NO_MEMORY not in str(error) or len(self.lanes) == 1:
                raise
            self._begin_again(len(self.lanes) // 2)
            return
        for lane, number in enumerate(self.lanes):
            self.members[number].note(jax.tree.map(lambda values, lane=lane: values[lane], seen))
        if 2 * sum(self.members[number].running for number in self.lanes) <= len(todo):
            self.rest()

    def rest(self) -> None:
        """Leave the device to whoever is next; the next slice begins with the members that still train."""
        if not self.lanes:
            return
        began = time.perf_counter()
        self.hand_back()
        self.lanes, self.state = [], None
        self.moved = 2 * (time.perf_counter() - began)

    def hand_back(self) -> None:
        """Give the members their states as they are now, in numpy."""
        if self.lanes:
            found = jax.device_get(self.state)
            for lane, number in enumerate(self.lanes):  # copies, so that none keeps all of the stack
                self.members[number].state = jax.tree.map(lambda leaf, lane=lane: np.array(leaf[lane]), found)

    def _begin(self) -> None:
        self.lanes = [number for number, member in enumerate(self.members) if member.running][: self.most]
        chosen = [self.members[number] for number in self.lanes]
        chosen += chosen[:1] * (_power_of_two(len(chosen)) - len(chosen))  # the rest get no steps, and do nothing
        self.state = stack([member.state for member in chosen])
        self.plan = stack([member.plan for member in chosen])
        self.began = time.perf_counter()

    def _begin_again(self, most: int) -> None:
        """What was done since the states were on the host is lost, and comes out the same again."""
        self.most, self.state = most, None
        for number in self.lanes:
            self.members[number].look()
        self.lanes = []


def crowds_of_waves(members: list[Member], data: Data, rows: Rows, devices: list[Any]) -> list[Crowd]:
    """For each device the waves that train there, one after another in turns."""
    plan, state = members[0].plan, members[0].state
    most = min(lanes_that_fit(plan, data, rows, state), -(-len(members) // len(devices)))
    parts = [members[first : first + most] for first in range(0, len(members), most)]
    crowds = []
    for number, device in enumerate(devices[: len(parts)]):
        there = jax.device_put((data, rows), device)
        crowds.append(Crowd([Wave(part, *there) for part in parts[number :: len(devices)]], threads=1))
    return crowds


def lanes_that_fit(plan: Plan, data: Data, rows: Rows, state: State) -> int:
    """How many lanes the device has memory for beside the data: a power of two, at least one."""
    room = available()
    if room is None:
        return MOST_LANES
    if taking_turns.value is not None:  # in a search other fits have their shares
        room //= cores() + 1
    shape, dtype = shape_of(data.x), data.w.dtype
    parts = estimate(plan, data, shape, 1, validate=bool(state.best), dtype=dtype)
    batch = plan.batch_size if not plan.full_batch else len(data.w) if len(rows.train) > 1 else 0  # of its own
    numbers = sum(math.prod(own) for own in jax.tree.leaves(shape, is_leaf=is_shape))
    lane = CAREFUL * (parts["parameters"] + parts["activations"] + batch * numbers * dtype.itemsize)
    lane += ORDER_BYTES * rows.train.shape[-1]
    fit = int(min(MOST_LANES, max(1, (room - parts["data"]) // lane)))
    return 1 << (fit.bit_length() - 1)


def _power_of_two(count: int) -> int:
    """The smallest that is no less."""
    return 1 << (count - 1).bit_length()
