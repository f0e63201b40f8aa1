"""Reliability diagrams: whether what is said to have a probability of p happens with a share of p."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wellfit.functions.metrics import calibration_error
from wellfit.plots import style

BINS = 10
SIGMAS = 1.96


@dataclass(frozen=True)
class Reliability:
    """Bins of rows by probability: what was said, what happened, its 95 % interval, and rows: arrays (bins,)."""

    said: np.ndarray
    happened: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rows: np.ndarray
    error: float
    event: str


def calibration(model: Any, X: Any, y: Any, ax: Any = None, *, bins: int = BINS) -> Any:
    """The share of what happened over the probability that was said, in bins of equally many rows; bars hold 95 %.

    Of two classes the second is asked about, of more the predicted one. On the diagonal probabilities hold: below it
    the model is too sure. Give rows that the fit has not seen.

    Parameters
    ----------
    model : fitted classifier with ``predict_proba``
    X, y : rows and their labels (n,)
    ax : matplotlib axis or None
        None makes a figure.
    bins : int

    Returns
    -------
    The axis.
    """
    found = reliability(model, X, y, bins)
    with style.drawing(ax, size=(4.8, 4.4)) as ax:
        ax.plot([0, 1], [0, 1], color=style.GREY, lw=0.9, ls=(0, (1, 2)), zorder=0)
        bars = np.abs(np.stack([found.low, found.high]) - found.happened)
        ax.errorbar(
            found.said, found.happened, yerr=bars, color=style.COLOURS[1], ecolor=style.GREY, elinewidth=1.1,
            capsize=2.5, lw=1.4, marker="o", ms=6, mfc=style.PAPER, mec=style.COLOURS[1], mew=1.4, label="bins",
        )  # fmt: skip
        style.note(ax, "too sure of it", (0.97, 0.05), ha="right")
        style.note(ax, "not sure enough", (0.03, 0.93))
        ax.set_xlim(-0.02, 1.02)
        ax.set_ylim(-0.02, 1.02)
        ax.set_aspect("equal")
        ax.set_xlabel(f"probability of {found.event}")
        ax.set_ylabel("share that came true")
        ax.set_title(f"Calibration: error {found.error:.3f}, {int(found.rows.sum()):,} rows")
    return ax


def reliability(model: Any, X: Any, y: Any, bins: int = BINS) -> Reliability:
    """The bins; intervals are Wilson's (1927), the error is ``functions.metrics.calibration_error``."""
    if not hasattr(model, "predict_proba") or isinstance(getattr(model, "classes_", None), list):
        raise ValueError(f"calibration() needs a fitted classifier of one target, got {type(model).__name__}.")
    if not isinstance(bins, int | np.integer) or bins < 1:
        raise ValueError(f"bins must be an integer >= 1, got {bins!r}.")
    p, classes, labels = np.asarray(model.predict_proba(X)), np.asarray(model.classes_), np.asarray(y)
    if labels.shape != (len(p),):
        raise ValueError(f"y must have shape ({len(p)},), one label for each row of X, got {labels.shape}.")
    if len(classes) == 2:
        said, true, event = p[:, 1], labels == classes[1], f"class {classes[1]}"
    else:
        said, true, event = p.max(axis=1), labels == classes[p.argmax(axis=1)], "the predicted class"
    parts = [part for part in np.array_split(np.argsort(said, kind="stable"), bins) if len(part)]
    rows = np.array([len(part) for part in parts])
    happened = np.array([true[part].mean() for part in parts])
    low, high = wilson(happened, rows)
    error = calibration_error(said, true, np.ones(len(said)))
    return Reliability(np.array([said[part].mean() for part in parts]), happened, low, high, rows, float(error), event)


def wilson(share: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 95 % interval of a share seen in n rows; it never leaves [0, 1] and is no point at its ends."""
    square = SIGMAS**2 / n
    middle = (share + square / 2) / (1 + square)
    half = SIGMAS * np.sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    return middle - half, middle + half
