"""Held-out rows: stratified, whole groups, never an empty side."""

import numpy as np


def holdout(
    n: int,
    fraction: float,
    rng: np.random.Generator,
    *,
    classes: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers (int32, sorted) that train and that validate.

    ``classes`` (n,) are held out in proportion, and each keeps at least one row for training; ``groups`` (n,) are never
    split.
    """
    if n < 2:
        raise ValueError(f"a held-out set needs at least 2 rows, got {n}; set early_stopping=False.")
    if groups is not None:
        held = _whole_groups(np.asarray(groups), fraction, rng)
    elif classes is not None:
        held = _stratified(np.asarray(classes), fraction, rng)
    else:
        held = rng.permutation(n)[: min(max(1, round(fraction * n)), n - 1)]
    mask = np.zeros(n, bool)
    mask[held] = True
    return np.flatnonzero(~mask).astype(np.int32), np.flatnonzero(mask).astype(np.int32)


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
        raise ValueError("no class has two rows, so none can be held out; set early_stopping=False.")
    return np.concatenate([order[start : start + share] for start, share in zip(starts, shares, strict=True)])


def _whole_groups(groups: np.ndarray, fraction: float, rng: np.random.Generator) -> np.ndarray:
    names, index = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise ValueError("groups has only one group, so none can be held out; set early_stopping=False.")
    order = rng.permutation(len(names))
    sizes = np.cumsum(np.bincount(index)[order])
    take = int(np.clip(np.searchsorted(sizes, fraction * len(groups)) + 1, 1, len(names) - 1))
    return np.flatnonzero(np.isin(index, order[:take]))
