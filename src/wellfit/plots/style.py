"""How wellfit's pictures look: for the time of a drawing only, the user's settings stay as they are.

Lines differ by their dashes and markers as much as by their colours, and are labelled where they end, so that a picture
in black and white says the same.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from wellfit.core.extras import need

INK, GREY, PALE, PAPER = "#1a1a1a", "#6b6b6b", "#d9d9d9", "#ffffff"

COLOURS = (INK, "#0a6bb5", "#d1560f", "#2c8a57", "#8e3a97", "#7a5a14", "#c2185b", "#4a6d7c")
DASHES: tuple[Any, ...] = (
    "-", (0, (6, 2)), (0, (1.2, 1.4)), (0, (7, 2, 1.2, 2)), (0, (3, 1.2)), (0, (7, 1.6, 1.2, 1.6, 1.2, 1.6)),
    (0, (10, 2)), (0, (2, 1, 1, 1)),
)  # fmt: skip
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

RC = {
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.labelsize": 10.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.0,
    "lines.dash_capstyle": "butt",
    "text.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "legend.handlelength": 3.2,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "svg.fonttype": "none",
}

SIZE = (6.4, 4.0)
LABEL_SIZE = 9.0
TOGETHER = 0.45
"""Ends whose names must be moved by more than this share of a line lie together."""

_ALIGN = {-1: "right", 1: "left"}


@contextmanager
def drawing(ax: Any = None, *, size: tuple[float, float] = SIZE, projection: str | None = None) -> Iterator[Any]:
    """The given axis, or that of a new figure, with wellfit's settings for as long as it is drawn on."""
    matplotlib = need("matplotlib", "plots", "drawing")
    with matplotlib.rc_context(RC):
        if ax is None:
            pyplot = need("matplotlib.pyplot", "plots", "drawing")
            ax = pyplot.figure(figsize=size, layout="constrained").add_subplot(projection=projection)
        yield ax


def figure(width: float = SIZE[0], height: float = SIZE[1], columns: int = 1, projection: str | None = None) -> Any:
    """A figure that no window knows of, and its axes in a row: for files."""
    matplotlib = need("matplotlib", "plots", "drawing")
    figures = need("matplotlib.figure", "plots", "drawing")
    with matplotlib.rc_context(RC):
        drawn = figures.Figure(figsize=(width, height), layout="constrained")
        keywords = {"projection": projection} if projection else {}
        axes = [drawn.add_subplot(1, columns, place + 1, **keywords) for place in range(columns)]
    return drawn, axes


def look(place: int) -> dict[str, Any]:
    """Colour and dashes of the line number ``place``."""
    return {"color": COLOURS[place % len(COLOURS)], "linestyle": DASHES[place % len(DASHES)]}


def label_ends(ax: Any, lines: list[Any], names: list[str]) -> None:
    """Each line's name where it ends, or leaves the axis by its top or bottom; a legend where ends lie together.

    Names of lines that end in one place would be told apart by their colours alone.
    """
    ends = [_last_seen(ax, line) for line in lines]
    inside = [place for place, (_, leaves) in enumerate(ends) if not leaves]
    scale = 72 / ax.figure.dpi
    right = ax.transData.transform((ax.get_xlim()[1], 0))[0]
    pixels = np.array([ax.transData.transform(ends[place][0])[1] for place in inside])
    places = _apart(ax, pixels)
    if len(inside) and np.abs(places - pixels).max() > TOGETHER * _line(ax):
        ax.legend(lines, names, loc="upper left", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.3)
        return
    for place, pixel, moved in zip(inside, pixels, places, strict=True):
        end = ends[place][0]
        shift = ((right - ax.transData.transform(end)[0]) * scale + 6, (moved - pixel) * scale)
        _name(ax, lines[place], names[place], end, shift, va="center")
    leaving = sorted((place for place in range(len(ends)) if place not in inside), key=lambda place: ends[place][0][0])
    for place in leaving:
        end, leaves = ends[place]
        across = ax.transAxes.inverted().transform(ax.transData.transform(end))[0]
        side = -1 if across > 0.85 or place != leaving[-1] else 1  # the last has nothing to its right
        _name(ax, lines[place], names[place], end, (7 * side, -7 * leaves), va="center", ha=_ALIGN[side])


def _name(ax: Any, line: Any, name: str, end: tuple[float, float], shift: tuple[float, float], **options: Any) -> None:
    ax.annotate(
        name, end, xytext=shift, textcoords="offset points", color=line.get_color(), fontsize=LABEL_SIZE,
        annotation_clip=False, **options,
    )  # fmt: skip


def _apart(ax: Any, pixels: np.ndarray) -> np.ndarray:
    """Heights for labels at these heights, a line of text apart and not below the axis."""
    step = _line(ax)
    order = np.argsort(pixels, kind="stable")
    places = pixels.astype(float)
    for below, above in pairwise(order):
        places[above] = max(places[above], places[below] + step)
    if len(places):
        places += np.mean(pixels - places)  # as far up as down
        places += max(0.0, ax.transAxes.transform((0, 0))[1] + 0.3 * step - places.min())
    return places


def _line(ax: Any) -> float:
    """Pixels from one line of labels to the next."""
    return 1.25 * LABEL_SIZE * ax.figure.dpi / 72


def _last_seen(ax: Any, line: Any) -> tuple[tuple[float, float], int]:
    """The last point of a line inside the axis, and 1 or -1 where it leaves by the top or the bottom (0: it ends)."""
    x, y = (np.asarray(values, float) for values in line.get_data())
    (left, right), (low, high) = sorted(ax.get_xlim()), sorted(ax.get_ylim())
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y) & (x >= left) & (x <= right))
    seen = there[(y[there] >= low) & (y[there] <= high)]
    if not len(seen):
        return (right, low), 0
    leaves = 0 if seen[-1] == there[-1] else 1 if y[there[-1]] > high else -1
    return (float(x[seen[-1]]), float(y[seen[-1]])), leaves


def note(ax: Any, text: str, place: tuple[float, float], **options: Any) -> Any:
    """A small grey remark in the axis' own coordinates, (0, 0) to (1, 1)."""
    options = {"fontsize": 9, "color": GREY, "transform": ax.transAxes, **options}
    return ax.text(*place, text, **options)
