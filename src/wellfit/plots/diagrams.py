"""Network diagrams: units in columns, weights as lines (theory C-330)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wellfit.insight.trace import layer_name
from wellfit.networks.network import Network
from wellfit.plots import style

MOST = 9
"""More units than this are drawn as the first four, dots, and the last three."""

FIRST, LAST = 4, 3
THICK = 3.0


@dataclass
class Column:
    """A column of the diagram: what stands over it, its units (None: rows of more than one axis), weights into it."""

    words: list[str]
    units: int | None
    shape: tuple[int, ...]
    weight: np.ndarray | None = None


def network_diagram(network: Any, inputs: Any = None, ax: Any = None) -> Any:
    """Units as circles, weights as lines; of a fitted model thick lines are large weights, dashed ones negative.

    Parameters
    ----------
    network : Network, or fitted estimator
    inputs : int or shape
        Columns of the network's input, or the shape of a row; a fitted model knows.
    ax : matplotlib axis or None
        None makes a figure.

    Returns
    -------
    The axis.
    """
    columns, names, outputs = described(network, inputs)
    with style.drawing(ax, size=(max(4.2, 1.7 * len(columns) + 1.2), 4.0)) as ax:
        places = [_places(column) for column in columns]
        for place in range(1, len(columns)):
            _links(ax, place, columns[place], places[place - 1], places[place])
        tallest = max([abs(height) for spots in places for _, height in spots], default=1.0)
        for place, (column, spots) in enumerate(zip(columns, places, strict=True)):
            _units(ax, place, column, spots, tallest)
        _beside(ax, 0, places[0], names)
        _beside(ax, len(columns) - 1, places[-1], outputs)
        ax.set_xlim(-0.35, len(columns) - 0.65)
        ax.set_ylim(-tallest - 1.2, tallest + 2.0)
        ax.axis("off")
    return ax


def described(network: Any, inputs: Any) -> tuple[list[Column], list[str], list[str]]:
    """The columns of a network or of a fitted model, and the names of inputs and outputs where there are some."""
    if isinstance(network, Network):
        if inputs is None:
            raise ValueError("network_diagram() of a Network needs inputs=, how many columns its input has.")
        return (
            _columns(network, (int(inputs),) if np.ndim(inputs) == 0 and not isinstance(inputs, dict) else inputs),
            [],
            [],
        )
    if hasattr(network, "coefs_"):
        columns, names = _of_coefficients(network), [str(name) for name in getattr(network, "feature_names_in_", ())]
        return columns, names, _outputs(network, columns)
    if not hasattr(network, "network_"):
        raise ValueError(f"network_diagram() needs a Network or a fitted model, got {type(network).__name__}.")
    table = network._table
    shape = {"numeric": (table.width,), "codes": (len(table.cardinalities),)}
    columns = _columns(network.network_, shape, [{k: v[0] for k, v in own.items()} for own in network.params_])
    names = [] if table.cardinalities else [str(name) for name in network.feature_names or ()]
    return columns, names if len(names) == columns[0].units else list[str](), _outputs(network, columns)


def _outputs(model: Any, columns: list[Column]) -> list[str]:
    """The classes, where each has an output of its own."""
    classes = getattr(model, "classes_", ())
    return [str(label) for label in classes] if len(classes) == columns[-1].units else []


def _columns(network: Network, shape: Any, params: Any = None) -> list[Column]:
    """A column for the inputs and one for each layer that makes new units; other layers are words over a column."""
    shapes = network.shapes(shape)
    columns = [] if isinstance(shape, dict) else [Column(["inputs"], *_size(shapes[0]))]
    for index, layer in enumerate(network.layers):
        after, name = shapes[index + 1], layer_name(layer)
        if not columns:
            columns.append(Column(["inputs"], *_size(after)))
        elif "weight" in layer.parameters(shapes[index]) or after != shapes[index]:
            columns.append(Column([name], *_size(after), None if params is None else params[index].get("weight")))
        else:
            columns[-1].words.append(name)
    return columns


def _size(shape: Any) -> tuple[int | None, tuple[int, ...]]:
    return (int(shape[0]) if len(shape) == 1 else None), tuple(shape)


def _of_coefficients(model: Any) -> list[Column]:
    """The columns of an MLPClassifier or MLPRegressor."""
    widths = [len(model.coefs_[0]), *(weight.shape[1] for weight in model.coefs_)]
    columns = [Column(["inputs"], widths[0], (widths[0],))]
    for place, (weight, width) in enumerate(zip(model.coefs_, widths[1:], strict=True)):
        last = place == len(model.coefs_) - 1
        activation = (
            model.activation
            if isinstance(model.activation, str)
            else model.activation[min(place, len(model.activation) - 1)]
        )
        columns.append(
            Column([f"Dense({width})", model.out_activation_ if last else activation], width, (width,), weight)
        )
    return columns


def _places(column: Column) -> list[tuple[int, float]]:
    """(number, height) of each unit that is drawn, from the top down."""
    if column.units is None:
        return []
    n = column.units
    if n <= MOST:
        return [(unit, (n - 1) / 2 - unit) for unit in range(n)]
    drawn = [*range(FIRST), *range(n - LAST, n)]
    rows = [*range(FIRST), *range(FIRST + 1, FIRST + 1 + LAST)]
    return [(unit, (FIRST + LAST) / 2 - row) for unit, row in zip(drawn, rows, strict=True)]


def _links(ax: Any, place: int, column: Column, before: list, here: list) -> None:
    """Lines from every unit drawn in the last column to every one in this."""
    known = column.weight is not None and column.weight.ndim == 2
    weight = np.asarray(column.weight, float) if known else None
    largest = float(np.abs(weight).max()) or 1.0 if weight is not None and weight.size else 1.0
    for i, low in before:
        for j, high in here:
            if weight is None:
                look = {"color": style.GREY, "lw": 0.6, "alpha": 0.7}
            else:
                share = weight[i, j] / largest
                look = {"color": style.COLOURS[2] if share < 0 else style.INK, "lw": 0.15 + THICK * abs(share),
                        "ls": (0, (4, 2)) if share < 0 else "-", "alpha": 0.85}  # fmt: skip
            ax.plot([place - 1, place], [low, high], zorder=1, solid_capstyle="round", **look)
    if not before or not here:
        ax.annotate(
            "", (place - 0.28, 0), (place - 0.72, 0), arrowprops={"arrowstyle": "-|>", "color": style.GREY, "lw": 1.0}
        )


def _units(ax: Any, place: int, column: Column, spots: list, top: float) -> None:
    """The circles of a column, or a box with its shape, and the words over it."""
    if column.units is None:
        ax.text(
            place, 0, " x ".join(map(str, column.shape)), ha="center", va="center", zorder=3, fontsize=9,
            bbox={"boxstyle": "round,pad=0.6", "fc": style.PAPER, "ec": style.INK, "lw": 1.2},
        )  # fmt: skip
    else:
        ax.plot(
            [place] * len(spots), [height for _, height in spots], "o", ms=17, mfc=style.PAPER, mec=style.INK, mew=1.3,
            zorder=3, ls="none",
        )  # fmt: skip
        if len(spots) < column.units:
            ax.text(place, (FIRST + LAST) / 2 - FIRST, "⋮", ha="center", va="center", fontsize=13, zorder=3)
    words = "\n".join(
        column.words
        if column.words[0] != "inputs" or column.units is None
        else [f"{column.units} inputs", *column.words[1:]]
    )
    ax.text(place, top + 0.75, words, ha="center", va="bottom", fontsize=9)


def _beside(ax: Any, place: int, spots: list, names: list[str]) -> None:
    """Names of the units drawn in the first or the last column."""
    side = -1 if place == 0 else 1
    for unit, height in spots if names else []:
        ax.annotate(
            names[unit], (place, height), xytext=(side * 13, 0), textcoords="offset points",
            ha="right" if place == 0 else "left", va="center", fontsize=9,
        )  # fmt: skip
