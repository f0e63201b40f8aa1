"""How a fit's seconds grow: with rows, columns, width, members, and with the number of fits before it."""

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.meter import memory, timed
from benchmarks.peers.table import Entry
from benchmarks.peers.wellfit_ import neural
from benchmarks.workloads import Workload

BASE = Workload("scaling", 20, (64,), 2, 256, 10_000, 1, 10_000, 1)
REPEATS = 3

AXES: dict[str, dict[str, tuple[int, ...]]] = {
    "rows": {
        "quick": (1000, 10_000, 100_000, 1_000_000),
        "full": (1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000),
    },
    "columns": {"quick": (5, 50, 500), "full": (5, 20, 50, 100, 200, 500, 1000, 2000)},
    "width": {"quick": (16, 64, 256, 1024), "full": (16, 32, 64, 128, 256, 512, 1024, 2048)},
    "members": {"quick": (1, 2, 4, 16), "full": (1, 2, 4, 8, 16, 32, 64, 128)},
}
"""What is varied, and through which values; the rest is 10,000 rows of 20 columns, 64 units, batch 256."""

EPOCHS = {"rows": 1, "columns": 3, "width": 3, "members": 3}


def at(axis: str, value: int) -> Workload:
    """The workload at a value of an axis."""
    change: dict[str, Any] = {"rows": {"rows": value}, "columns": {"columns": value}, "width": {"hidden": (value,)}}
    return BASE.sized(epochs=EPOCHS[axis], **change.get(axis, {}))


def along(
    axis: str, values: tuple[int, ...], entries: list[Entry], say: Callable[[str], None] = print
) -> dict[str, Any]:
    """Medians of later fits at each value, peers in turn; of members for wellfit alone."""
    found: dict[str, list[float]] = {}
    for value in values:
        workload = at(axis, value)
        X, y = workload.data()
        fits: dict[str, Callable[[int], Any]] = {}
        if axis == "members":
            fits["wellfit"] = lambda seed, w=workload, m=value, X=X, y=y: (
                neural(w, seed).set_params(n_members=m).fit(X, y)
            )
        else:
            for entry in entries:
                peer = entry.at(workload)
                fits[entry.name] = lambda seed, peer=peer, X=X, y=y: peer.fit(X, y, seed)
        for fit in fits.values():
            fit(0)
        seconds: dict[str, list[float]] = {name: [] for name in fits}
        for seed in range(1, REPEATS + 1):
            for name, fit in fits.items():
                seconds[name].append(timed(lambda fit=fit, seed=seed: fit(seed), rest=0.1))
        for name, own in seconds.items():
            found.setdefault(name, []).append(float(np.median(own)))
        say(f"  scaling     {axis} {value:>9,}: " + "  ".join(f"{name} {own[-1]:.3f} s" for name, own in found.items()))
    return {"axis": axis, "values": list(values), "epochs": EPOCHS[axis], "peers": found}


def linearity(values: list[int], seconds: list[float], least: int = 10_000) -> float:
    """How far, as a share, a time departs most from the line through its ends, from ``least`` rows on."""
    n, t = (np.array(column, float)[np.array(values) >= least] for column in (values, seconds))
    if len(n) < 3:
        return float("nan")
    line = t[0] + (t[-1] - t[0]) * (n - n[0]) / (n[-1] - n[0])
    return float(np.abs(t / line - 1).max())


def growth(values: list[int], seconds: list[float], least: int = 10_000) -> float:
    """Seconds a row at the most rows over seconds a row at ``least``: 1 where time is proportional to rows."""
    per_row = {n: t / n for n, t in zip(values, seconds, strict=True) if n >= least}
    return per_row[max(per_row)] / per_row[min(per_row)] if per_row else float("nan")


def repeated(times: int, say: Callable[[str], None] = print) -> dict[str, Any]:
    """So many fits one after another: seconds of the first and last tenth of the later ones, and the memory kept."""
    workload = BASE.sized(rows=1000, epochs=2)
    X, y = workload.data()
    for seed in range(5):
        neural(workload, seed).fit(X, y)
    before, seconds = memory()[0], []
    for seed in range(times):
        seconds.append(timed(lambda seed=seed: neural(workload, seed).fit(X, y), rest=0))
    tenth = max(1, times // 10)
    found = {
        "fits": times,
        "first_tenth": float(np.median(seconds[:tenth])),
        "last_tenth": float(np.median(seconds[-tenth:])),
        "kept_mb": round((memory()[0] - before) / 1e6, 1),
    }
    say(f"  scaling     {times} fits in a loop: {found['first_tenth']:.4f} s, then {found['last_tenth']:.4f} s; "
        f"{found['kept_mb']:+.1f} MB")  # fmt: skip
    return found


def measure(entries: list[Entry], quick: bool, say: Callable[[str], None] = print) -> dict[str, Any]:
    """All axes and the loop of fits."""
    size = "quick" if quick else "full"
    axes = [along(axis, values[size], entries, say) for axis, values in AXES.items()]
    return {"axes": axes, "repeated": repeated(100 if quick else 1000, say)}
