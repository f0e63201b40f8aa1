"""scikit-learn's rule for a fit: batches divided by their own weights, stopping on training loss or validation score.

It stands where wellfit's own rule (best epoch, roll-back; ``stopping``) would: ``Plan(rule=Classic(...))``.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.functions.metrics import accuracy_of, r2_of
from wellfit.functions.schedules import Schedule, value_at
from wellfit.training.state import put
from wellfit.training.status import Status

if TYPE_CHECKING:
    from wellfit.training.plan import Data, Plan
    from wellfit.training.state import State
    from wellfit.training.stopping import Held

SCORES = ("loss", "accuracy", "r2")
SMALLEST_RATE = 1e-6
RATE_DIVISOR = 5.0


@spec
class Classic:
    """When to stop, as scikit-learn's multi-layer perceptrons do.

    Parameters
    ----------
    tol : number
        What counts as no improvement: a loss above best - tol, a score below best + tol.
    wait : number
        Epochs without improvement that are borne; one more stops training, or lowers an adaptive rate.
    score : str
        "loss": the training loss, and the last parameters are kept; "accuracy" or "r2": the score on held-out rows,
        and the best parameters are kept.
    adaptive : bool
        Whether the learning rate is divided by 5 instead of stopping, until it is at most 1e-6.
    once : bool
        Whether training stops after a single epoch whatever happens (``partial_fit``).
    averaged : int
        How many outputs the reported loss is an average over; its gradient is the sum's.
    excess : bool
        Whether the reported loss is that above a perfect prediction's (half a deviance).
    """

    tol: Any = 1e-4
    wait: Any = 10
    score: str = static(default="loss")
    adaptive: bool = static(default=False)
    once: bool = static(default=False)
    averaged: int = static(default=1)
    excess: bool = static(default=False)

    @property
    def history(self) -> tuple[str, ...]:
        """What is recorded of every epoch."""
        held = () if self.score == "loss" else ("validation_loss", "validation_score")
        return ("loss", "learning_rate", *held)

    @property
    def worst(self) -> float:
        """What is better than no epoch at all."""
        return np.inf if self.score == "loss" else -np.inf

    def divisor(self, w: Array) -> Array:
        """What a batch's sum of losses, and its priors, are divided by: its own sum of weights (1 if that is 0)."""
        total = jnp.sum(w)
        return jnp.where(total > 0, total, jnp.ones((), total.dtype))

    def divisors(self, w: Array, divisor: Array, total: Array) -> tuple[Array, Array]:
        """Both divisors of a step: the batch's own, not those of all rows."""
        own = self.divisor(w)
        return own, own

    def seen(
        self, plan: "Plan", y: Array, w: Array, *, loss: Array, divisor: Array, value: Array, count: Array
    ) -> tuple:
        """What a batch adds to the epoch's loss and weight: its objective, priors included, by its number of rows."""
        return self.reported(plan, y, w, loss, divisor, value) * count, count

    def reported(
        self,
        plan: "Plan",
        y: Array,
        w: Array,
        loss: Array,
        divisor: Array,
        value: Array,
        total: Callable[[Array], Array] = jnp.sum,
    ) -> Array:
        """The objective as it is reported: the loss above perfection, averaged over outputs, plus the priors.

        ``total`` sums over rows.
        """
        priors = value - loss / divisor
        if self.excess:
            floor = plan.family.floor(y)
            loss = loss - total(jnp.where(w > 0, w * floor, jnp.zeros((), floor.dtype)))
        return loss / (divisor * self.averaged) + priors

    def end_of_epoch(self, plan: "Plan", data: "Data", held: "Held | None", state: "State") -> "State":
        """The state after an epoch: its loss and score recorded, and the decision whether to go on."""
        moving, at = state.moving, state.epoch
        zero = jnp.zeros((), moving.loss.dtype)
        loss = moving.loss / moving.weight
        history = dict(state.history, loss=put(state.history["loss"], at, loss))
        best, best_epoch = state.best, state.best_epoch
        if held is None:
            judged, no_better, better = loss, loss > state.best_score - self.tol, loss < state.best_score
        else:
            judged, valid = self.validate(plan, data, held, moving.params, moving.statistics)
            # A score that is not a number counts as better than nothing and stops nothing, as in scikit-learn.
            no_better, better = judged < state.best_score + self.tol, judged > state.best_score
            now = (moving.params, moving.statistics)
            best = jax.tree.map(lambda new, old: jnp.where(better, new, old), now, best)
            history["validation_score"] = put(history["validation_score"], at, judged)
            history["validation_loss"] = put(history["validation_loss"], at, valid)
        epoch = at + np.int32(1)
        waited = jnp.where(no_better, state.waited + np.int32(1), np.int32(0))
        rate = plan.optimizer.learning_rate
        memory = rate.observe(state.memory, judged) if isinstance(rate, Schedule) else state.memory
        tired = waited.astype(loss.dtype) > self.wait
        last = epoch >= jnp.asarray(plan.max_epochs).astype(np.int32)
        factor = state.factor
        stop = tired
        if self.adaptive:
            stop = tired & (value_at(rate, zero, memory) * factor <= SMALLEST_RATE)
            lower = tired & ~stop
            factor = jnp.where(lower, factor / RATE_DIVISOR, factor)
            waited = jnp.where(lower, np.int32(0), waited)
        history["learning_rate"] = put(history["learning_rate"], at, value_at(rate, zero, memory) * factor)
        finished = np.int32(Status.FINISHED)
        status = jnp.where(last | self.once, finished, np.int32(Status.RUNNING))
        status = jnp.where(stop, np.int32(Status.STOPPED_EARLY), status)
        return state._replace(
            moving=moving._replace(within=jnp.zeros_like(moving.within), loss=zero, weight=zero),
            best=best,
            best_score=jnp.where(better, judged, state.best_score),
            best_epoch=jnp.where(better, epoch, best_epoch),
            waited=waited,
            epoch=epoch,
            memory=memory,
            factor=factor,
            status=status,
            history=history,
        )

    def validate(self, plan: "Plan", data: "Data", held: "Held", params: Any, statistics: Any) -> tuple[Array, Array]:
        """The score and the mean loss on the held-out rows, forward in blocks."""
        from wellfit.layers.base import Context
        from wellfit.training.batches import block, blocks_of, sum_of_blocks, take

        blocks, size = blocks_of(held.index)
        dtype = data.w.dtype

        def forward(b: Array) -> tuple:
            x, y, w = take(data, *block(held.index, held.n, b, size))
            return plan.network.apply(params, statistics, x, Context(dtype=dtype))[0], y, w

        def total(values: Array) -> Array:
            return sum_of_blocks(values, size)

        def mean(x: Array, w: Array) -> Array:
            return total(w.reshape(-1, *(1,) * (x.ndim - 1)) * x) / weight

        z, y, w = jax.tree.map(
            lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), jax.lax.map(forward, jnp.arange(blocks, dtype=np.int32))
        )
        used, weight = w > 0, total(w)
        lost = total(jnp.where(used, w * plan.family.loss(z, y), jnp.zeros((), dtype)))
        divisor = jnp.where(weight > 0, weight, jnp.ones((), dtype))
        loss = self.reported(plan, y, w, lost, divisor, lost / divisor, total)
        if self.score == "accuracy":
            truth = y > 0.5 if plan.family.outputs == 1 or y.ndim == 2 else y
            return accuracy_of(plan.family.predict(z), truth, w, mean), loss
        predicted = jnp.where(used[:, None], plan.family.predict(z), jnp.zeros((), dtype))
        score = r2_of(predicted, jnp.where(used[:, None], y, jnp.zeros((), dtype)), w, mean)
        return jnp.where(jnp.all(jnp.isfinite(predicted)), score, jnp.asarray(jnp.nan, dtype)), loss
