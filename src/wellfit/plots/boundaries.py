"""Decision boundaries in two dimensions (theory C-343)."""

from typing import Any

import numpy as np

from wellfit.plots import style

GRID = 161
MARGIN = 0.08
BANDS = np.linspace(0, 1, 11)
TINTS = ("#f1f1ef", "#d3e3f1", "#f8e2d2", "#d9ecdf", "#ecdcee", "#ece4cb", "#f6d9e3", "#dde7ec")
"""Pale forms of ``style.COLOURS``, which the rows have."""


def decision_boundary(model: Any, X: Any, y: Any, ax: Any = None) -> Any:
    """Probabilities of a classifier over the plane of its two columns, its boundary, and the rows.

    Of two classes the bands are the second one's probability in tenths; of more, each class has its region, with thin
    lines where its probability is 0.6, 0.7, 0.8 and 0.9. The thick line is where the two most probable classes are
    equally so; ``predict`` changes there unless classes have costs.

    Parameters
    ----------
    model : fitted classifier with ``predict_proba``, on two columns
    X : array (n, 2) or data frame of two columns of numbers;  y : labels (n,)
    ax : matplotlib axis or None
        None makes a figure.

    Returns
    -------
    The axis.
    """
    if not hasattr(model, "predict_proba") or isinstance(getattr(model, "classes_", None), list):
        raise ValueError(f"decision_boundary() needs a fitted classifier of one target, got {type(model).__name__}.")
    points = np.asarray(X, float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"decision_boundary() needs X of two columns, got shape {points.shape}.")
    labels, classes = np.asarray(y), np.asarray(model.classes_)
    if labels.shape != (len(points),):
        raise ValueError(f"y must have shape ({len(points)},), one label for each row of X, got {labels.shape}.")
    if len(classes) > len(style.MARKERS):
        raise ValueError(
            f"decision_boundary() tells {len(style.MARKERS)} classes apart, and the model has {len(classes)}."
        )
    a, b, p = chances(model, X, points)
    with style.drawing(ax) as ax:
        _regions(ax, a, b, p)
        for place, label in enumerate(classes):
            own, fill = points[labels == label], style.COLOURS[place % len(style.COLOURS)] if place else style.PAPER
            ax.plot(
                *own.T, style.MARKERS[place], ms=5.5, mfc=fill,
                mec=style.INK, mew=0.9, label=str(label), zorder=4,
            )  # fmt: skip
        ax.set_xlim(a[0], a[-1])
        ax.set_ylim(b[0], b[-1])
        names = [str(name) for name in getattr(X, "columns", ("x0", "x1"))]
        ax.set_xlabel(names[0])
        ax.set_ylabel(names[1])
        ax.set_title("Decision boundary" + (f": bands of P({classes[1]}) in tenths" if len(classes) == 2 else ""))
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3, handlelength=1.2)
    return ax


def chances(model: Any, X: Any, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A grid a (g,), b (g,) a little larger than the rows' box, and the probabilities on it, (g, g, classes)."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = MARGIN * np.where(high > low, high - low, 1.0)
    a, b = (np.linspace(low[j] - room[j], high[j] + room[j], GRID) for j in range(2))
    rows = np.stack([grid.ravel() for grid in np.meshgrid(a, b)], axis=1)
    asked = type(X)(dict(zip(X.columns, rows.T, strict=True))) if hasattr(X, "columns") else rows
    return a, b, np.asarray(model.predict_proba(asked)).reshape(GRID, GRID, -1)


def lead(p: np.ndarray, k: int) -> np.ndarray:
    """How far class k is ahead of the best of the others, (..., classes) -> (...); 0 on its boundary."""
    return p[..., k] - np.delete(p, k, axis=-1).max(axis=-1)


def _regions(ax: Any, a: np.ndarray, b: np.ndarray, p: np.ndarray) -> None:
    if p.shape[-1] == 2:
        from matplotlib.colors import LinearSegmentedColormap

        shades = LinearSegmentedColormap.from_list("wellfit", ["#ffffff", "#9db9d3"])
        ax.contourf(a, b, p[..., 1], levels=BANDS, cmap=shades, zorder=0)
        ax.contour(a, b, p[..., 1], levels=BANDS[1:-1], colors=style.PAPER, linewidths=0.5, zorder=1)
        ax.contour(a, b, lead(p, 1), levels=[0], colors=style.INK, linewidths=1.8, zorder=3)
        return
    for k in range(p.shape[-1]):
        ax.contourf(a, b, lead(p, k), levels=[0, 2], colors=[TINTS[k]], zorder=0)
        ax.contour(a, b, p[..., k], levels=[0.6, 0.7, 0.8, 0.9], colors=style.GREY, linewidths=0.5, zorder=1)
        ax.contour(a, b, lead(p, k), levels=[0], colors=style.INK, linewidths=1.6, zorder=3)
