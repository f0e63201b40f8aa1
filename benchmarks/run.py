"""All benchmarks of speed, in one run: writes a folder with results.json, table.md and plots, and shows its progress.

    python -m benchmarks.run [--full] [--compile] [--part PART ...] [--workload NAME ...] [--peer NAME ...]
                             [--rounds N] [--table FILE.parquet] [--out FOLDER]

Parts: workloads (single fits, peers in turn, and the floor), starts (fresh processes), options (what each costs, by
the kernel and by XLA), sparse (rows), predictions, memory, search, bagging, scaling. Quick sizes take about fifteen
minutes on two quiet cores; ``--full`` has the real ones. ``--compile`` adds torch.compile, which needs a C++ compiler
and takes tens of seconds a workload. ``--table`` adds a search over 10,000 rows of a table.
"""

import argparse
import datetime
import json
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import crowds, fresh, options, pictures, predictions, processes, report, rounds, scaling, sparse
from benchmarks.meter import count_compilations, machine
from benchmarks.peers.table import PEERS, missing, present
from benchmarks.workloads import WORKLOADS, named

PARTS = ("workloads", "starts", "options", "sparse", "predictions", "memory", "search", "bagging", "scaling")
MEASURED_ALONE = ("wellfit", "scikit-learn", "plain JAX loop", "torch", "Keras (JAX)")
"""Whose memory a quick run measures."""

GROWING = ("wellfit", "scikit-learn")
ROUNDS = {"quick": 3, "full": 7}
QUICK_MEMORY = ("mnist",)


def measured(chosen: argparse.Namespace, results: dict[str, Any], keep: Callable[[], None]) -> None:
    """Fill in ``results`` part by part; ``keep`` writes what there is."""
    quick, size = not chosen.full, results["size"]
    parts, count = chosen.part or PARTS, results["rounds"]
    entries = present(chosen.compile, chosen.peer)
    workloads = named(chosen.workload)
    if "workloads" in parts:
        count_compilations()
        results["workloads"] = []
        for workload in workloads:
            own = workload.quick() if quick else workload
            results["workloads"].append(rounds.run(own, entries, count))
            keep()
    if "starts" in parts:
        results["starts"] = fresh.starts(count)
        keep()
    if "options" in parts:
        results["options"] = processes.measured("options", options.OPTIONS, 1 if quick else 3)
        keep()
    if "sparse" in parts:
        results["sparse"] = processes.measured("sparse", sparse.TABLES, 1 if quick else 3)
        keep()
    if "predictions" in parts:
        results["predictions"] = processes.measured("predictions", predictions.TABLES, 1 if quick else 3)
        keep()
    if "memory" in parts:
        some = [w for w in workloads if w.name in QUICK_MEMORY] if quick else workloads
        results["memory"] = fresh.peaks(some, [e for e in entries if not quick or e.name in MEASURED_ALONE], not quick)
        keep()
    crowd_rounds = 1 if quick else 3
    for kind in ("search", "bagging"):
        if kind in parts:
            results[kind] = crowds.measure(kind, crowd_rounds, quick)
            keep()
    if "search" in parts and chosen.table:
        results["search_table"] = crowds.measure("search", crowd_rounds, quick, chosen.table)
        keep()
    if "scaling" in parts:
        results["scaling"] = scaling.measure([e for e in entries if e.name in GROWING], size == "quick")
        keep()


def parsed() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="the real sizes, and more rounds")
    parser.add_argument("--compile", action="store_true", help="torch.compile too")
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--workload", choices=[workload.name for workload in WORKLOADS], action="append")
    parser.add_argument("--peer", choices=[entry.name for entry in PEERS], action="append")
    parser.add_argument("--rounds", type=int, help="of single fits and fresh processes")
    parser.add_argument("--table", help="a Parquet file of classes to search over")
    parser.add_argument("--out", type=Path, help="the folder to write; bench-out/<date> by default")
    return parser.parse_args()


def main() -> None:
    chosen = parsed()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    warnings.simplefilter("ignore")
    began = time.perf_counter()
    size = "full" if chosen.full else "quick"
    folder = chosen.out or Path("bench-out") / datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    results: dict[str, Any] = {
        "machine": machine(), "size": size, "rounds": chosen.rounds or ROUNDS[size], "missing": missing(),
    }  # fmt: skip
    for name, pip in results["missing"].items():
        print(f"not installed, left out: {name} ({pip})")

    def keep() -> None:
        (folder / "results.json").write_text(json.dumps(results, indent=1))
        (folder / "table.md").write_text(report.page(results))
        print(f"  {time.perf_counter() - began:.0f} s so far", flush=True)

    with tempfile.TemporaryDirectory() as cache:  # first fits compile; the user's own folder of programs stays as it is
        os.environ["WELLFIT_CACHE"] = cache
        measured(chosen, results, keep)
    pictures.draw(results, folder)
    print(f"{folder / 'table.md'}: {time.perf_counter() - began:.0f} s in all")


if __name__ == "__main__":
    main()
