"""What matrix products in bfloat16 cost in accuracy: held-out losses of networks trained with them, on real tables.

    python -m benchmarks.precision FOLDER [TABLE ...] [--seeds 3] [--first 100]

FOLDER holds Parquet files, features first, ``target`` last. A quarter of the rows is held out (stratified for classes);
networks of (256, 256) train on the rest by XLA, with ``matmul_precision="bfloat16"`` as on an accelerator, and in
float32. Here the processor does both, so this is about accuracy, not about speed. Printed: log loss, or RMSE over the
target's standard deviation, medians over seeds, and the median ratio; last the ratios' geometric mean over tables, and
the smallest and largest of a single pair of fits.
"""

import argparse
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split

from benchmarks.tables import load, loss
from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.training import program

TABLES = (
    "covtype_20k",
    "letter",
    "adult",
    "satimage",
    "california_housing",
    "cpu_act",
    "bike_sharing_hour",
    "diamonds",
)
PRECISIONS = ("float32", "bfloat16")
SETTINGS: dict[str, Any] = {"hidden": (256, 256), "n_members": 1}


def losses(path: Path, seed: int) -> list[float]:
    """The held-out loss by each of ``PRECISIONS``, of the same rows and seed."""
    frame, target, regression = load(path)
    strata = None if regression else target
    X, X_new, y, y_new = train_test_split(frame, target, test_size=0.25, stratify=strata, random_state=seed)
    kind = NeuralRegressor if regression else NeuralClassifier
    models = (kind(**SETTINGS, matmul_precision=name, random_state=seed).fit(X, y) for name in PRECISIONS)
    return [loss(model, X_new, y_new, regression) for model in models]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("tables", nargs="*", default=TABLES)
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--first", type=int, default=100, help="the first seed")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ |= {"WELLFIT_NATIVE": "0", "WELLFIT_CACHE": "off"}  # these programs are not a processor's to keep
    program.products_of = lambda plan, dtype: plan.matmul_precision if dtype == np.float32 else "float32"
    print(f"{'table':<20} {' '.join(f'{name:>8}' for name in PRECISIONS)}  ratio", flush=True)
    ratios = []
    for table in options.tables:
        seeds = range(options.first, options.first + options.seeds)
        found = np.array([losses(options.folder / f"{table}.parquet", seed) for seed in seeds])
        ratios.append(found[:, 1] / found[:, 0])
        cells = " ".join(f"{own:>8.4f}" for own in np.median(found, axis=0))
        print(f"{table:<20} {cells} {np.median(ratios[-1]):>6.3f}", flush=True)
    mean = np.exp(np.mean([np.log(np.median(own)) for own in ratios]))
    print(f"geometric mean of ratios {mean:.3f}, single ones {np.min(ratios):.3f} to {np.max(ratios):.3f}")


if __name__ == "__main__":
    main()
