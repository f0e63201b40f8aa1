"""Weights are frequencies: a row of weight 2 is that row twice, in every statistic."""

from typing import Any

import numpy as np


def check_weights(sample_weight: Any, n: int) -> np.ndarray:
    """Weights (n,) as float64; None means ones. Raises one sentence for what cannot be a frequency."""
    if sample_weight is None:
        return np.ones(n)
    try:
        w = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("sample_weight must hold numbers, one for each row of X.") from None
    if w.ndim == 0:
        w = np.full(n, float(w))
    if w.ndim != 1 or len(w) != n:
        raise ValueError(f"sample_weight must have shape ({n},), one weight for each row, got {w.shape}.")
    if not np.isfinite(w).all():
        row = int(np.flatnonzero(~np.isfinite(w))[0])
        raise ValueError(f"sample_weight contains {w[row]} at row {row}; weights must be finite numbers >= 0.")
    if (w < 0).any():
        row = int(np.flatnonzero(w < 0)[0])
        raise ValueError(f"sample_weight is negative ({w[row]:g}) at row {row}; weights must be >= 0.")
    if not w.any():
        raise ValueError("sample_weight is zero for every row; at least one weight must be above zero.")
    return w


def as_counts(w: np.ndarray) -> np.ndarray:
    """Weights by which rows can be counted: those below one on average are shares, and become counts of mean one."""
    return w * max(1.0, len(w) / float(w.sum()))
