"""Whether uncertainty keeps its word on real tables: coverage of intervals, calibration of probabilities, plans.

    python -m benchmarks.calibration FOLDER [TABLE ...] [--part intervals|probabilities|weights|plans] [--splits 2]

FOLDER holds Parquet files, features first, ``target`` last (or ``target_0``, ``target_1``, ...). For every table and
split a quarter of at most ``--rows`` rows drawn at random is set aside (stratified for classes), or all but ``--train``
of them; models have their defaults.

intervals      the share of rows set aside that lie in their 90 % interval, its median width over y's standard deviation
probabilities  log loss and expected calibration error, as trained, calibrated, and of scikit-learn's MLP in its usual
               pipeline; "if true" is the error that the calibrated ones would show were they exactly right
weights        the calibration error with class_weight="balanced" beside that without, and the balanced accuracy
plans          the seconds that ``plan`` predicts beside those of the fit
"""

import argparse
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split

from benchmarks.tables import peer
from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.data.targets import guess_task
from wellfit.insight.calibration import quality

INTEGERS_AS_NUMBERS = ("abalone", "doctor_visits", "linnerud", "rwm5yr", "wine_quality_white")
NO_TABLES = ("airline_passengers", "daily_min_temperature", "ml_emotions", "ml_flags", "sms_spam", "trec6")
"""One column of text or dates, or several labels."""

IMBALANCED = ("mammography", "bank_marketing", "credit_default", "telco_churn", "adult", "german_credit")
PLANNED = ("adult", "abalone", "letter", "concrete")
FEWEST_OF_A_CLASS = 10
DRAWS = 20


def targets_of(frame: pd.DataFrame) -> list[str]:
    """The columns of the target."""
    return [name for name in frame.columns if name == "target" or name.startswith("target_")]


def is_regression(name: str, target: pd.DataFrame) -> bool:
    """Whether the target is numbers."""
    return name in INTEGERS_AS_NUMBERS or all(guess_task(target[c].to_numpy())[0] == "regression" for c in target)


def load(path: Path, rows: int, seed: int) -> tuple[pd.DataFrame, np.ndarray, bool]:
    """At most so many rows of a table, its target, and whether it is a regression; rare classes are dropped."""
    frame = pd.read_parquet(path)
    names = targets_of(frame)
    regression = is_regression(path.stem, frame[names])
    if not regression:
        counts = frame["target"].value_counts()
        frame = frame[frame["target"].isin(counts[counts >= FEWEST_OF_A_CLASS].index)]
    if len(frame) > rows:
        frame = frame.sample(rows, random_state=seed)
    if not regression:
        counts = frame["target"].value_counts()
        frame = frame[frame["target"].isin(counts[counts >= 5].index)]
    y = frame[names].to_numpy(float) if regression else frame["target"].astype(str).to_numpy()
    return frame.drop(columns=names), y[:, 0] if regression and len(names) == 1 else y, regression


def splits(path: Path, options: argparse.Namespace) -> Iterator[tuple]:
    """(seed, X to train, X set aside, y to train, y set aside) of each split."""
    for seed in range(options.splits):
        X, y, regression = load(path, options.rows, seed)
        train = int(options.train) if 1 <= options.train < len(y) else min(options.train, 0.75)
        yield seed, *train_test_split(X, y, train_size=train, random_state=seed, stratify=None if regression else y)


def intervals(path: Path, options: argparse.Namespace) -> list[float]:
    """Coverage and width by both methods, and the rows that the conformal one rests on."""
    found = []
    for seed, X, X_new, y, y_new in splits(path, options):
        model = NeuralRegressor(random_state=seed).fit(X, y)
        row = []
        for method in ("conformal", "distribution"):
            edges = model.predict_interval(X_new, 0.9, method=method)
            inside = (edges[..., 0] <= y_new) & (y_new <= edges[..., 1])
            row += [inside.mean(), np.median((edges[..., 1] - edges[..., 0]) / y.std(axis=0))]
        found.append([len(y), model.figures_["n"], *row])
    table = np.array(found)
    mean = table.mean(axis=0)
    error = table[:, 2].std(ddof=1) / np.sqrt(len(table)) if len(table) > 1 else np.nan
    print(
        f"{path.stem:<20} {mean[0]:>6.0f} {mean[1]:>8.0f} {mean[2]:>9.3f} ± {error:.3f} {mean[3]:>6.2f} "
        f"{mean[4]:>13.3f} {mean[5]:>6.2f}  {type(model.family_).__name__}",
        flush=True,
    )
    return list(mean[2:6])


def if_true(log_p: np.ndarray, seed: int) -> tuple[float, float]:
    """Mean and standard deviation of the calibration error of classes drawn from the probabilities themselves."""
    rng, cumulated = np.random.default_rng(seed), np.exp(log_p).cumsum(axis=1)
    drawn = [(rng.random((len(log_p), 1)) > cumulated[:, :-1]).sum(axis=1) for _ in range(DRAWS)]
    errors = [quality(log_p, y, np.ones(len(y)))["calibration_error"] for y in drawn]
    return float(np.mean(errors)), float(np.std(errors))


def probabilities(path: Path, options: argparse.Namespace) -> list[float]:
    """Log loss and calibration error as trained, calibrated, and of scikit-learn."""
    found = []
    for seed, X, X_new, y, y_new in splits(path, options):
        model = NeuralClassifier(random_state=seed).fit(X, y)
        number, w = np.searchsorted(model.classes_, y_new), np.ones(len(y_new))
        calibrated, learnt = model.predict_log_proba(X_new), model.calibration_
        model.calibration_ = None
        other = np.log(np.clip(peer(X, False, seed).fit(X, y).predict_proba(X_new), 1e-15, 1))
        figures = [quality(logs, number, w) for logs in (model.predict_log_proba(X_new), calibrated, other)]
        values = [figure[name] for name in ("log_loss", "calibration_error") for figure in figures]
        true = [number for logs in (calibrated, other) for number in if_true(logs, seed)]
        found.append([len(y), model.figures_["n"], *values, *true])
        numbers = "none" if learnt is None else f"{learnt.get('temperature', np.nan):.2f}"
    mean = np.mean(found, axis=0)
    columns = " ".join(f"{value:>11.4f}" for value in mean[2:9])
    print(f"{path.stem:<20} {mean[0]:>6.0f} {mean[1]:>8.0f} {columns}  T {numbers}", flush=True)
    return list(mean[2:])


def weights(path: Path, options: argparse.Namespace) -> list[float]:
    """Calibration error and balanced accuracy without and with balanced weights."""
    found = []
    for seed, X, X_new, y, y_new in splits(path, options):
        row = []
        for weight in (None, "balanced"):
            model = NeuralClassifier(class_weight=weight, random_state=seed).fit(X, y)
            number = np.searchsorted(model.classes_, y_new)
            error = quality(model.predict_log_proba(X_new), number, np.ones(len(y_new)))["calibration_error"]
            row += [error, balanced_accuracy_score(y_new, model.predict(X_new))]
        found.append(row)
    mean = np.mean(found, axis=0)
    errors = f"{mean[0]:>11.4f} {mean[2]:>11.4f} {mean[2] / mean[0]:>6.2f}"
    print(f"{path.stem:<20} {errors} {mean[1]:>11.3f} {mean[3]:>11.3f}", flush=True)
    return [mean[2] / mean[0]]


def plans(path: Path, options: argparse.Namespace) -> list[float]:
    """Predicted seconds beside measured ones, compiled programs being there."""
    X, y, regression = load(path, options.rows, 0)
    kind = NeuralRegressor if regression else NeuralClassifier
    settings = {"random_state": 0, "max_epochs": 20, "patience": None}
    predicted = kind(**settings).plan(X, y)
    kind(**{**settings, "max_epochs": 1}).fit(X, y)
    busy = time.process_time()
    model = kind(**settings).fit(X, y)
    cpu = (time.process_time() - busy) / min(predicted.members, 2)
    ratio = predicted.seconds / model.fit_seconds_
    seconds = f"{predicted.seconds:>9.2f} {model.fit_seconds_:>9.2f} {cpu:>9.2f}"
    print(f"{path.stem:<20} {seconds} {ratio:>6.2f} {predicted.seconds / cpu:>6.2f}", flush=True)
    return [ratio]


TABLE = f"{'table':<20}"
HEADS = {
    "intervals": f"{TABLE}   rows held out conformal          width  distribution  width  family",
    "probabilities": f"{TABLE}   rows held out   loss: raw  calibrated     sklearn "
    "   ECE: raw  calibrated     sklearn     if true",
    "weights": f"{TABLE}  ECE: plain    balanced  ratio hits: plain    balanced",
    "plans": f"{TABLE} predicted  measured       CPU  ratio of CPU",
}


def summary(part: str, found: np.ndarray) -> str:
    """What all tables together say."""
    if part == "intervals":
        right = [np.mean((found[:, j] >= 0.87) & (found[:, j] <= 0.93)) for j in (0, 2)]
        means = found[:, [0, 2]].mean(axis=0)
        return (
            f"between 87 and 93 %: conformal {right[0]:.0%}, distribution {right[1]:.0%} of {len(found)} tables; "
            f"means {means[0]:.3f}, {means[1]:.3f}"
        )
    if part == "probabilities":
        loss, error, true = found[:, :3].T, found[:, 3:6].T, found[:, 6:].T
        wrong = [np.mean(own > mean + 2 * sd) for own, mean, sd in ((error[1], *true[:2]), (error[2], *true[2:]))]
        chance = f"{wrong[0]:.0%} (scikit-learn's: {wrong[1]:.0%})"
        return (
            f"of {len(found)} tables: calibrated loss at most the raw one on {np.mean(loss[1] <= loss[0]):.0%}, below "
            f"scikit-learn's on {np.mean(loss[1] < loss[2]):.0%}; calibration error at most scikit-learn's on "
            f"{np.mean(error[1] <= error[2]):.0%}, beyond chance on {chance}; "
            f"means {' '.join(f'{mean:.4f}' for mean in found.mean(axis=0))}"
        )
    return f"largest ratio {found.max():.2f}, smallest {found.min():.2f}"


def chosen(folder: Path, part: str, asked: list[str]) -> list[Path]:
    """The tables of a part."""
    if part in ("weights", "plans"):
        names = [*(IMBALANCED if part == "weights" else PLANNED)]
        return [folder / f"{name}.parquet" for name in names if not asked or name in asked]
    found = []
    for path in sorted(folder.glob("*.parquet")):
        if path.stem in NO_TABLES or (asked and path.stem not in asked):
            continue
        frame = pd.read_parquet(path)
        if is_regression(path.stem, frame[targets_of(frame)]) == (part == "intervals"):
            found.append(path)
    return found


def main() -> None:
    parts = {"intervals": intervals, "probabilities": probabilities, "weights": weights, "plans": plans}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--part", choices=parts, action="append")
    parser.add_argument("--splits", type=int, default=2)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--train", type=float, default=0.75, help="share of the rows that train, or their number")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for part in options.part or parts:
        print(f"\n{part}\n{HEADS[part]}")
        found = []
        for path in chosen(options.folder, part, options.tables):
            try:
                found.append(parts[part](path, options))
            except ValueError as error:
                print(f"{path.stem:<20} refused: {error}", flush=True)
        if found:
            print(summary(part, np.array(found)))


if __name__ == "__main__":
    main()
