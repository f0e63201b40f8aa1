"""Probabilities of many rows at once, from an array and from frames: wellfit's two classifiers and scikit-learn's MLP.

    python -m benchmarks.predictions COLUMNS

prints one line of JSON for a fresh process: for an array of float32 and for frames of pandas and polars the seconds of
``predict_proba`` by each, in turn, after a first call on a few rows. All have two hidden layers of 64 units.
"""

from typing import Any

import numpy as np

from benchmarks.meter import timed
from benchmarks.processes import answer

TABLES = {20: 1_000_000, 100: 1_000_000}
"""columns: rows"""

FITTED, FIRST, ROUNDS = 5000, 100, 3


def containers(X: np.ndarray) -> dict[str, Any]:
    """The same rows in each."""
    import pandas as pd
    import polars as pl

    columns = {f"x{j}": column.astype(np.float64) for j, column in enumerate(X.T)}
    return {"array": X, "pandas": pd.DataFrame(columns), "polars": pl.DataFrame(columns)}


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


if __name__ == "__main__":
    answer(__doc__, "columns", TABLES, predictions)
