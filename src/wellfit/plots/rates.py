"""Learning rates compared on one problem: too small, good, too large (theory C-338)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from wellfit.insight.surface import Surface, descend, surface_named
from wellfit.plots import style

FLOOR, CEILING = 1e-9, 1e2
"""Between these shares of the height at the start a curve is drawn."""


def learning_rates(
    rates: Sequence[float],
    ax: Any = None,
    *,
    optimizer: Any = "sgd",
    surface: str | Surface = "ravine",
    steps: int | None = None,
) -> Any:
    """The height above the lowest minimum by step, for each learning rate of one optimizer on one surface.

    Parameters
    ----------
    rates : sequence of numbers
    ax : matplotlib axis or None
        None makes a figure.
    optimizer : str, Optimizer or optax.GradientTransformation
    surface : str or Surface
    steps : int or None
        None is the surface's own number.

    Returns
    -------
    The axis.
    """
    ground = surface_named(surface)
    if not 1 <= len(rates) <= len(style.DASHES):
        raise ValueError(f"give 1 to {len(style.DASHES)} learning rates to tell apart, got {len(rates)}.")
    paths = [descend(optimizer, ground, learning_rate=rate, steps=steps) for rate in rates]
    lowest = min(float(ground(*minimum)) for minimum in ground.minima)
    with style.drawing(ax) as ax:
        start = paths[0].heights[0] - lowest
        lines = []
        for place, path in enumerate(paths):
            above = path.heights - lowest
            above = np.where(np.isfinite(above) & (above > FLOOR * start), above, np.nan)
            lines += ax.plot(np.arange(len(above)), above, **style.look(place), label=f"{rates[place]:g}")
        ax.set_yscale("log")
        ax.set_xlim(0, len(paths[0].heights) - 1)
        seen = np.concatenate([line.get_ydata() for line in lines])
        ax.set_ylim(np.nanmin(seen) / 2, min(np.nanmax(seen) * 2, CEILING * start))
        style.label_ends(ax, lines, [f"{rate:g}" for rate in rates])
        name = optimizer if isinstance(optimizer, str) else paths[0].optimizer
        ax.set_title(f"Learning rates of {name} on the surface {ground.name}")
        ax.set_xlabel("step")
        ax.set_ylabel("height above the minimum")
    return ax
