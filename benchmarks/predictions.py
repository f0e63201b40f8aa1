"""Probabilities of many rows at once, from an array and from frames: wellfit's two classifiers and scikit-learn's MLP.

    python -m benchmarks.predictions COLUMNS

prints one line of JSON for a fresh process: for an array of float32 and for frames of pandas and polars the seconds of
``predict_proba`` by each, in turn, after a first call on a few rows. All have two hidden layers of 64 units.
"""

import argparse
import json
import warnings
from typing import Any

import numpy as np

from benchmarks.meter import timed

TABLES = {20: 1_000_000, 100: 1_000_000}
"""columns: rows"""

FITTED, FIRST, ROUNDS = 5000, 100, 3


def containers(X: np.ndarray) -> dict[str, Any]:
    """The same rows in each."""
    import pandas as pd
    import polars as pl

    names = [f"x{j}" for j in range(X.shape[1])]
    return {
        "array": X,
        "pandas": pd.DataFrame({name: column.astype(np.float64) for name, column in zip(names, X.T, strict=True)}),
        "polars": pl.DataFrame({name: column.astype(np.float64) for name, column in zip(names, X.T, strict=True)}),
    }


def predictions(columns: int) -> dict[str, dict[str, list[float]]]:
    """Container -> classifier -> seconds."""
    from sklearn.neural_network import MLPClassifier as Theirs

    from wellfit import MLPClassifier, NeuralClassifier

    rng = np.random.default_rng(0)
    X = rng.normal(size=(TABLES[columns], columns)).astype(np.float32)
    y = (X[:, 0] + X[:, 1] > 0).astype(int)
    found: dict[str, dict[str, list[float]]] = {}
    for container, rows in containers(X).items():
        models = {
            "NeuralClassifier": NeuralClassifier(hidden=(64, 64), max_epochs=2, n_members=1, random_state=0),
            "MLPClassifier": MLPClassifier((64, 64), max_iter=2, random_state=0),
            "scikit-learn": Theirs((64, 64), max_iter=2, random_state=0),
        }
        for model in models.values():
            model.fit(rows[:FITTED], y[:FITTED]).predict_proba(rows[:FIRST])
        own = found[container] = {name: [] for name in models}
        for _ in range(ROUNDS):
            for name in rng.permutation(list(models)).tolist():
                own[name].append(timed(lambda rows=rows, model=models[name]: model.predict_proba(rows)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("columns", type=int, choices=TABLES)
    warnings.simplefilter("ignore")
    print(json.dumps(predictions(parser.parse_args().columns)))


if __name__ == "__main__":
    main()
