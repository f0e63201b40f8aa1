"""What every ``wellfit show`` command does with what it found: numbers in the terminal, a picture in a file."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wellfit.cli import show

Output = Annotated[
    Path | None, typer.Option(help="A .png, .svg or .pdf file. Default: the name with .png, in this folder.")
]


def loaded_from(model: Path) -> Any:
    """The model of a file."""
    from wellfit.estimators.files import load

    return load(model)


def place_of(output: Path | None, name: str) -> Path:
    """Where the picture goes, checked before the work."""
    from wellfit.cli import places

    place = output or Path(f"{name}.png")
    places.check_picture(place)
    return place


def deliver(
    document: dict[str, Any], words: str, columns: dict[str, Any], place: Path, json: bool,
    *draw: Callable[[Any], Any], inches: float = 6.4, projection: str | None = None, high: float = 4.0,
) -> None:  # fmt: skip
    """The numbers in the terminal, the picture in its file: one axis for each function that draws."""
    from wellfit.cli import places, work
    from wellfit.insight.trace_table import columns as aligned
    from wellfit.insight.trace_table import numbers
    from wellfit.plots.style import figure

    if not json:
        table = [[name, *(values if _words(values) else numbers(values))] for name, values in columns.items()]
        width = show.console(json).width
        typer.echo(f"{textwrap.fill(words, width)}\n\n{aligned(table, width)}\n")
    drawn, axes = figure(inches * len(draw), high if projection is None else 4.8, len(draw), projection)
    for function, ax in zip(draw, axes, strict=True):
        function(ax)
    places.write_picture(drawn, place)
    if json:
        show.as_json(work.plain({**document, "picture": str(place)}))
    else:
        typer.echo(f"Picture: {place}")


def _words(values: Any) -> bool:
    return len(values) > 0 and isinstance(values[0], str)
