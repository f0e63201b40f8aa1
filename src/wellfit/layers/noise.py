"""Noise on what passes through: training sees it, prediction does not."""

from typing import Any

from wellfit.core.spec import spec
from wellfit.core.types import Array
from wellfit.functions.noise import normal
from wellfit.functions.schedules import value_at
from wellfit.layers.base import Context, Layer


@spec
class GaussianNoise(Layer):
    """x + std * ε in training, ε ~ N(0, 1) afresh for every number and step; x at prediction.

    On the inputs of a model under squared error it is, to first order, an L2 penalty on the slopes of the model (Bishop
    1995): of a linear one with the strength Σ_i w_i std².

    Parameters
    ----------
    std : number or schedule
        In the units of x: 1 is a standard deviation of a standardised column.

    >>> import numpy as np
    >>> GaussianNoise(0.1).apply({}, {}, np.ones((1, 2)), Context())[0]
    array([[1., 1.]])
    """

    std: Any = 0.1

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        if not context.training:
            return x, statistics
        noise = normal(context.seed, x.shape).astype(x.dtype)
        return x + value_at(self.std, context.progress) * noise, statistics
