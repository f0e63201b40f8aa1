"""Where numbers may lie: quantiles, spread and intervals of the members' mixture, for ``NeuralRegressor``.

Raw outputs z are (P, n, outputs) of P networks; what comes back is as the family works, before decoding, unless said
otherwise.
"""

from typing import Any

import numpy as np

from wellfit.families.base import Family
from wellfit.families.predictive import Mixture
from wellfit.families.quantile import Quantile
from wellfit.functions.links import MINIMUM_SCALE
from wellfit.insight import conformal

ROUNDING = 1e-9
"""Edges of counts this near to a whole number, relative to their size, are it."""


def has_distribution(family: Family) -> bool:
    """Whether the family has a predictive distribution."""
    return type(family).distribution is not Family.distribution


def quantile(model: Any, z: np.ndarray, level: float) -> np.ndarray:
    """The quantile (n, k) of the mixture, or of the quantile family between its levels."""
    if isinstance(model.family_, Quantile):
        return np.mean([_interpolated(model.family_, own, level) for own in z], axis=0)
    members = _distributions(model, z)
    if any(member is None for member in members):
        raise ValueError(
            f"family {type(model.family_).__name__} has no predictive distribution, so no quantiles; "
            "use family='normal', 'laplace', 'quantile', 'poisson' or 'negative_binomial'."
        )
    return np.asarray(Mixture(members).ppf(level), float)


def quantiles(model: Any, z: np.ndarray) -> np.ndarray:
    """The fitted quantiles (n, k, levels) of the quantile family, averaged over members."""
    return np.mean([model.family_.quantiles(own) for own in z], axis=0)


def spread(model: Any, z: np.ndarray) -> np.ndarray:
    """The standard deviation (n, k) of the mixture; 1 where the family has no distribution."""
    if not has_distribution(model.family_):
        return np.ones_like(model.family_.predict(z[0]))
    return np.maximum(Mixture(_distributions(model, z)).std(), MINIMUM_SCALE)


def _distributions(model: Any, z: np.ndarray) -> list[Any]:
    return [family.distribution(own) for family, own in zip(model._families, z, strict=True)]


def conformal_edges(model: Any, z: np.ndarray, level: float) -> np.ndarray:
    """Edges, decoded and with a last axis of 2, that cover with this probability by what held-out rows say."""
    if isinstance(model.family_, Quantile):
        fitted = np.asarray(model.family_.levels, float)
        low, high = (int(np.abs(fitted - edge).argmin()) for edge in ((1 - level) / 2, (1 + level) / 2))
        found, shift = quantiles(model, z), conformal.shifts(model.conformal_, low, high, level)
        edges = found[..., low] - shift, found[..., high] + shift
        middle = 0.5 * (edges[0] + edges[1])
        edges = np.minimum(edges[0], middle), np.maximum(edges[1], middle)  # moved together, they do not cross
    else:
        reach = conformal.half_widths(model.conformal_, level) * spread(model, z)
        centre = np.mean([model.family_.predict(own) for own in z], axis=0)
        edges = centre - reach, centre + reach
    return np.stack([model._target.decode(edge) for edge in edges], axis=-1)


def within_limits(target: Any, edges: np.ndarray) -> np.ndarray:
    """Edges within y's limits; of counts the first and the last whole number between them, or else the nearest."""
    if target.kind == "positives":
        return np.maximum(edges, 0)
    if target.kind == "proportions":
        return np.clip(edges, target.low, target.high)
    if target.kind != "counts":
        return edges
    slack = ROUNDING * (1 + np.abs(edges))
    low, high = np.ceil((edges - slack)[..., 0]), np.floor((edges + slack)[..., 1])
    nearest = np.round(edges.mean(axis=-1))
    low, high = (np.where(low > high, nearest, edge) for edge in (low, high))
    return np.stack([np.maximum(low, 0), np.maximum(high, 0)], axis=-1)


def _interpolated(family: Quantile, z: np.ndarray, level: float) -> np.ndarray:
    """The quantile (n, k) of any level between the fitted ones, linear in the level."""
    known = np.asarray(family.levels, float)
    if not known[0] - 1e-12 <= level <= known[-1] + 1e-12:
        raise ValueError(
            f"level {level:g} lies outside the fitted levels {known[0]:g} to {known[-1]:g}; fit with "
            "family=Quantile((...)) whose levels include it."
        )
    values = family.quantiles(z)
    right = int(np.clip(np.searchsorted(known, level), 1, max(len(known) - 1, 1)))
    if len(known) == 1:
        return values[..., 0]
    share = (level - known[right - 1]) / (known[right] - known[right - 1])
    return (1 - share) * values[..., right - 1] + share * values[..., right]
