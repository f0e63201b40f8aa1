"""Numbers of a table as learnt waves: a column's effect may rise and fall without many hidden units."""

from typing import Any

import numpy as np

from wellfit.core.sizes import check_sizes
from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Shape
from wellfit.functions.numerics import namespace
from wellfit.functions.products import product
from wellfit.functions.turns import cosine_of_turns
from wellfit.layers.base import Context, Layer


@spec
class Periodic(Layer):
    """Beside each chosen number x, ``mixtures`` learnt mixtures of cosines of it: cos 2π(w x + b) V + c.

    (B, d) -> (B, d + len(columns) * mixtures). w, b (one of each for every wave), V and c belong to one column. Plain
    networks learn smooth functions of a number first and jagged ones late or never; waves make both equally near.

    Parameters
    ----------
    columns : tuple of int
        Positions of the numbers. Columns of two values gain nothing.
    frequencies : int
        Waves of each column.
    mixtures : int
        Mixtures of them that the next layer sees.
    slowest, fastest : float
        Between these the frequencies w start, in waves per unit of the scaled number, as many in each octave.

    References
    ----------
    Gorishniy, Rubachev and Babenko (2022), "On embeddings for numerical features in tabular deep learning". The form
    with a phase and the number itself beside the mixtures: Holzmüller, Grinsztajn and Steinwart (2024), "Better by
    default". Both draw frequencies from a normal distribution, whose width is tuned to each table.

    Examples
    --------
    >>> Periodic((0, 2), mixtures=3).output_shape((4,))
    (10,)
    """

    columns: tuple[int, ...] = static()
    frequencies: int = static(default=16)
    mixtures: int = static(default=3)
    slowest: float = static(default=0.03)
    fastest: float = static(default=0.6)

    def __post_init__(self) -> None:
        check_sizes("Periodic", frequencies=self.frequencies, mixtures=self.mixtures)
        if not 0 < self.slowest <= self.fastest:
            raise ValueError(
                f"waves need 0 < slowest <= fastest, got slowest={self.slowest!r} and fastest={self.fastest!r}."
            )

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"waves are for rows of numbers (features,), got shape {shape}.")
        (d,) = shape
        if self.columns and not (min(self.columns) >= 0 and max(self.columns) < d):
            raise ValueError(f"columns must be positions from 0 to {d - 1}, got {self.columns}.")
        return (d + len(self.columns) * self.mixtures,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        waves = (len(self.columns), self.frequencies)
        return {
            "frequency": waves,
            "phase": waves,
            "embedding": (*waves, self.mixtures),
            "bias": (len(self.columns), self.mixtures),
        }

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        sizes = self.parameters(shape)
        bound = 1 / np.sqrt(self.frequencies)
        return {
            "frequency": np.exp(rng.uniform(np.log(self.slowest), np.log(self.fastest), sizes["frequency"])),
            "phase": rng.uniform(-0.5, 0.5, sizes["phase"]),
            "embedding": rng.uniform(-bound, bound, sizes["embedding"]),
            "bias": rng.uniform(-bound, bound, sizes["bias"]),
        }

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        xp = namespace(x, *params.values())
        chosen = x.T[np.asarray(self.columns)]  # (c, B): the waves of a column are one matrix product
        waves = cosine_of_turns(chosen[:, :, None] * params["frequency"][:, None] + params["phase"][:, None])
        mixed = product(waves, params["embedding"], context.matmul_precision)
        mixed = xp.moveaxis(mixed + params["bias"][:, None], 0, 1)
        flat = mixed.reshape(len(x), len(self.columns) * self.mixtures)
        return xp.concatenate([x, flat], axis=1), statistics
