"""The plots of a run: time per fit against rows, columns, width and members; peers; the share of the floor."""

from pathlib import Path
from typing import Any

from benchmarks.peers.table import WELLFIT
from benchmarks.report import FLOORS, median

LABELS = {"rows": "rows", "columns": "columns", "width": "units of the hidden layer", "members": "members"}


def draw(results: dict[str, Any], folder: Path) -> list[Path]:
    """Write the PNG files that these results are enough for; none where matplotlib is not installed."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError:
        print("no plots: pip install matplotlib")
        return []
    written = []
    for axis in results.get("scaling", {}).get("axes", []):
        written.append(folder / f"{axis['axis']}.png")
        _save(plt, written[-1], lambda ax, axis=axis: _growth(ax, axis))
    singles = [own for own in results.get("workloads", []) if own["peers"].get(WELLFIT, {}).get("later")]
    if singles:
        written += [folder / "peers.png", folder / "floor.png"]
        _save(plt, written[-2], lambda ax: _peers(ax, singles))
        _save(plt, written[-1], lambda ax: _floor(ax, singles))
    return written


def _save(plt: Any, path: Path, drawing: Any) -> None:
    figure, ax = plt.subplots(figsize=(7, 4.5), layout="constrained")
    drawing(ax)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def _growth(ax: Any, axis: dict[str, Any]) -> None:
    for name, seconds in axis["peers"].items():
        ax.loglog(axis["values"], seconds, "o-", label=name)
    values, first = axis["values"], next(iter(axis["peers"].values()))
    ax.loglog(values, [first[-1] * value / values[-1] for value in values], ":", color="gray", label="proportional")
    ax.set(xlabel=LABELS[axis["axis"]], ylabel=f"seconds of a later fit ({axis['epochs']} epochs)")
    ax.grid(alpha=0.3)
    ax.legend()


def _peers(ax: Any, singles: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for own in singles for name in own["peers"] if name != WELLFIT))
    width = 0.8 / len(names)
    for place, name in enumerate(names):
        bars = []
        for own in singles:
            later = own["peers"].get(name, {}).get("later", [])
            bars.append(median(later) / median(own["peers"][WELLFIT]["later"]) if later else 0)
        ax.bar([i + place * width for i in range(len(singles))], bars, width, label=name)
    ax.axhline(1, color="black", linewidth=1)
    ax.set_xticks([i + 0.4 - width / 2 for i in range(len(singles))], [own["workload"] for own in singles])
    ax.set(ylabel="seconds of a later fit, wellfit's = 1")
    ax.legend(fontsize="small")


def _floor(ax: Any, singles: list[dict[str, Any]]) -> None:
    width = 0.8 / len(FLOORS)
    for place, (name, label) in enumerate(FLOORS.items()):
        shares = []
        for own in singles:
            step = median(own["peers"][WELLFIT]["later"]) / own["steps"]
            shares.append(own.get("floor", {}).get(name, 0) / step)
        ax.bar([i + place * width for i in range(len(singles))], shares, width, label=label)
    ax.axhline(1, color="black", linewidth=1)
    ax.set_xticks([i + 0.4 - width / 2 for i in range(len(singles))], [own["workload"] for own in singles])
    ax.set(ylabel="floor / wellfit's step")
    ax.legend(fontsize="small")
