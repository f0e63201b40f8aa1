"""Dropout (Srivastava et al. 2014), inverted: training scales, prediction does nothing."""

from typing import Any

from wellfit.core.spec import spec
from wellfit.core.types import Array
from wellfit.functions.noise import keep_mask
from wellfit.functions.numerics import namespace
from wellfit.functions.schedules import value_at
from wellfit.layers.base import Context, Layer


@spec
class Dropout(Layer):
    """x * mask / (1 - rate) in training, mask ~ Bernoulli(1 - rate) afresh for every step; x at prediction.

    ``rate`` is the probability of DROPPING an element (theory N-60, E-41), a number or a schedule of progress.
    """

    rate: Any = 0.5

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        if not context.training:
            return x, statistics
        xp = namespace(x)
        rate = xp.asarray(value_at(self.rate, context.progress), x.dtype)
        return xp.where(keep_mask(context.seed, x.shape, rate), x / (1 - rate), xp.zeros((), x.dtype)), statistics
