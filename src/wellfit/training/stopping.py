"""The end of an epoch: validate, remember the best, stop, or roll back."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array
from wellfit.functions.control import once
from wellfit.functions.schedules import Schedule
from wellfit.layers.base import Context
from wellfit.training.batches import block, blocks_of, take
from wellfit.training.objective import data_loss
from wellfit.training.plan import Data, Plan
from wellfit.training.state import Good, State, put
from wellfit.training.status import Status

ROLLBACK_FACTOR = 0.3
MAX_ROLLBACKS = 12


class Held(NamedTuple):
    """One member's held-out rows: numbers (V,) and how many are used."""

    index: Array
    n: Array


def validation_loss(plan: Plan, data: Data, held: Held, params: tuple, statistics: tuple) -> Array:
    """The weighted mean loss on the held-out rows, in blocks: only the true rows cost anything."""
    _, size = blocks_of(held.index)
    blocks = (held.n + np.int32(size - 1)) // np.int32(size)
    dtype = data.w.dtype

    def add(b: Array, sums: tuple) -> tuple:
        x, y, w = take(data, *block(held.index, held.n, b, size))
        loss, _ = data_loss(plan, params, statistics, x, y, w, Context(dtype=dtype))
        return sums[0] + loss, sums[1] + jnp.sum(w)

    zero = jnp.zeros((), dtype)
    loss, weight = jax.lax.fori_loop(np.int32(0), blocks, add, (zero, zero))
    return loss / weight


def all_finite(tree: tuple) -> Array:
    """Whether every number of a tree is finite."""
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(tree)]))


def end_of_epoch(plan: Plan, data: Data, held: Held | None, state: State) -> State:
    """The state after an epoch: accepted and judged, or rolled back to the last good state with smaller steps."""
    moving = state.moving
    loss = moving.loss / moving.weight
    valid = loss if held is None else validation_loss(plan, data, held, moving.params, moving.statistics)
    failed = moving.bad | ~jnp.isfinite(loss) | ~jnp.isfinite(valid) | ~all_finite(moving.params)
    accepted = once(~failed, lambda state: accept(plan, held is not None, state, loss, valid), state)
    after = once(failed, lambda state: roll_back(plan, state), accepted)
    fresh_epoch = after.moving._replace(
        within=jnp.zeros_like(moving.within),
        loss=jnp.zeros_like(moving.loss),
        weight=jnp.zeros_like(moving.weight),
        bad=jnp.zeros_like(moving.bad),
    )
    return after._replace(moving=fresh_epoch)


def roll_back(plan: Plan, state: State) -> State:
    """Return to the last good state; the steps get smaller, and after too many attempts training has diverged."""
    good = state.good
    moving = state.moving._replace(
        params=good.params, statistics=good.statistics, opt_state=good.opt_state, step=good.step
    )
    rollbacks = state.rollbacks + np.int32(1)
    return state._replace(
        moving=moving,
        factor=state.factor * jnp.asarray(ROLLBACK_FACTOR, state.factor.dtype),
        rollbacks=rollbacks,
        status=jnp.where(rollbacks > MAX_ROLLBACKS, np.int32(Status.DIVERGED), np.int32(Status.RUNNING)),
        # A line search remembers values of the path that failed: it starts with cleared memory.
        fresh=state.fresh | jnp.asarray(plan.optimizer.full_batch),
    )


def patience_at(plan: Plan, best_epoch: Array) -> Array:
    """Epochs (int32) that may pass after this best one without a better."""
    patience = jnp.asarray(plan.patience).astype(np.int32)
    if plan.patience_share is None:
        return patience
    share = jnp.asarray(plan.patience_share)
    return jnp.maximum(patience, (share * best_epoch.astype(share.dtype)).astype(np.int32))


def accept(plan: Plan, validate: bool, state: State, loss: Array, valid: Array) -> State:
    """Record the epoch, keep it if it is the best, and decide whether to go on."""
    moving, epoch = state.moving, state.epoch + np.int32(1)
    improved = valid < state.best_score
    waited = jnp.where(improved, np.int32(0), state.waited + np.int32(1))
    best = state.best
    if validate:
        now = (moving.params, moving.statistics)
        best = jax.tree.map(lambda new, old: jnp.where(improved, new, old), now, best)
    status = jnp.where(
        epoch >= jnp.asarray(plan.max_epochs).astype(np.int32),
        np.int32(Status.FINISHED),
        np.int32(Status.RUNNING),
    )
    if plan.patience is not None and validate:
        status = jnp.where(
            (waited > patience_at(plan, state.best_epoch)) & (status == Status.RUNNING),
            np.int32(Status.STOPPED_EARLY),
            status,
        )
    rate = plan.optimizer.learning_rate
    history = dict(state.history, loss=put(state.history["loss"], state.epoch, loss))
    if validate:
        history["validation_loss"] = put(history["validation_loss"], state.epoch, valid)
    return state._replace(
        good=Good(moving.params, moving.statistics, moving.opt_state, moving.step),
        best=best,
        best_score=jnp.where(improved, valid, state.best_score),
        best_epoch=jnp.where(improved, epoch, state.best_epoch),
        waited=waited,
        epoch=epoch,
        memory=rate.observe(state.memory, valid) if isinstance(rate, Schedule) else state.memory,
        status=status,
        history=history,
    )
