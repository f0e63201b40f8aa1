"""The rule of a learning-rate range test: every epoch is one step, its loss is recorded, nothing is rolled back."""

from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from wellfit.core.spec import spec
from wellfit.core.types import Array
from wellfit.training.status import Status

if TYPE_CHECKING:
    from wellfit.training.plan import Data, Plan
    from wellfit.training.state import State
    from wellfit.training.stopping import Held


@spec
class Sweep:
    """Steps until they are all made or the loss is no number any more: ``Plan(rule=Sweep(weight))``.

    Parameters
    ----------
    weight : number
        The sum of the weights of ALL training rows, by which priors are divided; an epoch here sees one batch of them.
    """

    weight: Any = 1.0

    history = ("loss",)
    worst = np.inf

    def divisors(self, w: Array, divisor: Array, total: Array) -> tuple[Array, Array]:
        """What a batch's sum of losses is divided by, and its priors: as in a fit."""
        return divisor, self.weight

    def seen(
        self, plan: "Plan", y: Array, w: Array, *, loss: Array, divisor: Array, value: Array, count: Array
    ) -> tuple:
        """What a batch adds to the epoch's loss and weight."""
        return loss, jnp.sum(w)

    def end_of_epoch(self, plan: "Plan", data: "Data", held: "Held | None", state: "State") -> "State":
        """The state after a step: its loss recorded, and the end where it is no number."""
        moving, epoch = state.moving, state.epoch + np.int32(1)
        loss, zero = moving.loss / moving.weight, jnp.zeros_like(moving.loss)
        last = epoch >= jnp.asarray(plan.max_epochs).astype(np.int32)
        status = jnp.where(last, np.int32(Status.FINISHED), np.int32(Status.RUNNING))
        return state._replace(
            moving=moving._replace(within=jnp.zeros_like(moving.within), loss=zero, weight=zero),
            epoch=epoch,
            status=jnp.where(jnp.isfinite(loss), status, np.int32(Status.STOPPED_EARLY)),
            history={"loss": state.history["loss"].at[state.epoch].set(loss)},
        )
