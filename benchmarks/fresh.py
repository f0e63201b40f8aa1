"""Fresh processes: seconds of importing, of the first fit, and the peak memory of a fit.

    python -m benchmarks.fresh WORKLOAD PEER [--full]

prints one line of JSON: what the process held after imports and after a tiny fit, and the most it ever held.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable

from benchmarks.meter import memory, timed
from benchmarks.peers.table import PEERS, Entry
from benchmarks.processes import process
from benchmarks.workloads import WORKLOADS, Workload, named

LARGE = Workload("large", 100, (64,), 2, 256, 1_000_000, 1, 200_000, 1)
IRIS = "from sklearn.datasets import load_iris; X, y = load_iris(return_X_y=True); "
PROGRAMS = {
    "python alone": ("pass", False),
    "import wellfit": ("import wellfit", False),
    "import wellfit's classifier": ("from wellfit import NeuralClassifier", False),
    "import scikit-learn's MLP": ("from sklearn.neural_network import MLPClassifier", False),
    "iris: scikit-learn MLP": (
        f"from sklearn.neural_network import MLPClassifier; {IRIS}MLPClassifier().fit(X, y)",
        False,
    ),
    "iris: wellfit MLPClassifier": (f"from wellfit import MLPClassifier; {IRIS}MLPClassifier().fit(X, y)", True),
    "iris: wellfit NeuralClassifier": (
        f"from wellfit import NeuralClassifier; {IRIS}NeuralClassifier().fit(X, y)",
        True,
    ),
}
"""name: (what ``python -c`` runs, whether it compiles)"""


def wall(code: str, cache: str) -> float:
    """Seconds of ``python -c code`` from start to end."""
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], check=True, capture_output=True,
        env={**os.environ, "WELLFIT_CACHE": cache},
    )  # fmt: skip
    return time.perf_counter() - began


def starts(rounds: int, say: Callable[[str], None] = print) -> dict[str, list[float]]:
    """Wall seconds of each program in turn; those that compile with an empty folder and with programs on disk."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as kept:
        for code, _ in PROGRAMS.values():
            wall(code, kept)  # unmeasured: files come into the system's memory, programs onto the disk
        for number in range(rounds):
            for name, (code, compiles) in PROGRAMS.items():
                if compiles:
                    with tempfile.TemporaryDirectory() as empty:
                        found.setdefault(f"{name}, cold", []).append(wall(code, empty))
                    found.setdefault(f"{name}, programs on disk", []).append(wall(code, kept))
                else:
                    found.setdefault(name, []).append(wall(code, kept))
            say(f"  starts      round {number + 1} of {rounds}: " + "  ".join(f"{v[-1]:.2f}" for v in found.values()))
    return found


def peak(workload: Workload, entry: Entry) -> dict[str, float]:
    """MB that this process holds after imports and after a tiny fit, and the most it ever holds."""
    peer = entry.at(workload)
    imports = memory()[0]
    tiny = workload.sized(rows=200, epochs=1)
    entry.at(tiny).fit(*tiny.data(), 0)
    ready = memory()[0]
    X, y = workload.data()
    seconds = timed(lambda: peer.fit(X, y, 0), rest=0)
    sizes = {
        "data": X.nbytes + y.nbytes,
        "parameters": 4 * workload.parameters,
        "imports": imports,
        "ready": ready,
        "peak": memory()[1],
    }
    return {**{name: round(size / 1e6, 1) for name, size in sizes.items()}, "seconds": round(seconds, 3)}


def peaks(
    workloads: list[Workload], entries: list[Entry], full: bool, say: Callable[[str], None] = print
) -> list[dict]:
    """Peak memory of every workload and peer, each in a process of its own."""
    found = []
    with tempfile.TemporaryDirectory() as cache:
        for workload in [*workloads, LARGE]:
            for entry in entries:
                own = process(["benchmarks.fresh", workload.name, entry.name] + (["--full"] if full else []), cache)
                found.append({"workload": workload.name, "peer": entry.name, **own})
                text = own.get("error") or f"{own['imports']:8.0f} MB after imports, at most {own['peak']:8.0f} MB"
                say(f"  memory      {workload.name:<11} {entry.name:<22} {text}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workload", choices=[LARGE.name, *(workload.name for workload in WORKLOADS)])
    parser.add_argument("peer", choices=[entry.name for entry in PEERS])
    parser.add_argument("--full", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    workload = LARGE if options.workload == LARGE.name else named([options.workload])[0]
    entry = next(entry for entry in PEERS if entry.name == options.peer)
    print(json.dumps(peak(workload if options.full else workload.quick(), entry)))


if __name__ == "__main__":
    main()
