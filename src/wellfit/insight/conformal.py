"""Conformal intervals: how far held-out rows lie from what was predicted says how far new ones will.

For any model and any noise, an interval covers a new row with a probability of at least its level if the held-out rows
and the new one are exchangeable and the model never saw the held-out ones (Vovk et al. 2005; Lei et al. 2018). Here the
held-out rows also chose the epoch, which makes the intervals a little too narrow (measured in docs/calibration.md).

What the held-out rows say is kept as a dict of arrays, ``conformal_``, from which intervals of any level follow.
"""

from typing import Any

import numpy as np

from wellfit.functions.calibration import conformal_quantile

FEWEST_ROWS = 20
"""With a smaller sum of the held-out rows' weights the family's own distribution says more."""


def residual_scores(error: np.ndarray, spread: np.ndarray, w: np.ndarray) -> dict[str, Any]:
    """Scores |error| / spread, sorted: errors and spreads (n, k), weights (n,) -> a dict of arrays (k, n).

    With a spread of its own for each row, intervals are wider where the model says so (normalised conformal).
    """
    scores = np.abs(error / spread).T
    order = np.argsort(scores, axis=1, kind="stable")
    return {"scores": np.take_along_axis(scores, order, axis=1), "weights": w[order]}


def quantile_scores(quantiles: np.ndarray, y: np.ndarray, w: np.ndarray) -> dict[str, Any]:
    """What conformalised quantile regression needs for any level: y - quantiles (n, k, levels) and weights (n,)."""
    return {"errors": y[..., None] - quantiles, "weights": w}


def size(state: dict[str, Any] | None) -> float:
    """How many rows the scores are of: the sum of their weights."""
    return 0.0 if state is None else float(np.sum(np.atleast_2d(state["weights"])[0]))


def fewest(level: float) -> int:
    """The rows that a level needs: n >= 1 / (1 - level) - 1.

    >>> fewest(0.9)
    9
    """
    return int(np.ceil(1 / (1 - level) - 1 - 1e-9))


def half_widths(state: dict[str, Any], level: float) -> np.ndarray:
    """In units of the spread, how far intervals around the prediction reach: (k,)."""
    pairs = zip(state["scores"], state["weights"], strict=True)
    return np.array([conformal_quantile(scores, w, level) for scores, w in pairs])


def shifts(state: dict[str, Any], low: int, high: int, level: float) -> np.ndarray:
    """How far the fitted quantiles number ``low`` and ``high`` must move apart (if negative, together): (k,).

    The scores are max(q_low - y, y - q_high) (Romano et al. 2019).
    """
    errors, w = state["errors"], state["weights"]
    scores = np.maximum(-errors[..., low], errors[..., high]).T
    order = np.argsort(scores, axis=1, kind="stable")
    return np.array([conformal_quantile(own[place], w[place], level) for own, place in zip(scores, order, strict=True)])
