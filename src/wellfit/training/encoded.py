"""The door of arrays that are encoded already: shapes, weights, and where a family's y may live."""

from typing import Any

import jax
import numpy as np

from wellfit.core.names import did_you_mean
from wellfit.core.types import Tree
from wellfit.families.base import Family
from wellfit.families.table import ALIASES, CROSS_ENTROPY, FAMILIES, refuse_evaluation_only, resolve


def check_rows(X: Any, dtype: Any, name: str) -> Tree:
    """X as a pytree of arrays (n, ...) of one length: floats in ``dtype``, integers int32, all finite."""
    leaves = jax.tree.leaves(X)
    if not leaves:
        raise ValueError(f"{name} must be an array (n, ...) or a pytree of them, got {X!r}.")
    x = jax.tree.map(lambda leaf: _block(leaf, dtype, name), _as_tree(X))
    lengths = sorted({len(leaf) for leaf in jax.tree.leaves(x)})
    if len(lengths) > 1 or not lengths[0]:
        raise ValueError(f"{name} must have one number of rows, at least 1, in all its arrays, got {lengths}.")
    return x


def _as_tree(X: Any) -> Tree:
    """Nested lists of numbers are an array, as everywhere; lists of arrays are a pytree."""
    return np.asarray(X) if isinstance(X, list) and not hasattr(jax.tree.leaves(X)[0], "shape") else X


def _block(leaf: Any, dtype: Any, name: str) -> np.ndarray:
    block = np.asarray(leaf)
    if block.ndim == 0 or block.dtype.kind not in "biuf":
        raise ValueError(f"{name} must hold arrays of numbers (n, ...), got {block.dtype} of shape {block.shape}.")
    if not np.isfinite(block).all():
        raise ValueError(
            f"{name} contains NaN or infinity at {_first(~np.isfinite(block))}; wellfit.fit encodes nothing."
        )
    if block.dtype.kind in "iu":
        return block.astype(np.int32)
    return block.astype(dtype)


def check_weights(weights: Any, n: int) -> np.ndarray:
    """Weights (n,) in float64; None means ones."""
    if weights is None:
        return np.ones(n)
    w = np.asarray(weights, np.float64)
    if w.shape != (n,) or not np.isfinite(w).all() or (w < 0).any() or not w.any():
        raise ValueError(
            f"weights must be {n} finite numbers >= 0, one for each row and not all zero, got shape {w.shape}"
            + (f" from {w.min():g} to {w.max():g}." if w.size else ".")
        )
    return w


def bound(family: Family | str, y: np.ndarray) -> Family:
    """The family of that name, or the object, for as many classes, labels or targets as y has."""
    if isinstance(family, str):
        refuse_evaluation_only(family)
        meant = ALIASES.get(family, family)
        if meant != CROSS_ENTROPY and meant not in FAMILIES:
            raise ValueError(f"family {family!r} is unknown; {did_you_mean(family, [*FAMILIES, *ALIASES])}.")
        labels = y.ndim == 2 and meant == CROSS_ENTROPY
        target = FAMILIES[meant].target if meant in FAMILIES else "flags" if labels else "classes"
        return resolve(family, target if target in ("classes", "flags") else "reals", _count(target, y))
    if not isinstance(family, Family):
        raise ValueError(f"family={family!r} must be a name or an object of a Family class, such as Normal().")
    least = getattr(family, "classes", 2)  # of those that y happens to lack
    return family.bind(max(least, _count("classes", y)) if family.target == "classes" else _count(family.target, y))


def _count(target: str, y: np.ndarray) -> int:
    if y.ndim == 2 and (target != "classes" or y.shape[1] > 1):
        return y.shape[1]
    top = y.max(initial=1) if y.dtype.kind in "biuf" else 1
    return max(2, int(top) + 1) if target == "classes" and np.isfinite(top) else 1


RANGES: dict[str, tuple[float, float]] = {
    "flags": (0, 1),
    "counts": (0, np.inf),
    "positives": (np.finfo(float).tiny, np.inf),
    "nonnegatives": (0, np.inf),
    "proportions": (0, 1),
}


def check_target(family: Family, y: np.ndarray, name: str) -> np.ndarray:
    """y as the family takes it, or one sentence: class numbers int32 (n,), all else floats (n, k)."""
    kind = type(family).__name__
    if y.dtype.kind not in "biuf" or not np.isfinite(y).all():
        what = f"{y.dtype} values" if y.dtype.kind not in "biuf" else f"NaN or infinity at {_first(~np.isfinite(y))}"
        raise ValueError(f"{name} must hold finite numbers, already encoded, got {what}.")
    if family.target == "classes":
        return _classes(family, y, name)
    low, high = RANGES.get(family.target, (-np.inf, np.inf))
    wrong = (y < low) | (y > high) | ((y != np.floor(y)) if family.target == "counts" else False)
    if family.codec.get("strict"):
        wrong |= (y == low) | (y == high)
    if wrong.any():
        raise ValueError(
            f"{name} must lie in the domain of {kind} ({family.domain}), got {y[wrong][0]:g} at {_first(wrong)}."
        )
    return np.asarray(y, np.float64).reshape(len(y), -1)


def _classes(family: Family, y: np.ndarray, name: str) -> np.ndarray:
    """Class numbers, or the probability of class 1 (n,), or of all classes (n, classes)."""
    kind, classes = type(family).__name__, getattr(family, "classes", 2)
    wrong = (y < 0) | (y > (1 if y.ndim == 2 else classes - 1))
    soft = y.ndim == 2 or (y != np.floor(y)).any()
    if wrong.any() or (soft and y.shape[1:] != ((classes,) if family.outputs > 1 else ())):
        allowed = f"class numbers 0 to {classes - 1} of shape (n,)"
        also = f"probabilities of shape (n, {classes})" if family.outputs > 1 else "the probability of class 1"
        got = f"{y[wrong][0]:g} at {_first(wrong)}" if wrong.any() else f"{y.dtype} of shape {y.shape}"
        raise ValueError(f"{name} must hold {allowed} for {kind}, or {also}, got {got}.")
    return y.astype(np.float64) if soft else y.astype(np.int32)


def _first(wrong: np.ndarray) -> str:
    return "row " + ", ".join(str(int(i)) for i in np.argwhere(wrong)[0])
