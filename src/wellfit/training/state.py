"""The state of training: one pytree, donated from slice to slice."""

from typing import Any, NamedTuple

import jax
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.functions.noise import fold
from wellfit.functions.schedules import Schedule
from wellfit.training.plan import Plan
from wellfit.training.status import Status


class Moving(NamedTuple):
    """What every step changes."""

    params: Tree
    statistics: Tree
    opt_state: Tree
    step: Array  # int32, steps taken
    within: Array  # int32, steps taken in this epoch
    loss: Array  # running sum of weighted losses of this epoch
    weight: Array  # running sum of weights of this epoch
    bad: Array  # bool, whether a non-finite loss was seen in this epoch


class Good(NamedTuple):
    """The last good state, at the start of an epoch: where a roll-back returns to."""

    params: Tree
    statistics: Tree
    opt_state: Tree
    step: Array


class State(NamedTuple):
    """Everything a member's training carries from one slice to the next."""

    moving: Moving
    good: Any  # Good; () where a rule of its own rolls nothing back
    best: Tree  # (params, statistics) of the best epoch; () where nothing is held out
    best_score: Array
    best_epoch: Array  # int32, 1-based; 0 before the first
    waited: Array  # int32, epochs since the best
    epoch: Array  # int32, epochs finished
    memory: Tree  # what the learning-rate schedule remembers (plateau)
    factor: Array  # of the learning rate; every roll-back makes it smaller
    rollbacks: Array  # int32
    status: Array  # int32
    fresh: Array  # bool: the optimizer starts anew at the next step
    seed: Array  # uint32
    row_set: Array  # int32, which of the F sets of rows is this member's
    history: dict[str, Array]  # (E,) per epoch: loss, validation_loss, or what the plan's rule records


class Seen(NamedTuple):
    """What the host knows of a member between two slices."""

    status: Any
    epoch: Any
    within: Any
    best_epoch: Any
    last: dict[str, Any]  # what its history says of its last epoch


def seed_of(seed: int, member: int) -> np.uint32:
    """The noise seed of a member: of the fit's seed and the member's number alone, never of the crowd's size."""
    return np.uint32(fold(fold(np.uint32(seed), 0x5EED), member))


def start(
    plan: Plan,
    params: Tree,
    statistics: Tree,
    *,
    seed: int,
    member: int = 0,
    row_set: int = 0,
    validate: bool,
    epochs: int,
    dtype: Any,
) -> State:
    """The state of one member before its first step, in numpy: nothing is compiled and no buffer is shared."""

    def number(value: float) -> np.ndarray:
        return np.asarray(value, dtype)

    def count(value: int) -> np.ndarray:
        return np.asarray(value, np.int32)

    def floats(tree: Tree) -> Tree:
        return jax.tree.map(lambda leaf: np.array(leaf, dtype), tree)

    own = plan.rule is None
    params, statistics = floats(params), floats(statistics)
    opt_state = jax.tree.map(lambda leaf: np.zeros(leaf.shape, leaf.dtype), _shapes(plan, params))
    rate = plan.optimizer.learning_rate
    memory = rate.start() if isinstance(rate, Schedule) else ()
    moving = Moving(params, statistics, opt_state, count(0), count(0), number(0), number(0), np.asarray(False))
    return State(
        moving=moving,
        good=Good(floats(params), floats(statistics), jax.tree.map(np.copy, opt_state), count(0)) if own else (),
        best=(floats(params), floats(statistics)) if validate else (),
        best_score=number(np.inf if own else plan.rule.worst),
        best_epoch=count(0),
        waited=count(0),
        epoch=count(0),
        memory=jax.tree.map(lambda leaf: np.array(leaf, dtype if np.asarray(leaf).dtype.kind == "f" else None), memory),
        factor=number(1),
        rollbacks=count(0),
        status=count(Status.RUNNING),
        fresh=np.asarray(True),
        seed=seed_of(seed, member),
        row_set=count(row_set),
        history={name: np.full(epochs, np.nan, dtype) for name in (HISTORY if own else plan.rule.history)},
    )


HISTORY = ("loss", "validation_loss")
_known: dict[Any, Tree] = {}


def _shapes(plan: Plan, params: Tree) -> Tree:
    """The shapes of the optimizer's state; tracing its start takes milliseconds, so they are remembered."""
    leaves, structure = jax.tree.flatten(params)
    key = (jax.tree.structure(plan.optimizer), structure, tuple((leaf.shape, leaf.dtype) for leaf in leaves))
    if key not in _known:
        if len(_known) > 256:
            _known.clear()
        _known[key] = jax.eval_shape(lambda p: plan.optimizer.direction().init(p), params)
    return _known[key]


def put(line: Array, epoch: Array, value: Array) -> Array:
    """A line of the history with the value of an epoch, in place: a scatter would write the whole line anew."""
    return jax.lax.dynamic_update_index_in_dim(line, value, epoch, 0)


def stack(members: list[Any]) -> Any:
    """Members' trees as one, a leading axis P on every leaf."""
    if len(members) == 1:  # no copy
        return jax.tree.map(lambda leaf: np.asarray(leaf)[None], members[0])
    return jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf) for leaf in leaves]), *members)
