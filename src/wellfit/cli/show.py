"""What the terminal shows: figures, reasons, curves."""

import json as json_
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

BLOCKS = "▁▂▃▄▅▆▇█"
BAR = 24
MOST_OUTPUTS = 3
MOST_CLASSES = 6
NAMES = {"log_loss": "log loss", "r2": "R²", "rmse": "RMSE", "mae": "MAE", "loss_per_row": "loss per row"}
ROWS = {
    "held out": "held out to stop early",
    "training": "the training rows",
    "test": "test",
    "given": "all given",
}


def console(json: bool) -> Console:
    """The terminal; under ``--json`` standard output belongs to the JSON alone."""
    return Console(stderr=json, highlight=False)


def as_json(document: Any) -> None:
    """One JSON object on standard output."""
    sys.stdout.write(json_.dumps(document, allow_nan=False) + "\n")


def notes() -> Callable[..., None]:
    """What shows warnings: each once, as one line on standard error, without the place in the code."""
    told: set[str] = set()

    def show(message: Any, category: type, *_: Any, **__: Any) -> None:
        line = f"note: {' '.join(str(message).split())}\n"
        if line not in told and not issubclass(
            category, DeprecationWarning | PendingDeprecationWarning | FutureWarning
        ):
            told.add(line)
            sys.stderr.write(line)

    return show


@contextmanager
def busy(words: str) -> Iterator[Callable[[str], None]]:
    """Say what is being done for as long as it lasts, where there is a terminal; gives a way to say something else."""
    if not sys.stderr.isatty() or "NO_COLOR" in os.environ:
        yield lambda _: None
        return
    with Console(stderr=True).status(words) as status:
        yield status.update


def number(value: Any) -> str:
    """A number for people: four digits, whole from a thousand on, in groups of three from ten thousand on."""
    if not isinstance(value, float) or not math.isfinite(value):
        return str(value)
    if 1e4 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.0f}" if 1000 <= abs(value) < 1e4 else f"{value:.4g}"


def numbers(values: Any) -> list[str]:
    """A column of numbers for people: so many decimals for all as give the largest four digits, or as they have."""
    there = [abs(value) for value in values if isinstance(value, float) and math.isfinite(value) and value]
    if not there or not 1e-3 <= max(there) < 1e9 or min(there) < 1e-6 * max(there):
        return [number(value) for value in values]
    decimals = max(0, 3 - math.floor(math.log10(max(there))))
    exact = (k for k in range(decimals) if all(math.isclose(round(value, k), value, rel_tol=1e-9) for value in there))
    decimals = next(exact, decimals)
    group = "," if max(there) >= 1e4 else ""
    return [f"{v:{group}.{decimals}f}" if isinstance(v, float) and math.isfinite(v) else number(v) for v in values]


def heading(out: Console, about: str, used: int, there: int, why: str = "") -> None:
    """The sentence about a table, how many of its rows are used, and the task."""
    out.print(f"[bold]{about.replace('[', chr(92) + '[')}[/bold]")
    if used < there:
        out.print(f"{used:,} of {there:,} rows, drawn at random.")
    if why:
        out.print(why, markup=False)


def figures(out: Console, rows: list[dict[str, Any]]) -> None:
    """A table of figures, one line per set of rows."""
    table = _table("rows")
    names = [name for name in rows[0] if name not in ("rows", "n")]
    for name in names:
        table.add_column(NAMES.get(name, name), justify="right")
    columns = [numbers([row[name] for row in rows]) for name in names]
    for row, *values in zip(rows, *columns, strict=True):
        table.add_row(f"{row['n']:,} ({ROWS.get(row['rows'], row['rows'])})", *values)
    out.print(table)


def fitted(out: Console, model: Any, place: Path, tested: dict[str, Any] | None) -> None:
    """All about a fit."""
    figures(out, [model.figures_] + ([tested] if tested else []))
    history = model.history_
    lines = [f"{label:<10} {spark(history[name])}  {number(history[name][0])} → {number(history[name][-1])}"
             for name, label in (("loss", "training"), ("validation_loss", "held out")) if name in history]  # fmt: skip
    lines.append(
        f"{model.n_iter_} {'epoch' if model.n_iter_ == 1 else 'epochs'}, best {model.best_epoch_}, "
        f"{model.fit_seconds_:.1f} s ({model.status_.replace('_', ' ')})"
    )
    out.print(Panel("\n".join(lines), title="loss by epoch", title_align="left", expand=False))
    reasons(out, model.reasons_)
    out.print(Text.assemble(("Saved", "bold"), f" {place} ({place.stat().st_size / 1024:,.0f} KiB)"), soft_wrap=True)


def plan(out: Console, found: Any) -> None:
    """What a fit would be."""
    out.print(str(found).split("\n\n")[0], markup=False)
    reasons(out, found.reasons)


def reasons(out: Console, sentences: list[str]) -> None:
    """Sentences under each other, their later lines indented."""
    out.print("[bold]Why[/bold]")
    table = Table.grid(padding=(0, 1))
    for sentence in sentences:
        table.add_row(" •", Text(sentence))
    out.print(table)


def spark(values: list[float], width: int = 40) -> str:
    """A curve in one line of text, on a logarithmic scale where values allow it."""
    step = max(1, math.ceil(len(values) / width))
    kept = [value if math.isfinite(value) else math.nan for value in values[::step]]
    there = [value for value in kept if value == value]
    if not there:
        return ""
    if min(there) > 0:
        kept = [math.log(value) if value == value else value for value in kept]
    low, high = (edge(value for value in kept if value == value) for edge in (min, max))
    return "".join(
        BLOCKS[round((value - low) / (high - low or 1) * (len(BLOCKS) - 1))] if value == value else "×"
        for value in kept
    )


def table(out: Console, frame: Any, most: int = 10) -> None:
    """The first rows of a frame of predictions."""
    shown = _table()
    shown.add_column("row", justify="right")
    chances = [name for name in frame.columns if str(name).startswith("p(")]
    if len(chances) > MOST_CLASSES:  # too many for a line: the largest one, where only one can be true
        p, frame = frame[chances], frame.drop(columns=chances)
        frame = frame.assign(probability=p.max(axis=1)) if (abs(p.sum(axis=1) - 1) < 1e-6).all() else frame
    columns = []
    for name in frame.columns:
        shown.add_column(Text(str(name)), justify="right" if frame[name].dtype.kind in "biufmM" else "left")
        values = frame[name].head(most).tolist()
        chance = name in chances or name == "probability"
        columns.append([f"{value:.4f}" for value in values] if chance else numbers(values))
    for row, values in enumerate(zip(*columns, strict=True)):
        shown.add_row(str(row), *map(Text, values))
    out.print(shown)
    if len(frame) > most:
        out.print(f"... and {len(frame) - most:,} rows more; --output FILE keeps them all.")


def importance(out: Console, found: Any, most: int = 20) -> None:
    """The columns by how much the loss grows without them."""
    shown = _table("column")
    shown.add_column("loss grows by", justify="right")
    shown.add_column("±", justify="right")
    shown.add_column("")
    largest = max(float(found.mean.max()), 0.0) or 1.0
    for j in found.order[:most]:
        mean, std = float(found.mean[j]), float(found.std[j])
        shown.add_row(Text(found.columns[j]), f"{mean:.4f}", f"{std:.4f}", "█" * round(BAR * max(mean, 0) / largest))
    out.print(f"Loss per row {found.baseline:.4f}; it grows where the values of one column are shuffled:")
    out.print(shown)
    if len(found.columns) > most:
        out.print(f"... and {len(found.columns) - most:,} columns that matter less; --json lists them all.")


def dependence(out: Console, curves: list[Any], classes: bool) -> None:
    """The mean prediction by the value of one column, for each of some columns; probabilities on one scale."""
    if not curves:
        return
    out.print("\nMean prediction where one column is set to a value and all else stays:")
    outputs = _telling(curves)
    edges = [_edges(curves, outputs if classes else [k]) for k in outputs]
    for curve in curves:
        if curve is not curves[0]:
            out.print()
        shown = _table()
        shown.add_column(Text(curve.column), justify="left" if isinstance(curve.grid[0], str) else "right")
        columns: list[list[str]] = [numbers(curve.grid)]
        for k, (low, high) in zip(outputs, edges, strict=True):
            name = curve.outputs[k]
            shown.add_column(Text(f"p({name})" if classes else name), justify="right")
            shown.add_column("")
            means = [float(mean) for mean in curve.mean[:, k]]
            columns.append([f"{mean:.4f}" for mean in means] if classes else numbers(means))
            lengths = [BAR / len(outputs) * (mean - low) / (high - low or 1.0) for mean in means]
            columns.append(["▒" * max(1, round(length)) for length in lengths])
        for values in zip(*columns, strict=True):
            shown.add_row(*map(Text, values))
        out.print(shown)


def _edges(curves: list[Any], outputs: list[int]) -> tuple[float, float]:
    """The smallest and the largest mean of these outputs in all curves."""
    means = [mean for curve in curves for k in outputs for mean in curve.mean[:, k]]
    return min(means), max(means)


def _telling(curves: list[Any]) -> list[int]:
    """The outputs worth showing: of two classes the second, of many those that move the most."""
    k = curves[0].mean.shape[1]
    if k == 2 and all(abs(curve.mean.sum(axis=1) - 1).max() < 1e-6 for curve in curves):
        return [1]
    moves = [max(float(c.mean[:, j].max() - c.mean[:, j].min()) for c in curves) for j in range(k)]
    return sorted(sorted(range(k), key=lambda j: -moves[j])[:MOST_OUTPUTS])


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name)
    return table
