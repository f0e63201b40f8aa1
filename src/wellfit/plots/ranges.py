"""The learning-rate range test: the loss as the rate grows, and the rate it proposes."""

from typing import Any

import numpy as np

from wellfit.plots import style


def range_test(result: Any, ax: Any = None) -> Any:
    """The loss over the learning rate (logarithmic), the proposed rate marked.

    Parameters
    ----------
    result : object with ``rates`` (m,), ``losses`` (m,) and ``proposal``
        What ``wellfit.learning_rate_range`` returns; the curve is its ``smoothed`` where there is one.
    ax : matplotlib axis or None
        None makes a figure.

    Returns
    -------
    The axis.
    """
    rates, losses = np.asarray(result.rates, float), np.asarray(result.losses, float)
    there = np.isfinite(losses)
    if not there.any():
        raise ValueError("range_test() needs finite losses, and the result has none.")
    with style.drawing(ax) as ax:
        smooth = np.asarray(getattr(result, "smoothed", losses), float)
        ax.plot(rates[there], losses[there], "o", ms=2.2, color=style.GREY, alpha=0.6, label="loss")
        ax.plot(rates[there], smooth[there], **style.look(0), label="smoothed")
        ax.set_xscale("log")
        start, low = smooth[there][0], smooth[there].min()
        ax.set_ylim(low - 0.1 * (start - low or 1), start + 0.6 * (start - low or 1))
        if result.proposal is not None and np.isfinite(result.proposal):
            proposal = float(result.proposal)
            height = float(np.interp(np.log(proposal), np.log(rates[there]), smooth[there]))
            ax.axvline(proposal, color=style.COLOURS[1], lw=1.2, ls=style.DASHES[1], zorder=0)
            ax.plot(proposal, height, "o", mfc=style.PAPER, mec=style.INK, ms=7, mew=1.4, zorder=5)
            ax.annotate(
                f"proposed: {proposal:.3g}", (proposal, ax.get_ylim()[1]), xytext=(-6, -4), textcoords="offset points",
                ha="right", va="top", fontsize=9,
            )  # fmt: skip
        ax.set_xlabel("learning rate")
        ax.set_ylabel("loss (nats)")
        ax.set_title("Learning-rate range test")
    return ax
