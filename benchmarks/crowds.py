"""Crowds: a grid search and a bagged ensemble, the whole call in a fresh process, wellfit's beside scikit-learn's.

    python -m benchmarks.crowds search|bagging PEER [--rows N] [--size N] [--table FILE.parquet]

prints one line of JSON: the seconds of a first and a second call in that process, imports not counted. ``measure``
starts such processes in turn; wellfit's with an empty folder of compiled programs ("cold") and with what that left.
"""

import argparse
import itertools
import json
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import process
from benchmarks.workloads import Workload

JOBS = 2
PEERS = ("wellfit MLPClassifier", "wellfit", "scikit-learn")
ALPHAS = tuple(10.0 ** np.arange(-6, 2))
RATES = (3e-4, 1e-3, 2e-3, 5e-3, 1e-2)
MOST_EPOCHS = 200
SIZES = {
    "search": {"quick": (1000, 40), "full": (1000, 40)},
    "bagging": {"quick": (2000, 10), "full": (10_000, 100)},
}
"""Rows, and candidates or members."""

TABLE_ROWS = 10_000


def estimator(peer: str, hidden: tuple[int, ...] = (64,)) -> Any:
    """One hidden layer of 64 units, Adam, early stopping on a tenth of the rows with a patience of ten."""
    if peer == "wellfit":
        from wellfit import NeuralClassifier

        return NeuralClassifier(
            hidden=hidden, dropout=None, optimizer="adam", learning_rate=1e-3, schedule="constant", batch_size=200,
            max_epochs=MOST_EPOCHS, weight_decay=None, early_stopping=True, validation_fraction=0.1, patience=10,
            calibrate=False, n_members=1, random_state=0,
        )  # fmt: skip
    if peer == "scikit-learn":
        from sklearn.neural_network import MLPClassifier
    else:
        from wellfit import MLPClassifier
    return MLPClassifier(hidden, early_stopping=True, max_iter=MOST_EPOCHS, random_state=0)


def candidates(peer: str, size: int) -> list[dict[str, list[float]]]:
    """So many pairs of a penalty and a learning rate, as each estimator calls them; 40 are all."""
    penalty, rate = ("l2", "learning_rate") if peer == "wellfit" else ("alpha", "learning_rate_init")
    pairs = itertools.islice(itertools.product(ALPHAS, RATES), size)
    return [{penalty: [float(a)], rate: [b]} for a, b in pairs]


def data(rows: int, table: str | None) -> tuple[np.ndarray, np.ndarray]:
    """Drawn rows of 20 columns, or at most 10,000 of a table, encoded once for all."""
    if table:
        from benchmarks.tables import encoder, load

        X, y, regression = load(Path(table), rows=TABLE_ROWS)
        if regression:
            raise ValueError(f"--table {table} must be one of classes.")
        return np.asarray(encoder(X).fit_transform(X), np.float32), y
    return Workload("crowd", 20, (64,), 2, 200, rows, 1, rows, 1).data()


def calls(kind: str, peer: str, rows: int, size: int, table: str | None = None) -> dict[str, Any]:
    """Two calls in this process."""
    X, y = data(rows, table)
    made = estimator(peer)
    if peer == "scikit-learn":
        from sklearn.ensemble import BaggingClassifier
        from sklearn.model_selection import GridSearchCV
    else:
        from wellfit import BaggingClassifier, GridSearchCV

    def call() -> float:
        if kind == "search":
            return GridSearchCV(made, candidates(peer, size), cv=5, n_jobs=JOBS).fit(X, y).best_score_
        return BaggingClassifier(made, size, n_jobs=JOBS, random_state=0).fit(X, y).score(X, y)

    seconds, score = [], 0.0
    for _ in range(2):
        began = time.perf_counter()
        score = call()
        seconds.append(time.perf_counter() - began)
    return {"first": seconds[0], "second": seconds[1], "score": float(score), "rows": len(y), "columns": X.shape[1]}


def measure(
    kind: str, rounds: int, quick: bool, table: str | None = None, say: Callable[[str], None] = print
) -> dict[str, Any]:
    """``rounds`` processes of each peer in turn: {"<peer>[, cold|kept programs]": [{"first", "second", ...}, ...]}."""
    rows, size = SIZES[kind]["quick" if quick else "full"]
    found: dict[str, Any] = {}
    options = ["--rows", str(rows), "--size", str(size), *(["--table", table] if table else [])]
    for number in range(rounds):
        for peer in PEERS:
            with tempfile.TemporaryDirectory() as cache:
                for state in ("cold", "kept programs") if peer != "scikit-learn" else ("",):
                    name = f"{peer}, {state}" if state else peer
                    own = process(["benchmarks.crowds", kind, peer, *options], cache)
                    found.setdefault(name, []).append(own)
                    text = own.get("error") or f"{own['first']:8.2f} s, again {own['second']:8.2f} s"
                    say(f"  {kind:<11} round {number + 1} of {rounds}: {name:<40} {text}")
    return {"kind": kind, "size": size, "rows": rows, "table": Path(table).stem if table else None, "peers": found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=SIZES)
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--size", type=int, default=40, help="candidates or members")
    parser.add_argument("--table", help="a Parquet file of classes instead of drawn rows")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(json.dumps(calls(options.kind, options.peer, options.rows, options.size, options.table)))


if __name__ == "__main__":
    main()
