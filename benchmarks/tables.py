"""Accuracy on real tables: wellfit with its defaults beside scikit-learn's MLP in its usual pipeline.

    python -m benchmarks.tables FOLDER [TABLE ...] [--seeds 3]
    python -m benchmarks.tables FOLDER [TABLE ...] --folds 5x2 [--rows 10000] [--out bench-out/tables.csv] [--part 1/4]
    python -m benchmarks.tables --summary FILE ...

FOLDER holds Parquet files, features first, ``target`` last. Without ``--folds``, for every table and seed a quarter of
the rows is held out (stratified for classes); both fit the rest, one after the other in the same process. Printed: log
loss, or RMSE over the target's standard deviation, their ratio, and the seconds of each.

With ``--folds 5x2`` both fit the same five times two folds. Every (table, fold, model) is one CSV line with

loss      log loss, or RMSE over the target's standard deviation
deviance  2 log loss; Poisson's for counts (means below 1e-3 count as 1e-3); squared error over the variance for others
ece       expected calibration error, of classes only

and a run that was stopped goes on where it was; ``--part 2/4`` does a quarter of the work. At the end, and by
``--summary`` of the parts' files: the share of tables with a smaller loss, those worse by more than 5 % and more than
two paired standard errors, and the share with a calibration error of at most scikit-learn's. Regression targets stay in
their units for wellfit, so that it sees counts as counts; scikit-learn's MLP, which would miss such scales, gets them
standardised.
"""

import argparse
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.metrics import log_loss, mean_poisson_deviance, root_mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from benchmarks.folds import Ledger, figures, folds, paired, parse, read
from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.data.targets import guess_task
from wellfit.insight.calibration import quality

MOST_ROWS = 10_000
INTEGERS_AS_NUMBERS = ("wine_quality_white", "doctor_visits", "abalone", "rwm5yr")
COLUMNS = ("task", "n", "loss", "deviance", "ece", "seconds")
MODELS = ("wellfit", "scikit-learn")
LEAST_MEAN = 1e-3


def load(
    path: Path, rows: int = MOST_ROWS, standardised: bool = True, fewest: int = 5
) -> tuple[pd.DataFrame, np.ndarray, bool]:
    """A table of at most so many rows, its target, and whether it is a regression; rare classes are dropped."""
    frame = pd.read_parquet(path)
    target = frame.pop("target")
    regression = path.stem in INTEGERS_AS_NUMBERS or guess_task(target.to_numpy())[0] == "regression"
    if len(frame) > rows:
        frame = frame.sample(rows, random_state=0)
        target = target.loc[frame.index]
    if regression:
        target = target.astype(float)
        return frame, ((target - target.mean()) / target.std() if standardised else target).to_numpy(), True
    counts = target.value_counts()
    keep = target.isin(counts[counts >= fewest].index).to_numpy()
    return frame[keep], target[keep].astype(str).to_numpy(), False


def encoder(frame: pd.DataFrame) -> ColumnTransformer:
    """scikit-learn's usual one: impute and scale numbers, one-hot the rest."""
    numeric = list(frame.select_dtypes("number").columns)
    other = [name for name in frame.columns if name not in numeric]
    return make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), numeric),
        (OneHotEncoder(handle_unknown="ignore", min_frequency=2, sparse_output=False), other),
    )


def peer(frame: pd.DataFrame, regression: bool, seed: int):
    """scikit-learn's MLP with its defaults: impute, scale, one-hot."""
    return make_pipeline(encoder(frame), (MLPRegressor if regression else MLPClassifier)(random_state=seed))


def loss(model, X, y, regression: bool) -> float:
    """Log loss or RMSE on held-out rows."""
    if regression:
        return float(root_mean_squared_error(y, model.predict(X)))
    return float(log_loss(y, model.predict_proba(X), labels=model.classes_))


# -- repeated folds ----------------------------------------------------------------------------------------------------


def part_of(number: int, part: str) -> bool:
    """Whether the piece of work with this number belongs to part "2/4"."""
    own, parts = (int(value) for value in part.split("/"))
    if not 1 <= own <= parts:
        raise ValueError(f"--part {part} must be between 1/{parts} and {parts}/{parts}.")
    return number % parts == own - 1


def no_table(path: Path) -> str:
    """Why a file is no table with one target, or nothing."""
    frame = pd.read_parquet(path)
    if "target" not in frame:
        return "no column named target"
    features = frame.drop(columns="target")
    lone = features.shape[1] < 2 and features.select_dtypes("number").empty
    return "a single column of text or dates" if lone else ""


def figures_of(model: Any, X: Any, y: np.ndarray, regression: bool, spread: float, counts: bool) -> dict[str, float]:
    """loss, deviance and, of classes, ece on held-out rows."""
    if not regression:
        logs = np.log(np.clip(model.predict_proba(X), 1e-15, 1))
        found = quality(logs, np.searchsorted(model.classes_, y), np.ones(len(y)))
        return {"loss": found["log_loss"], "deviance": 2 * found["log_loss"], "ece": found["calibration_error"]}
    predicted = np.ravel(model.predict(X))
    error = float(root_mean_squared_error(y, predicted)) / spread
    poisson = mean_poisson_deviance(y, np.maximum(predicted, LEAST_MEAN)) if counts else error**2
    return {"loss": error, "deviance": float(poisson)}


def fitted(model: str, X: pd.DataFrame, y: np.ndarray, regression: bool, seed: int) -> Any:
    """One of the two, fitted."""
    if model == "wellfit":
        return (NeuralRegressor if regression else NeuralClassifier)(random_state=seed).fit(X, y)
    other = peer(X, regression, seed)
    return (TransformedTargetRegressor(other, transformer=StandardScaler()) if regression else other).fit(X, y)


def run(path: Path, options: argparse.Namespace, ledger: Ledger, done: int) -> int:
    """Both models on the folds of a table that are this part's; the number of folds up to here."""
    repeats, parts = parse(options.folds)
    X, y, regression = load(path, options.rows, standardised=False, fewest=max(5, parts))
    counts = regression and bool((y >= 0).all() and (y == np.round(y)).all())
    task = "counts" if counts else "regression" if regression else "classification"
    for number, (fold, train, held) in enumerate(folds(y, repeats, parts, classes=not regression), start=done):
        for model in MODELS:
            if not part_of(number, options.part) or ledger.has(path.stem, fold, model):
                continue
            began = time.perf_counter()
            found = fitted(model, X.iloc[train], y[train], regression, number - done)
            seconds = time.perf_counter() - began
            spread = float(np.std(y)) if regression else 1.0
            row = figures_of(found, X.iloc[held], y[held], regression, spread, counts)
            ledger.add(
                table=path.stem, fold=fold, model=model, task=task, n=len(train), seconds=round(seconds, 3), **row
            )
            ece = f"  ece {row['ece']:.4f}" if "ece" in row else ""
            print(f"{path.stem:<20} {fold:<5} {model:<13} loss {row['loss']:8.4f}  {seconds:7.2f} s{ece}", flush=True)
    return done + repeats * parts


def summary(rows: list[dict[str, str]]) -> str:
    """Tables one by one, and the three shares."""
    heads = ("wellfit", "sklearn", "ratio", "±", "deviance", "sklearn")
    lines = [f"{'table':<20} " + " ".join(f"{head:>9}" for head in heads) + "   ECE: ours, theirs"]
    better, worse, calibrated = [], [], []
    for table in sorted({row["table"] for row in rows}):
        own, other = (
            {column: figures(rows, table, model, column) for column in ("loss", "deviance", "ece")} for model in MODELS
        )
        ours, theirs, difference, error = paired(own["loss"], other["loss"])
        if np.isnan(ours):
            continue
        better.append(ours < theirs)
        if ours > 1.05 * theirs and difference > 2 * error:
            worse.append(table)
        deviances, calibration = paired(own["deviance"], other["deviance"]), paired(own["ece"], other["ece"])
        text = f"{table:<20} {ours:9.4f} {theirs:9.4f} {ours / theirs:9.3f} {error / theirs:9.3f} "
        text += f"{deviances[0]:9.4f} {deviances[1]:9.4f}"
        if not np.isnan(calibration[0]):
            calibrated.append(calibration[0] <= calibration[1])
            text += f"    {calibration[0]:.4f} {calibration[1]:.4f}"
        lines.append(text)
    if better:
        lines.append(
            f"smaller loss on {np.mean(better):.0%} of {len(better)} tables; worse by more than 5 % and two paired "
            f"standard errors: {', '.join(worse) or 'none'}"
        )
    if calibrated:
        lines.append(
            f"calibration error at most scikit-learn's on {np.mean(calibrated):.0%} of {len(calibrated)} tables"
        )
    return "\n".join(lines)


def over_folds(options: argparse.Namespace) -> None:
    """Repeated folds over the tables, and the summary."""
    ledger, done = Ledger(options.out, COLUMNS), 0
    names = options.tables or sorted(path.stem for path in options.folder.glob("*.parquet"))
    for name in names:
        path = options.folder / f"{name}.parquet"
        why = no_table(path)
        if why:
            print(f"{name:<20} left out: {why}", flush=True)
        else:
            done = run(path, options, ledger, done)
    print(summary(ledger.rows))


# -- one split a seed --------------------------------------------------------------------------------------------------


def over_seeds(options: argparse.Namespace) -> None:
    """A quarter held out for each seed; medians over seeds."""
    names = options.tables or sorted(path.stem for path in options.folder.glob("*.parquet"))
    print(f"{'table':<20} {'n':>6} {'wellfit':>9} {'sklearn':>9} {'ratio':>6} {'wellfit s':>9} {'sklearn s':>9}")
    for name in names:
        path = options.folder / f"{name}.parquet"
        if no_table(path):
            continue
        X, y, regression = load(path)
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--peer", default="on", choices=["on", "off"])
    parser.add_argument("--folds", help="repeats x folds, such as 5x2")
    parser.add_argument("--rows", type=int, default=MOST_ROWS, help="most rows of a table, with --folds")
    parser.add_argument("--out", type=Path, default=Path("bench-out/tables.csv"), help="the CSV file, with --folds")
    parser.add_argument("--part", default="1/1", help="which part of the folds, such as 1/4")
    parser.add_argument("--summary", type=Path, nargs="+", help="CSV files of earlier runs: sum up, fit nothing")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.summary:
        print(summary(read(options.summary)))
    elif options.folder is None:
        parser.error("name the FOLDER of tables, or --summary FILE ...")
    elif options.folds:
        over_folds(options)
    else:
        over_seeds(options)


if __name__ == "__main__":
    main()
