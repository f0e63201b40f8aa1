"""Wrong labels and rare classes on real tables: what robust losses, weights and the focal loss do.

    python -m benchmarks.robust FOLDER [--part labels|imbalance] [--seeds 5] [--first 100]

FOLDER holds Parquet files, features first, ``target`` last. Three tenths of the rows, drawn at random and stratified,
are set aside with their true labels. Printed are medians over seeds, each of another split and other wrong labels.

labels     40 % of one class's training labels are turned into the other's; accuracy on the true labels. The held-out
           rows that stop training and calibrate have wrong labels too: nobody knows which.
imbalance  recall and balanced accuracy of the rare class with class_weight="balanced", with the focal loss, with its α
           at the common class's share (each class then weighs the same), and with class_weight; and the calibration
           error of each over that of the plain fit
"""

import argparse
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import train_test_split

from wellfit import NeuralClassifier
from wellfit.families.focal import Focal
from wellfit.insight.calibration import quality

WRONG_LABELS = ("spambase", "kr_vs_kp")
RARE_CLASSES = ("mammography", "bank_marketing")
SHARE = 0.4
MOST_ROWS = {"labels": 2000, "imbalance": 3000}

NETWORKS: dict[str, dict[str, Any]] = {
    "linear": {"hidden": (), "learning_rate": 0.01, "n_members": 1},
    "default": {"n_members": 1},
}
LOSSES = ("cross_entropy", "probability_error", "generalized_cross_entropy")
MEANS: dict[str, dict[str, Any]] = {
    "plain": {},
    "balanced": {"class_weight": "balanced"},
    "focal": {"family": "focal"},
    "focal, α": {"family": "focal"},
    "focal, balanced": {"family": "focal", "class_weight": "balanced"},
}


def splits(path: Path, seeds: range, rows: int) -> Iterator[tuple[int, Any, Any, np.ndarray, np.ndarray]]:
    """Seed, X and X set aside, y and y set aside: 0 and 1, 1 being the rarer class."""
    frame = pd.read_parquet(path)
    target = frame.pop("target").astype(str)
    y = (target == target.value_counts().index[-1]).to_numpy().astype(int)
    for seed in seeds:
        own, new = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
        own = own[:rows]
        yield seed, frame.iloc[own], frame.iloc[new], y[own], y[new]


def labels(path: Path, seeds: range) -> None:
    """Accuracy with wrong labels of either class."""
    for network, settings in NETWORKS.items():
        for turned in (0, 1):
            found: dict[str, list[float]] = {loss: [] for loss in LOSSES}
            for seed, X, X_new, y, y_new in splits(path, seeds, MOST_ROWS["labels"]):
                wrong = (y == turned) & (np.random.default_rng(seed).random(len(y)) < SHARE)
                y_seen = np.where(wrong, 1 - y, y)
                for loss in LOSSES:
                    model = NeuralClassifier(family=loss, random_state=seed, **settings).fit(X, y_seen)
                    found[loss].append(model.score(X_new, y_new))
            median = {loss: np.median(scores) for loss, scores in found.items()}
            cells = " ".join(f"{median[loss]:>{len(loss)}.3f}" for loss in LOSSES)
            print(f"{path.stem:<16} {network:<8} {turned} -> {1 - turned} {cells}", flush=True)


def imbalance(path: Path, seeds: range) -> None:
    """Recall of the rare class, and the calibration error beside that of the plain fit."""
    found: dict[str, list[list[float]]] = {name: [] for name in MEANS}
    for seed, X, X_new, y, y_new in splits(path, seeds, MOST_ROWS["imbalance"]):
        for name, settings in MEANS.items():
            given = {**settings, "family": Focal(alpha=1 - y.mean())} if name == "focal, α" else settings
            model = NeuralClassifier(random_state=seed, n_members=1, **given).fit(X, y)
            predicted = model.predict(X_new)
            error = quality(model.predict_log_proba(X_new), y_new, np.ones(len(y_new)))["calibration_error"]
            own = [recall_score(y_new, predicted), balanced_accuracy_score(y_new, predicted), error]
            found[name].append([*own, error / found["plain"][-1][2] if name != "plain" else 1.0])
    for name, rows in found.items():
        recall, balanced, error, ratio = np.median(rows, axis=0)
        print(f"{path.stem:<16} {name:<16} {recall:>6.3f} {balanced:>8.3f} {error:>6.4f} {ratio:>5.2f}", flush=True)


HEADS = {
    "labels": f"{'table':<16} {'network':<8} labels {' '.join(LOSSES)}",
    "imbalance": f"{'table':<16} {'with':<16} recall balanced    ECE ratio",
}
PARTS = {"labels": (labels, WRONG_LABELS), "imbalance": (imbalance, RARE_CLASSES)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", choices=PARTS, action="append")
    parser.add_argument("--seeds", type=int, default=5, help="how many")
    parser.add_argument("--first", type=int, default=100, help="the first seed; settings were chosen on 0 to 2")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for part in options.part or PARTS:
        run, tables = PARTS[part]
        print(f"\n{part}\n{HEADS[part]}")
        for name in tables:
            run(options.folder / f"{name}.parquet", range(options.first, options.first + options.seeds))


if __name__ == "__main__":
    main()
