"""``MLPClassifier`` and ``MLPRegressor`` beside scikit-learn's of the same names: same pipeline, parameters, seeds.

    python -m benchmarks.mlp FOLDER [TABLE ...] [--seeds 5] [--rows 5000] [--parameters '{"solver": "sgd"}']

For every table and seed a quarter of the rows is held out, the rest is imputed, scaled and one-hot encoded once, and
both are fitted in turn in the same process. Printed: mean held-out log loss or RMSE and its standard error, the
seconds of our first fit (which compiles) and the medians of later fits, and their ratio.
"""

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
import sklearn.neural_network
from sklearn.model_selection import train_test_split

import wellfit
from benchmarks.tables import load, loss, peer
from wellfit.training.programs import compilations

TABLES = (
    "spambase", "kr_vs_kp", "phoneme", "titanic", "german_credit", "segment", "vowel", "page_blocks", "abalone",
    "concrete",
)  # fmt: skip


def measured(model, X, y, held) -> tuple[float, float]:
    """Held-out loss and the seconds of the fit."""
    began = time.perf_counter()
    model.fit(X, y)
    seconds = time.perf_counter() - began
    return loss(model, *held, isinstance(model, sklearn.base.RegressorMixin)), seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("tables", nargs="*", default=TABLES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=5000, help="most rows of a table")
    parser.add_argument("--parameters", type=json.loads, default={}, help="of both, as JSON")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{'table':<16} {'n':>6} {'d':>4} {'wellfit':>17} {'sklearn':>17} {'epochs':>9} {'first s':>8} "
        f"{'later s':>8} {'sklearn s':>9} {'times':>6} compiled"
    )
    totals = np.zeros(2)
    for name in options.tables or TABLES:
        X, y, regression = load(options.folder / f"{name}.parquet")
        chosen = np.random.default_rng(0).permutation(len(y))[: options.rows]
        X, y = X.iloc[chosen], y[chosen]
        kind = "MLPRegressor" if regression else "MLPClassifier"
        found, first, before, epochs = [], 0.0, compilations(), []
        for seed in range(options.seeds):
            parts = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=None if regression else y)
            encode = peer(X, regression, seed)[0].fit(parts[0])
            train, held = encode.transform(parts[0]), (encode.transform(parts[1]), parts[3])
            row = []
            for library in (wellfit, sklearn.neural_network):
                model = getattr(library, kind)(random_state=seed, **options.parameters)
                if library is wellfit and not seed:
                    first = measured(model, train, parts[2], held)[1]
                row.append(measured(model, train, parts[2], held))
                epochs.append(model.n_iter_)
            found.append(row)
        losses, seconds = np.array(found)[..., 0], np.median(np.array(found)[..., 1], axis=0)
        totals += np.array(found)[..., 1].sum(axis=0)
        texts = [f"{own.mean():.4f} ± {own.std(ddof=1) / np.sqrt(len(own)):.4f}" for own in losses.T]
        print(
            f"{name:<16} {len(train):>6} {train.shape[1]:>4} {texts[0]:>17} {texts[1]:>17} "
            f"{np.mean(epochs[::2]):>4.0f}/{np.mean(epochs[1::2]):<4.0f} {first:>8.2f} {seconds[0]:>8.3f} "
            f"{seconds[1]:>9.3f} {seconds[1] / seconds[0]:>6.2f} {compilations() - before:>8}",
            flush=True,
        )
    print(f"{'total seconds of later fits':<79} {totals[0]:>8.2f} {totals[1]:>9.2f} {totals[1] / totals[0]:>6.2f}")


if __name__ == "__main__":
    main()
