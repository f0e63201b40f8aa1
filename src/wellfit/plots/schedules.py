"""Learning-rate schedules over the progress of training."""

from typing import Any

import numpy as np

from wellfit.functions.schedules import Schedule, scheduled
from wellfit.plots import style

EPOCHS = 200
STALLS = 0.4
"""Where the score of the story stops falling, for schedules that watch it."""


def schedule(*names: str | Schedule, ax: Any = None, peak: float = 1.0) -> Any:
    """The number over progress t in [0, 1]; one that watches the score (plateau) sees it stop falling at t = 0.4.

    Parameters
    ----------
    names : str or Schedule
        constant, cosine, warm_up, one_cycle, flat_cosine, coslog4 or plateau, or an object.
    ax : matplotlib axis or None
        None makes a figure.
    peak : number
        Of schedules given by name.

    Returns
    -------
    The axis.
    """
    if not names:
        raise ValueError("schedule() needs at least one name, such as 'cosine'.")
    with style.drawing(ax) as ax:
        lines, labels, watches = [], [], False
        for place, name in enumerate(names):
            shape = scheduled(peak, name) if isinstance(name, str) else name
            t, values = course(shape)
            watches = watches or shape.start() != ()
            labels.append(name if isinstance(name, str) else type(name).__name__)
            lines += ax.plot(t, values, **style.look(place), label=labels[-1])
        ax.set_xlim(0, 1)
        ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        if watches:
            ax.axvline(STALLS, color=style.GREY, lw=0.8, ls=(0, (1, 2)), zorder=0)
            style.note(ax, "the score stops falling", (STALLS, 1.01), va="bottom")
        style.label_ends(ax, lines, labels)
        ax.set_xlabel("progress of training t")
        ax.set_ylabel("learning rate")
        ax.set_title(labels[0] if len(labels) == 1 else "schedules compared")
    return ax


def course(shape: Schedule) -> tuple[np.ndarray, np.ndarray]:
    """Progress t (EPOCHS + 1,) and the number there, in a training whose score stops falling at t = STALLS."""
    t, memory, found = np.linspace(0, 1, EPOCHS + 1), shape.start(), []
    for moment in t:
        found.append(float(shape.at(moment, memory)))
        memory = shape.observe(memory, np.float32(1 - min(moment, STALLS)))
    return t, np.array(found)
