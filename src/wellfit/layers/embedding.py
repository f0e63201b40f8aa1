"""Category codes to vectors: an indicator where there are few levels, a learnt embedding where there are many."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Shape
from wellfit.functions.numerics import namespace
from wellfit.layers.base import Context, Layer
from wellfit.layers.periodic import Periodic


@spec
class Embedding(Layer):
    """Each of c codes picks a row of its own table: (B, c) int32 -> (B, sum of widths).

    Parameters
    ----------
    cardinalities : tuple of int
        How many codes each column has, its slots for missing and unseen levels included.
    widths : tuple of int
        The length of each column's vectors; 0 means a one-hot indicator (no parameters).
    """

    cardinalities: tuple[int, ...] = static()
    widths: tuple[int, ...] = static()

    def output_shape(self, shape: Shape) -> Shape:
        if shape != (len(self.cardinalities),):
            raise ValueError(f"an embedding of {len(self.cardinalities)} columns got rows of shape {shape}.")
        return (sum(width or levels for width, levels in zip(self.widths, self.cardinalities, strict=True)),)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        columns = enumerate(zip(self.cardinalities, self.widths, strict=True))
        return {f"embedding{j}": (levels, width) for j, (levels, width) in columns if width}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        return {name: rng.normal(size=size) for name, size in self.parameters(shape).items()}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        xp = namespace(x, *params.values())
        dtype = context.dtype
        parts = []
        for j, (levels, width) in enumerate(zip(self.cardinalities, self.widths, strict=True)):
            code = x[:, j]
            if width:
                parts.append(params[f"embedding{j}"][code])
            else:
                parts.append((code[:, None] == np.arange(levels, dtype=np.int32)).astype(dtype))
        return xp.concatenate(parts, axis=1), statistics


@spec
class Tabular(Layer):
    """The entrance of a table: {"numeric": (B, d), "codes": (B, c)} -> (B, d + width of waves + embedded width)."""

    codes: Embedding | None = None
    waves: Periodic | None = None

    def output_shape(self, shape: Any) -> Shape:
        (d,) = self.waves.output_shape(shape["numeric"]) if self.waves else shape["numeric"]
        return (d + (self.codes.output_shape(shape["codes"])[0] if self.codes else 0),)

    def parameters(self, shape: Any) -> dict[str, Shape]:
        own = self.waves.parameters(shape["numeric"]) if self.waves else {}
        return {**own, **(self.codes.parameters(shape["codes"]) if self.codes else {})}

    def init(self, rng: np.random.Generator, shape: Any, rows: Any = None) -> dict[str, Array]:
        own = self.waves.init(rng, shape["numeric"]) if self.waves else {}
        return {**own, **(self.codes.init(rng, shape["codes"]) if self.codes else {})}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Any, context: Context) -> tuple:
        numeric = x["numeric"]
        if self.waves is not None:
            numeric, _ = self.waves.apply(params, {}, numeric, context)
        if self.codes is None:
            return numeric, statistics
        embedded, statistics = self.codes.apply(params, statistics, x["codes"], context._replace(dtype=numeric.dtype))
        return namespace(numeric, embedded).concatenate([numeric, embedded], axis=1), statistics
