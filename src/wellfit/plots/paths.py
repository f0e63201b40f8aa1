"""Paths of optimizers on a surface: contours from above, or the surface itself (theory C-335 to C-337)."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wellfit.insight.surface import Path, Surface, descend, surface_named
from wellfit.plots import style

GRID = 201
LEVELS = 14
STEEP = 300.0
MARKS = 12
"""Markers on a path: enough to see how its steps shorten."""


def optimizer_path(
    names: str | Sequence[Any],
    surface: str | Surface = "ravine",
    ax: Any = None,
    *,
    learning_rates: Mapping[str, Any] | None = None,
    steps: int | None = None,
) -> Any:
    """The paths of wellfit's own optimizers over the contours of a surface; crosses are minima.

    Parameters
    ----------
    names : str, or sequence of names and Optimizers
    surface : str or Surface
        ravine, saddle, two_minima or rosenbrock.
    ax : matplotlib axis or None
        None makes a figure.
    learning_rates : dict or None
        Of methods by name; the others have the surface's rate for their kind.
    steps : int or None
        None is the surface's own number.

    Returns
    -------
    The axis.
    """
    ground = surface_named(surface)
    paths = travelled(names, ground, learning_rates, steps)
    with style.drawing(ax) as ax:
        left, right, bottom, top = ground.box
        ax.set_xlim(left, right)
        ax.set_ylim(bottom, top)
        a, b, height = terrain(ground)
        ax.contour(
            a,
            b,
            height,
            levels=contours(ground, height),
            colors=style.GREY,
            linewidths=0.6,
            linestyles="solid",
            alpha=0.7,
        )
        for place, path in enumerate(paths):
            every = max(1, len(path.points) // MARKS)
            ax.plot(
                *path.points.T, **style.look(place), marker=style.MARKERS[place], markevery=every, ms=4.5, lw=1.6,
                mfc=style.PAPER, mew=1.1, label=path.optimizer, zorder=3 + place,
            )  # fmt: skip
        ax.plot(*np.transpose(ground.minima), "+", color=style.INK, ms=11, mew=1.8, zorder=2.5)
        ax.plot(*paths[0].points[0], "o", color=style.INK, ms=7, zorder=20)
        ax.annotate(
            "start", paths[0].points[0], xytext=(-7, 7), textcoords="offset points", ha="center", fontsize=9, zorder=20
        )
        # paths end in one place: names beside them would lie on each other
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3, handlelength=3.4)
        ax.set_title(f"{ground.name}: {ground.words.split(':')[0]}")
        ax.set_xlabel("a")
        ax.set_ylabel("b", rotation=0)
    return ax


def optimizer_surface(
    names: str | Sequence[Any],
    surface: str | Surface = "two_minima",
    ax: Any = None,
    *,
    learning_rates: Mapping[str, Any] | None = None,
    steps: int | None = None,
) -> Any:
    """The same paths on the surface in three dimensions; ``ax`` must be one with ``projection="3d"``.

    Parameters and result are those of ``optimizer_path``.
    """
    ground = surface_named(surface)
    if ax is not None and not hasattr(ax, "plot_surface"):
        raise ValueError('optimizer_surface() draws in three dimensions: give an axis made with projection="3d".')
    paths = travelled(names, ground, learning_rates, steps)
    with style.drawing(ax, size=(6.4, 4.8), projection="3d") as ax:
        a, b, height = terrain(ground, 61)
        ax.computed_zorder = False
        ax.plot_surface(
            a,
            b,
            height,
            color="#f0eee6",
            edgecolor="#a8a8a8",
            linewidth=0.35,
            rstride=3,
            cstride=3,
            shade=False,
            zorder=1,
        )
        lift = 0.015 * float(np.ptp(height))
        for place, path in enumerate(paths):
            inside = within(path.points, ground.box)
            ax.plot(
                *path.points[inside].T, path.heights[inside] + lift, **style.look(place), lw=2.0,
                marker=style.MARKERS[place], markevery=max(1, len(path.points) // MARKS), ms=4.5, mfc=style.PAPER,
                mew=1.1, label=path.optimizer, zorder=3 + place,
            )  # fmt: skip
        ax.plot(*ground.begin, ground(*ground.begin) + lift, "o", color=style.INK, ms=7, zorder=20)
        ax.set_title(f"{ground.name}: {ground.words.split(':')[0]}")
        ax.set_xlabel("a")
        ax.set_ylabel("b")
        ax.view_init(elev=38, azim=-62)
        ax.set_box_aspect((1.25, 1, 0.7), zoom=0.92)
        for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
            axis.pane.set_visible(False)
            axis._axinfo["grid"].update(color=style.PALE, linewidth=0.5)
        ax.locator_params(nbins=5)
        ax.legend(loc="upper left", bbox_to_anchor=(0.0, 0.98))
    return ax


def travelled(
    names: str | Sequence[Any], ground: Surface, learning_rates: Mapping[str, Any] | None, steps: int | None
) -> list[Path]:
    """The path of each method."""
    methods = [names] if isinstance(names, str) or not isinstance(names, Sequence) else list(names)
    if not methods or len(methods) > len(style.MARKERS):
        raise ValueError(f"give 1 to {len(style.MARKERS)} optimizers to tell apart, got {len(methods)}.")
    rates = dict(learning_rates or {})
    unknown = [name for name in rates if name not in methods]
    if unknown:
        raise ValueError(f"learning_rates names {unknown[0]!r}, which is not among the optimizers {methods}.")
    return [
        descend(method, ground, learning_rate=rates.get(method) if isinstance(method, str) else None, steps=steps)
        for method in methods
    ]


def terrain(ground: Surface, grid: int = GRID) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A grid over the surface's box, and the heights on it."""
    left, right, bottom, top = ground.box
    a, b = np.meshgrid(np.linspace(left, right, grid), np.linspace(bottom, top, grid))
    return a, b, np.asarray(ground(a, b))


def contours(ground: Surface, height: np.ndarray) -> np.ndarray:
    """Levels that lie closer the nearer they are to the lowest minimum."""
    low = float(min(ground(*minimum) for minimum in ground.minima))
    rise = float(height.max()) - low
    return low + rise * np.linspace(0.02, 1, LEVELS) ** (4.0 if rise > STEEP else 2.2)


def within(points: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """Which points (m, 2) lie in the box."""
    left, right, bottom, top = box
    a, b = points.T
    return (a >= left) & (a <= right) & (b >= bottom) & (b <= top)
