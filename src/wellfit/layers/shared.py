"""Layers of a weight-shared ensemble: k networks in one, which share their weights and differ by scales.

Wen, Tran and Ba, "BatchEnsemble" (2020); Gorishniy, Kotelnikov and Babenko, "TabM" (2025). Rows have the shape
(B, k, d): the k copies of a row are k rows to every layer between ``Copies`` and ``Heads``.
"""

from typing import Any

import numpy as np

from wellfit.core.sizes import check_sizes
from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Shape
from wellfit.functions.initializers import initialize
from wellfit.functions.numerics import namespace
from wellfit.functions.products import product
from wellfit.layers.base import Context, Layer


@spec
class Copies(Layer):
    """h_mj = r_mj x_j: (B, d) -> (B, k, d), r starting as random signs, so that the copies see different inputs.

    Parameters
    ----------
    k : int
        Members of the ensemble.
    """

    k: int = static(default=16)

    def __post_init__(self) -> None:
        check_sizes("Copies", k=self.k)

    def output_shape(self, shape: Shape) -> Shape:
        return (self.k, *shape)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"scale": (self.k, *shape)}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        return {"scale": rng.choice([-1.0, 1.0], (self.k, *shape))}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        return x[:, None, :] * params["scale"], statistics


@spec
class SharedDense(Layer):
    """z_m = ((x_m ⊙ r_m) W) ⊙ s_m + b_m: (B, k, d) -> (B, k, width), one W (d, width) for all k; r and s start at 1.

    Parameters
    ----------
    width : int
        Units.
    weights_init : str
        Initializer of W.
    """

    width: int = static()
    weights_init: str = static(default="he_uniform")

    def __post_init__(self) -> None:
        check_sizes("SharedDense", width=self.width)

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], self.width)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        k, d = shape
        return {"weight": (d, self.width), "scale0": (k, d), "scale1": (k, self.width), "bias": (k, self.width)}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        k, d = shape
        weight = initialize(self.weights_init, rng, (d, self.width), fan_in=d, fan_out=self.width)
        scales = {"scale0": np.ones((k, d)), "scale1": np.ones((k, self.width))}
        return {"weight": weight, **scales, "bias": np.zeros((k, self.width))}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        b, k, d = x.shape
        scaled = (x * params["scale0"]).reshape(b * k, d)  # one product for all copies
        z = product(scaled, params["weight"], context.matmul_precision)
        return z.reshape(b, k, self.width) * params["scale1"] + params["bias"], statistics


@spec
class Heads(Layer):
    """z_m = x_m W_m + b_m: (B, k, d) -> (B, k, width), each copy with weights of its own.

    Parameters
    ----------
    width : int
        Raw outputs of each.
    weights_init : str
        Initializer of every W_m.
    """

    width: int = static()
    weights_init: str = static(default="glorot_uniform")

    def __post_init__(self) -> None:
        check_sizes("Heads", width=self.width)

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], self.width)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        k, d = shape
        return {"weight": (k, d, self.width), "bias": (k, self.width)}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        k, d = shape
        each = [initialize(self.weights_init, rng, (d, self.width), fan_in=d, fan_out=self.width) for _ in range(k)]
        return {"weight": np.stack(each), "bias": np.zeros((k, self.width))}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        z = namespace(x, params["weight"]).einsum("bkd,kdo->bko", x, params["weight"])
        return z + params["bias"], statistics
