"""The training program: one pure function from state to state. Read this file first.

``run`` takes the state of a member and a number of steps, and returns the state after them. Inside it is loops only:
epochs, then steps. Nothing here depends on the clock: the host may ask for 1, 7 or 1000 steps at a time and gets the
same bits. Nothing here can raise: what goes wrong becomes a status.

All members of a crowd call this one program, side by side in threads: each has the same bits alone and in a crowd, and
the program is the same for one member and for hundreds. On an accelerator they are lanes of it (``lanes``).
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.functions.constraints import max_norm
from wellfit.functions.control import once
from wellfit.functions.noise import fold
from wellfit.functions.penalties import orthant_step, pseudo_gradient
from wellfit.functions.schedules import value_at
from wellfit.layers.base import Context
from wellfit.networks.network import label
from wellfit.optimizers.clipping import clip_by_norm, clip_by_value
from wellfit.training.batches import batch_index, epoch_order, take, whole_index
from wellfit.training.curvature import curvature_product
from wellfit.training.objective import PENALISED, objective, sparsity, where_set
from wellfit.training.place import products_of
from wellfit.training.plan import STEP, Data, Plan, Rows
from wellfit.training.state import Moving, State
from wellfit.training.status import Status
from wellfit.training.stopping import Held, end_of_epoch
from wellfit.training.zeros import with_zeros


class Mine(NamedTuple):
    """One member's own rows."""

    train: Array  # (R,) int32
    n: Array  # int32, how many of them are used
    held: Held | None
    weight: Array  # the sum of their weights


def run(plan: Plan, data: Data, rows: Rows, state: State, steps: Array) -> State:
    """Train one member for ``steps`` steps, or until it is done."""
    held = Held(rows.valid, rows.n_valid) if len(rows.valid) else None
    mine = Mine(rows.train, rows.n_train, held, rows.weight)
    size = mine.train.shape[0] if plan.full_batch else plan.batch_size
    per_epoch = np.int32(1) if plan.full_batch else (mine.n + np.int32(size - 1)) // np.int32(size)
    whole = take(data, *whole_index(mine.train, mine.n)) if plan.full_batch else None
    finish = end_of_epoch if plan.rule is None else plan.rule.end_of_epoch

    def segment(carry: tuple[State, Array]) -> tuple[State, Array]:
        """Steps up to the end of the epoch or of the slice, whichever comes first; then the end of the epoch."""
        state, left = carry
        before = state.moving
        if not plan.optimizer.starts_at_zero:
            before = once(state.fresh, begin, before)
        todo = jnp.minimum(left, per_epoch - before.within)
        order = () if plan.full_batch else epoch_order(mine.train, mine.n, state.epoch, state.seed, rows.order)

        def go_on(carry: tuple[Moving, Array]) -> Array:
            return (carry[1] < todo) & ~carry[0].bad

        def one(carry: tuple[Moving, Array]) -> tuple[Moving, Array]:
            return step(plan, data, mine, whole, order, state, carry[0], per_epoch), carry[1] + np.int32(1)

        moving, done = jax.lax.while_loop(go_on, one, (before, np.int32(0)))
        state = state._replace(moving=moving, fresh=jnp.zeros_like(state.fresh))
        over = (moving.within >= per_epoch) | moving.bad
        return once(over, end, state), left - done

    def begin(moving: Moving) -> Moving:
        return moving._replace(opt_state=plan.optimizer.direction().init(moving.params))

    def end(state: State) -> State:
        if plan.l1 is not None and plan.rule is None and not plan.full_batch:
            moving = with_zeros(plan, data, mine.train, mine.n, mine.weight, state.moving)
            state = state._replace(moving=moving)
        return finish(plan, data, held, state)

    def unfinished(carry: tuple[State, Array]) -> Array:
        covered = carry[0].epoch < rows.order.until if rows.order else True
        return (carry[1] > 0) & (carry[0].status == Status.RUNNING) & covered

    return jax.lax.while_loop(unfinished, segment, (state, steps))[0]


def step(
    plan: Plan, data: Data, mine: Mine, whole: tuple | None, order: Any, state: State, moving: Moving, per_epoch: Array
) -> Moving:
    """One step: rows -> objective and gradient -> direction -> new parameters."""
    dtype = data.w.dtype
    t = moving.step.astype(dtype) / (plan.max_epochs * jnp.asarray(per_epoch).astype(dtype))
    seed = fold(fold(state.seed, STEP), moving.step)
    context = Context(True, t, seed, dtype, matmul_precision=products_of(plan, dtype))
    if whole is None:
        index, used = batch_index(order, mine.n, moving.within, plan.batch_size)
        x, y, w = take(data, index, used)
        count = jnp.sum(used).astype(dtype)
    else:
        x, y, w = whole
        count = mine.n.astype(dtype)
    # The batch's mean loss is divided so that the mean of the batches' gradients is the gradient on all rows.
    divisor, total = count * (mine.weight / mine.n.astype(dtype)), mine.weight
    if plan.rule is not None:
        divisor, total = plan.rule.divisors(w, divisor, total)

    def smooth(params: Tree) -> tuple[Array, tuple[Array, Tree]]:
        return objective(
            plan, params, moving.statistics, x, y, w, divisor=divisor, total_weight=total, context=context
        )  # fmt: skip

    (value, (loss, statistics)), gradient = jax.value_and_grad(smooth, has_aux=True)(moving.params)
    if plan.l1 is not None:
        value = value + sparsity(plan, moving.params) / total
        gradient = where_set(plan.l1, lambda l1, g, p: pseudo_gradient(p, g, l1 / total), gradient, moving.params)
    if plan.clip_value is not None:
        gradient = clip_by_value(gradient, plan.clip_value)
    if plan.clip_norm is not None:
        gradient = clip_by_norm(gradient, plan.clip_norm)
    rate = value_at(plan.optimizer.learning_rate, t, state.memory) * state.factor
    asked: dict[str, Any] = {"rate": rate} if plan.optimizer.takes_rate else {}
    if plan.optimizer.needs_curvature:
        asked["product"] = curvature_product(
            plan, moving.params, moving.statistics, x, y, w, divisor=divisor, total_weight=total, context=context
        )
    direction, opt_state = plan.optimizer.direction().update(
        gradient, moving.opt_state, moving.params, **asked,
        value=value, grad=gradient, value_fn=lambda params: smooth(params)[0] + sparsity(plan, params) / total,
    )  # fmt: skip
    seen, bad = (loss, jnp.sum(w)), moving.bad | ~jnp.isfinite(loss)
    if plan.rule is not None:
        seen, bad = plan.rule.seen(plan, y, w, loss=loss, divisor=divisor, value=value, count=count), moving.bad
    return Moving(
        params=moved(plan, moving.params, direction, gradient, rate, t),
        statistics=statistics,
        opt_state=opt_state,
        step=moving.step + np.int32(1),
        within=moving.within + np.int32(1),
        loss=moving.loss + seen[0],
        weight=moving.weight + seen[1],
        bad=bad,
    )


def moved(plan: Plan, params: Tree, direction: Tree, gradient: Tree, rate: Array, t: Array) -> Tree:
    """w - rate * (direction + weight_decay * w): decay is decoupled (Loshchilov and Hutter 2019), for weights only."""
    decay = value_at(plan.optimizer.weight_decay, t)
    factors = plan.rate_factors or {}

    def move(path: tuple, w: Array, d: Array) -> Array:
        name = label(path)
        own = rate * value_at(factors[name], t) if name in factors else rate
        change = d if decay is None or name not in PENALISED else d + decay * w
        return w - (own * change).astype(w.dtype)

    after = jax.tree_util.tree_map_with_path(move, params, direction)
    after = where_set(plan.l1, lambda _, new, old, g: orthant_step(old, new, g), after, params, gradient)
    return where_set(plan.max_norm, lambda limit, w: max_norm(w, limit.astype(w.dtype)), after)
