"""Accuracy on real tables: wellfit with its defaults beside scikit-learn's MLP in its usual pipeline.

    python -m benchmarks.tables FOLDER [TABLE ...] [--seeds 3]

FOLDER holds Parquet files, features first, ``target`` last. For every table and seed a quarter of the rows is held out
(stratified for classes); both fit the rest, one after the other in the same process. Printed: log loss, or RMSE
over the target's standard deviation, their ratio, and the seconds of each.
"""

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.data.targets import guess_task

MOST_ROWS = 10_000


def load(path: Path) -> tuple[pd.DataFrame, np.ndarray, bool]:
    """A table of at most 10,000 rows, its target, and whether it is a regression; rare classes are dropped."""
    frame = pd.read_parquet(path)
    target = frame.pop("target")
    regression = guess_task(target.to_numpy())[0] == "regression"
    if path.stem in ("wine_quality_white", "doctor_visits", "abalone"):
        regression = True
    if len(frame) > MOST_ROWS:
        frame = frame.sample(MOST_ROWS, random_state=0)
        target = target.loc[frame.index]
    if regression:
        target = target.astype(float)
        return frame, ((target - target.mean()) / target.std()).to_numpy(), True
    counts = target.value_counts()
    keep = target.isin(counts[counts >= 5].index).to_numpy()
    return frame[keep], target[keep].astype(str).to_numpy(), False


def peer(frame: pd.DataFrame, regression: bool, seed: int):
    """scikit-learn's MLP with its defaults: impute, scale, one-hot."""
    numeric = list(frame.select_dtypes("number").columns)
    other = [name for name in frame.columns if name not in numeric]
    encode = make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numeric),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=2, sparse_output=False), other),
    )
    return make_pipeline(encode, (MLPRegressor if regression else MLPClassifier)(random_state=seed))


def loss(model, X, y, regression: bool) -> float:
    """Log loss or RMSE on held-out rows."""
    if regression:
        return float(root_mean_squared_error(y, model.predict(X)))
    return float(log_loss(y, model.predict_proba(X), labels=model.classes_))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--peer", default="on", choices=["on", "off"])
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    names = options.tables or sorted(path.stem for path in options.folder.glob("*.parquet"))
    print(f"{'table':<20} {'n':>6} {'wellfit':>9} {'sklearn':>9} {'ratio':>6} {'wellfit s':>9} {'sklearn s':>9}")
    for name in names:
        X, y, regression = load(options.folder / f"{name}.parquet")
        rows = []
        for seed in range(options.seeds):
            stratify = None if regression else y
            parts = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=stratify)
            ours = (NeuralRegressor if regression else NeuralClassifier)(random_state=seed)
            row = []
            for model in [ours] + ([peer(X, regression, seed)] if options.peer == "on" else []):
                began = time.perf_counter()
                model.fit(parts[0], parts[2])
                seconds = time.perf_counter() - began
                row.append((loss(model, parts[1], parts[3], regression), seconds))
            rows.append(row)
        found = np.median(np.array(rows), axis=0)
        text = f"{name:<20} {len(parts[0]):>6} {found[0, 0]:>9.4f}"
        if options.peer == "on":
            ratio = found[0, 0] / found[1, 0]
            text += f" {found[1, 0]:>9.4f} {ratio:>6.3f} {found[0, 1]:>9.2f} {found[1, 1]:>9.2f}"
        else:
            text += f" {'':>9} {'':>6} {found[0, 1]:>9.2f}"
        print(text, f"  epochs {ours.n_iter_} best {ours.best_epoch_}", flush=True)


if __name__ == "__main__":
    main()
