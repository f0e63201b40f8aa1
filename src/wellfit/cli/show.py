"""What the terminal shows: figures, reasons, curves."""

import json as json_
import sys
import warnings as warnings_
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

BLOCKS = "▁▂▃▄▅▆▇█"
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
    sys.stdout.write(json_.dumps(document, allow_nan=False, default=str) + "\n")


def warning(message: Any, category: type, *_: Any, **__: Any) -> None:
    """Warnings as one line on standard error, without the place in the code."""
    if not issubclass(category, DeprecationWarning | FutureWarning | warnings_.WarningMessage):
        sys.stderr.write(f"note: {message}\n")


def figures(out: Console, rows: list[dict[str, Any]]) -> None:
    """A table of figures, one line per set of rows."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("rows")
    names = [name for name in rows[0] if name not in ("rows", "n")]
    for name in names:
        table.add_column(NAMES.get(name, name), justify="right")
    for row in rows:
        table.add_row(f"{row['n']:,} ({ROWS.get(row['rows'], row['rows'])})", *[f"{row[name]:.4g}" for name in names])
    out.print(table)


def fitted(out: Console, model: Any, place: Path, tested: dict[str, Any] | None) -> None:
    """All about a fit."""
    figures(out, [model.figures_] + ([tested] if tested else []))
    history = model.history_
    lines = [f"{label:<10} {spark(history[name])}  {history[name][0]:.4g} → {history[name][-1]:.4g}"
             for name, label in (("loss", "training"), ("validation_loss", "held out")) if name in history]  # fmt: skip
    lines.append(
        f"{model.n_iter_} epochs, best {model.best_epoch_}, {model.fit_seconds_:.1f} s "
        f"({model.status_.replace('_', ' ')})"
    )
    out.print(Panel("\n".join(lines), title="loss by epoch", title_align="left", expand=False))
    out.print("[bold]Why[/bold]")
    for reason in model.reasons_:
        out.print(f"  • {reason}", markup=False)
    out.print(f"[bold]Saved[/bold] {place} ({place.stat().st_size / 1024:,.0f} KiB)")


def spark(values: list[float], width: int = 40) -> str:
    """A curve in one line of text, on a logarithmic scale where values allow it."""
    import math

    step = max(1, math.ceil(len(values) / width))
    kept = [values[index] for index in range(0, len(values), step)]
    if min(kept) > 0:
        kept = [math.log(value) for value in kept]
    low, high = min(kept), max(kept)
    return "".join(BLOCKS[round((value - low) / (high - low or 1) * (len(BLOCKS) - 1))] for value in kept)


def table(out: Console, frame: Any, most: int = 20) -> None:
    """The first rows of a frame."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("row", justify="right")
    chances = [name for name in frame.columns if str(name).startswith("p(")]
    if len(chances) > 4:  # too many for a line: the predicted one's
        frame = frame.drop(columns=chances).assign(probability=frame[chances].max(axis=1))
    for name in frame.columns:
        shown.add_column(str(name), justify="right")
    for row, values in enumerate(frame.head(most).itertuples(index=False)):
        shown.add_row(str(row), *[f"{v:.4g}" if isinstance(v, float) else str(v) for v in values])
    out.print(shown)
    if len(frame) > most:
        out.print(f"... and {len(frame) - most:,} rows more; --output FILE keeps them all.")
