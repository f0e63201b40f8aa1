"""A learnt scale for every input (Holzmüller et al. 2024): lets training choose which columns matter."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec
from wellfit.core.types import Array, Shape
from wellfit.layers.base import Context, Layer


@spec
class Scaling(Layer):
    """h_j = s_j x_j with s starting at 1: (B, d) -> (B, d)."""

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"scale": shape}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        return {"scale": np.ones(shape)}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        return x * params["scale"], statistics
