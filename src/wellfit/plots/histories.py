"""Training and validation curves, with the epoch whose parameters are kept (theory C-340, C-341)."""

from typing import Any

import numpy as np

from wellfit.plots import style

CURVES = (("loss", "training"), ("validation_loss", "held out"))


def history(model: Any, ax: Any = None) -> Any:
    """The loss by epoch, of the training rows and of the held-out ones; a ring marks the best epoch.

    Parameters
    ----------
    model : fitted estimator, or what ``wellfit.fit`` returned
    ax : matplotlib axis or None
        None makes a figure.

    Returns
    -------
    The axis.
    """
    curves, best = recorded(model)
    with style.drawing(ax) as ax:
        lines, labels = [], []
        for place, (name, label) in enumerate(CURVES):
            if name in curves:
                values = np.asarray(curves[name], float)
                lines += ax.plot(np.arange(1, len(values) + 1), values, **style.look(place), label=label)
                labels.append(label)
        there = np.concatenate([line.get_ydata() for line in lines])
        there = there[np.isfinite(there)]
        if there.size and there.min() > 0 and there.max() > 5 * there.min():
            ax.set_yscale("log")
        ax.set_xlim(1, max(2, len(lines[0].get_xdata())))
        if best is not None:
            value = float(np.asarray(curves[CURVES[len(lines) - 1][0]], float)[best - 1])
            ax.axvline(best, color=style.GREY, lw=0.8, ls=(0, (1, 2)), zorder=0)
            ax.plot(best, value, "o", mfc=style.PAPER, mec=style.INK, ms=7, mew=1.4, zorder=5, label="best epoch")
            late = best > 0.6 * ax.get_xlim()[1]
            ax.annotate(
                f"best: epoch {best}, {value:.4g}", (best, value), xytext=(-10 if late else 10, 16),
                textcoords="offset points", ha="right" if late else "left", fontsize=9,
                bbox={"fc": style.PAPER, "ec": "none", "pad": 1.5, "alpha": 0.85}, zorder=6,
            )  # fmt: skip
        style.label_ends(ax, lines, labels)
        ax.set_xlabel("epoch")
        ax.set_ylabel("loss (nats)")
        ax.set_title("Loss by epoch")
    return ax


def recorded(model: Any) -> tuple[dict[str, Any], int | None]:
    """The curves of a fit, and its best epoch where rows were held out."""
    curves = getattr(model, "history_", None) or getattr(model, "history", None)
    best = getattr(model, "best_epoch_", None) or getattr(model, "best_epoch", None)
    if curves is None and getattr(model, "loss_curve_", None):
        return {"loss": model.loss_curve_}, None
    if not isinstance(curves, dict) or not curves.get("loss"):
        raise ValueError(
            f"history() needs a fitted model with a loss by epoch, got {type(model).__name__} without one."
        )
    return curves, int(best) if best and "validation_loss" in curves else None
