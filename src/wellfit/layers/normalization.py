"""Normalisation: of each feature over the rows of a batch, or of each row over its features."""

from typing import Any

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Shape
from wellfit.functions.numerics import namespace
from wellfit.layers.base import Context, Layer


class Affine(Layer):
    """γ and β of each feature, from 1 and 0, where ``learn`` says that they are there."""

    learn: bool

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"scale": shape[-1:], "bias": shape[-1:]} if self.learn else {}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        return {"scale": np.ones(shape[-1:]), "bias": np.zeros(shape[-1:])} if self.learn else {}


@spec
class BatchNorm(Affine):
    """h = γ (x - m) / √(v + ε) + β for each feature, (B, *shape, features) -> the same shape.

    In training m and v are the weighted mean and variance of the batch's rows (and of all positions of the axes
    between, of images and sequences); rows that only pad the batch are left out, and a row of weight 2 is that row
    twice. At prediction they are running averages of those, so that no row sees another.

    Running averages give every batch ``momentum`` times its sum of weights and let earlier ones decay by 1 - momentum;
    they are divided by what they add up to, so they start at the first batch and not at an arbitrary 0 and 1, and a
    short last batch counts for little.

    Parameters
    ----------
    momentum : number
        Share of the newest batch, as torch has it (Keras' is 1 minus this).
    epsilon : number
        Added to variances.
    learn : bool
        Whether γ (from 1) and β (from 0) are there.

    References
    ----------
    Ioffe and Szegedy (2015). torch's running variance is n/(n - 1) times this one, and its running averages start at 0
    and 1.

    Examples
    --------
    >>> layer, x = BatchNorm(), np.array([[1.0], [3.0]])
    >>> params, kept = layer.init(np.random.default_rng(0), (1,)), layer.statistics((1,))
    >>> h, kept = layer.apply(params, kept, x, Context(training=True))
    >>> h.round(3).ravel(), kept["mean"], kept["variance"]
    (array([-1.,  1.]), array([2.]), array([1.]))
    """

    momentum: Any = 0.1
    epsilon: Any = 1e-5
    learn: bool = static(default=True)

    def statistics(self, shape: Shape) -> dict[str, Array]:
        return {"mean": np.zeros(shape[-1:]), "variance": np.ones(shape[-1:]), "weight": np.zeros(())}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        mean, variance = statistics["mean"], statistics["variance"]
        if context.training:
            mean, variance, weight = moments_of_rows(x, context.weight)
            statistics = self._averaged(statistics, mean, variance, weight)
        h = (x - mean) / namespace(x, variance).sqrt(variance + self.epsilon)
        return _scaled(h, params), statistics

    def _averaged(self, before: dict[str, Array], mean: Array, variance: Array, weight: Array) -> dict[str, Array]:
        xp = namespace(mean, before["weight"])
        total = (1 - self.momentum) * before["weight"] + self.momentum * weight
        share = self.momentum * weight / xp.where(total > 0, total, 1)
        after = {name: before[name] + share * (new - before[name])
                 for name, new in (("mean", mean), ("variance", variance))}  # fmt: skip
        return {name: value.astype(before[name].dtype) for name, value in (after | {"weight": total}).items()}


@spec
class LayerNorm(Affine):
    """h = γ (x - m) / √(v + ε) + β with mean m and variance v of the row's own features: (B, *shape, d) -> the same.

    Of rows with several axes each position has its own m and v. Rows do not see each other, in training neither.

    Parameters
    ----------
    epsilon : number
        Added to variances.
    learn : bool
        Whether γ (from 1) and β (from 0) are there.

    References
    ----------
    Ba, Kiros and Hinton (2016).
    """

    epsilon: Any = 1e-5
    learn: bool = static(default=True)

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        xp = namespace(x, *params.values())
        centred = x - xp.mean(x, axis=-1, keepdims=True)
        variance = xp.mean(centred**2, axis=-1, keepdims=True)
        return _scaled(centred / xp.sqrt(variance + self.epsilon), params), statistics


@spec
class RMSNorm(Layer):
    """h = γ x / √(mean of x² + ε) of the row's own features: (B, *shape, d) -> the same shape; nothing is centred.

    Parameters
    ----------
    epsilon : number
        Added to mean squares; torch's default is the precision of the numbers.
    learn : bool
        Whether γ (from 1) is there.

    References
    ----------
    Zhang and Sennrich (2019).
    """

    epsilon: Any = 1e-6
    learn: bool = static(default=True)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"scale": shape[-1:]} if self.learn else {}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        return {"scale": np.ones(shape[-1:])} if self.learn else {}

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        xp = namespace(x, *params.values())
        return _scaled(x / xp.sqrt(xp.mean(x**2, axis=-1, keepdims=True) + self.epsilon), params), statistics


NORMALIZATIONS: dict[str, type[Layer]] = {"batch": BatchNorm, "layer": LayerNorm, "rms": RMSNorm}
"""Layers that normalise, by name."""


def moments_of_rows(x: Array, weight: Array | None) -> tuple[Array, Array, Array]:
    """Mean and variance (features,) of x (B, *shape, features) over rows of weights (B,), and their sum; None: ones.

    >>> moments_of_rows(np.array([[0.0], [3.0], [99.0]]), np.array([2.0, 1.0, 0.0]))
    (array([1.]), array([2.]), np.float64(3.0))
    """
    xp = namespace(x, weight)
    w = xp.ones(len(x), x.dtype) if weight is None else weight
    total = xp.sum(w)
    shares = (w / xp.where(total > 0, total, 1)).reshape(-1, *[1] * (x.ndim - 1))
    x = xp.where(shares > 0, x, 0)  # a padded row may hold anything
    axes = tuple(range(1, x.ndim - 1))

    def average(values: Array) -> Array:
        weighted = xp.sum(shares * values, axis=0, keepdims=True)
        return xp.mean(weighted, axis=axes)[0] if axes else weighted[0]

    mean = average(x)
    return mean, average((x - mean) ** 2), total


def _scaled(h: Array, params: dict[str, Array]) -> Array:
    """γ h + β, of those that are there."""
    h = h * params["scale"] if "scale" in params else h
    return h + params["bias"] if "bias" in params else h
