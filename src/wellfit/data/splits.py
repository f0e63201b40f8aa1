"""Held-out rows: stratified, whole groups, or the latest; never an empty side, and no class leaves training."""

from typing import Any

import numpy as np

from wellfit.data.values import is_null

REMEDY = "set early_stopping=False or pass validation_data"


def holdout(
    n: int,
    fraction: float,
    rng: np.random.Generator,
    *,
    classes: np.ndarray | None = None,
    groups: Any = None,
    time: Any = None,
    weights: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers (int32, sorted) that train and that validate.

    classes : (n,) are held out in proportion, and each keeps at least one row for training.
    groups : (n,) labels; the rows of one are never split. Classes are in proportion as far as whole groups allow.
    time : (n,) numbers, dates or texts that sort; the latest rows are held out, and equal times stay together.
    weights : (n,) frequencies, by which groups and times are measured; all 1 if None.
    """
    if n < 2:
        raise ValueError(f"a held-out set needs at least 2 rows, got {n}; {REMEDY}.")
    if groups is not None and time is not None:
        raise ValueError("groups and time cannot both decide which rows are held out; pass one of them.")
    w = np.ones(n) if weights is None else weights
    if groups is not None:
        held = _whole_groups(places(groups, n, "groups"), fraction, rng, classes, w)
    elif time is not None:
        held = _latest(places(time, n, "time"), fraction, classes, w)
    elif classes is not None:
        held = _stratified(np.asarray(classes), fraction, rng)
    else:
        held = rng.permutation(n)[: min(max(1, round(fraction * n)), n - 1)]
    mask = np.zeros(n, bool)
    mask[held] = True
    return np.flatnonzero(~mask).astype(np.int32), np.flatnonzero(mask).astype(np.int32)


def folds(rows: np.ndarray, count: int) -> np.ndarray:
    """The fold 0 .. count - 1 of each row of a table (n, columns): fewer folds where there are fewer distinct rows.

    Equal rows share a fold, and their order does not matter: so an integer weight is repeated rows here too. Neighbours
    by the first column go to different folds, each of which holds the whole range of it.

    >>> folds(np.array([[3.0], [1.0], [2.0], [3.0]]), 2).tolist()
    [0, 0, 1, 0]
    """
    return np.unique(rows, axis=0, return_inverse=True)[1].ravel() % count


def places(values: Any, n: int, name: str) -> np.ndarray:
    """The place (n,) of each value among the sorted distinct ones; one sentence for what has none."""
    array = np.asarray(values)
    if array.shape != (n,):
        raise ValueError(f"{name} must have shape ({n},), one value for each row, got {array.shape}.")
    missing = np.array([is_null(value) for value in array.tolist()]) if array.dtype == object else array != array
    if np.any(missing):
        raise ValueError(f"{name} is missing at row {int(np.argmax(missing))}; give every row a value.")
    try:
        return np.unique(array, return_inverse=True)[1]
    except TypeError:
        raise ValueError(f"{name} mixes values that cannot be sorted; give them one type.") from None


def _stratified(classes: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    order = rng.permutation(len(classes))
    order = order[np.argsort(classes[order], kind="stable")]
    _, counts = np.unique(classes, return_counts=True)
    starts = np.cumsum(counts) - counts
    exact = fraction * counts
    shares = np.floor(exact).astype(int)
    left = max(1, round(fraction * len(classes))) - shares.sum()
    for c in np.argsort(-(exact - shares), kind="stable")[: max(left, 0)]:
        shares[c] += 1
    shares = np.minimum(shares, counts - 1)
    if not shares.any():
        raise ValueError(f"no class has two rows, so none can be held out; {REMEDY}.")
    return np.concatenate([order[start : start + share] for start, share in zip(starts, shares, strict=True)])


def _class_weights(index: np.ndarray, classes: np.ndarray | None, w: np.ndarray) -> np.ndarray:
    """The weight of each class in each group or time: (groups, K); without classes there is one."""
    labels = np.zeros(len(index), int) if classes is None else np.unique(classes, return_inverse=True)[1]
    sums = np.zeros((index.max() + 1, labels.max() + 1))
    np.add.at(sums, (index, labels), w)
    return sums


def _whole_groups(
    index: np.ndarray, fraction: float, rng: np.random.Generator, classes: np.ndarray | None, w: np.ndarray
) -> np.ndarray:
    """Groups in random order, each held out if that brings the classes nearer to their shares (Pearson's χ²)."""
    sums = _class_weights(index, classes, w)
    if len(sums) < 2:
        raise ValueError(f"groups has only one group, so none can be held out; {REMEDY}.")
    whole = sums.sum(axis=0)
    sizes = sums.sum(axis=1)
    wanted, enough = fraction * whole, fraction * sizes.sum() - 0.5 * sizes.min()

    def distance(held: np.ndarray) -> float:
        return float(np.sum((held - wanted) ** 2 / wanted))

    held, taken = np.zeros(len(whole)), []
    order = rng.permutation(len(sums))
    for group in order:
        if held.sum() >= enough:
            break
        more = held + sums[group]
        if _some_left(more, whole) and distance(more) < distance(held):
            held = more
            taken.append(group)
    if not taken:  # every group is larger than the share: the one that comes nearest
        allowed = [group for group in order if _some_left(sums[group], whole)]
        if not allowed:
            raise ValueError(f"every group holds all rows of some class, so none can be held out; {REMEDY}.")
        taken = [min(allowed, key=lambda group: distance(sums[group]))]
    return np.flatnonzero(np.isin(index, taken))


def _latest(index: np.ndarray, fraction: float, classes: np.ndarray | None, w: np.ndarray) -> np.ndarray:
    """The latest times whose weight is nearest to the share, of those that leave every class in training."""
    sums = _class_weights(index, classes, w)
    if len(sums) < 2:
        raise ValueError(f"time has only one value, so the latest rows cannot be held out; {REMEDY}.")
    earlier = np.cumsum(sums, axis=0)[:-1]  # the weights that train if a time and all before it do
    allowed = np.flatnonzero((earlier > 0).all(axis=1))
    if not len(allowed):
        raise ValueError(f"a class occurs only in the latest rows, so they cannot be held out; {REMEDY}.")
    held = 1 - earlier[allowed].sum(axis=1) / sums.sum()
    last = allowed[np.argmin(np.abs(held - fraction))]
    return np.flatnonzero(index > last)


def _some_left(held: np.ndarray, whole: np.ndarray) -> bool:
    """Whether each class keeps weight for training, beyond rounding."""
    return bool((whole - held > 1e-9 * whole).all())
