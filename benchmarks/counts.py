"""Counts: the family that "auto" chooses beside others and scikit-learn's ``PoissonRegressor``.

    python -m benchmarks.counts FOLDER [TABLE ...] [--folds 5x2] [--rows 20000] [--out FILE.csv] [--part 1/2]
    python -m benchmarks.counts --summary FILE ...

Every model is fitted to the same folds; wellfit's differ in their family alone. Two figures of the held-out rows, each
the same for all models, the smaller the better:

deviance   2 Σ (y log(y / μ) - (y - μ)) / n, Poisson's, of the predicted means μ; those below 1e-3 count as 1e-3, for
           Normal's may be negative
log score  -Σ log P(y) / n in nats; a Normal's P(y) is that of the numbers which round to y (to 0: all below 0.5), and
           no P is taken as less than 1e-300
"""

import argparse
import re
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.stats
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import mean_poisson_deviance
from sklearn.pipeline import make_pipeline

from benchmarks.folds import Ledger, figures, folds, paired, parse, read
from benchmarks.tables import encoder, part_of
from wellfit import NeuralRegressor
from wellfit.families.predictive import Mixture

TABLES = ("bike_sharing_hour", "doctor_visits", "rwm5yr")
COLUMNS = ("family", "n", "deviance", "log_score", "seconds")
FAMILIES = ("auto", "normal", "poisson", "negative_binomial")
GLM = "PoissonRegressor"
LEAST_MEAN = 1e-3
LEAST_PROBABILITY = 1e-300


def deviance(y: np.ndarray, mean: np.ndarray) -> float:
    """The mean Poisson deviance of predicted means."""
    return float(mean_poisson_deviance(y, np.maximum(mean, LEAST_MEAN)))


def probabilities(model: Any, X: Any, y: np.ndarray) -> np.ndarray:
    """P(y) (n,) by a fitted regressor's predictive distribution; of continuous ones, that of rounding to y."""
    z = model._raw(model._encoded(X))
    mixture = Mixture([family.distribution(own) for family, own in zip(model._families, z, strict=True)])
    if mixture.discrete:
        return mixture.pmf(y.reshape(-1, 1)).ravel()
    low, high = (model._target.encode(y + half).reshape(-1, 1) for half in (-0.5, 0.5))
    left, right = mixture.cdf(high) - mixture.cdf(low), mixture.sf(low) - mixture.sf(high)
    inside = np.where(mixture.cdf(low) < 0.5, left, right)  # a difference of small numbers is the exact one
    return np.where(y == 0, mixture.cdf(high).ravel(), inside.ravel())


def log_score(p: np.ndarray) -> float:
    """-mean log P(y)."""
    return float(-np.log(np.maximum(p, LEAST_PROBABILITY)).mean())


def fitted(model: str, X: pd.DataFrame, y: np.ndarray, seed: int) -> Any:
    """One of the models, fitted."""
    if model == GLM:
        return make_pipeline(encoder(X), PoissonRegressor(max_iter=1000)).fit(X, y)
    return NeuralRegressor(family=model, random_state=seed).fit(X, y)


def run(path: Path, options: argparse.Namespace, ledger: Ledger) -> None:
    """All models on all folds of a table."""
    frame = pd.read_parquet(path)
    frame = frame.sample(options.rows, random_state=0) if len(frame) > options.rows else frame
    y = frame.pop("target").to_numpy(float)
    for number, (fold, train, held) in enumerate(folds(y, *parse(options.folds), classes=False)):
        if not part_of(number, options.part):
            continue
        known: dict[str, dict[str, Any]] = {}
        for model in (*FAMILIES, GLM):
            if ledger.has(path.stem, fold, model):
                continue
            row = known.get(model) or measured(model, frame, y, train, held, number)
            known[row["family"]] = row  # what "auto" chose is the same fit by its own name
            ledger.add(table=path.stem, fold=fold, model=model, n=len(train), **row)
            text = f"deviance {row['deviance']:8.4f}  log score {row['log_score']:8.4f}  {row['seconds']:6.1f} s"
            print(f"{path.stem:<20} {fold:<5} {model:<17} {text}  {row['family']}", flush=True)


def measured(model: str, X: pd.DataFrame, y: np.ndarray, train: np.ndarray, held: np.ndarray, seed: int) -> dict:
    """The held-out figures of one fit."""
    began = time.perf_counter()
    found = fitted(model, X.iloc[train], y[train], seed)
    seconds = time.perf_counter() - began
    X, y = X.iloc[held], y[held]
    mean = found.predict(X)
    glm = model == GLM
    p = scipy.stats.poisson.pmf(y, mean) if glm else probabilities(found, X, y)
    family = "poisson" if glm else re.sub(r"(?<!^)(?=[A-Z])", "_", type(found.family_).__name__).lower()
    return {"family": family, "deviance": deviance(y, mean), "log_score": log_score(p), "seconds": round(seconds, 2)}


def summary(rows: list[dict[str, str]]) -> str:
    """Each table's means, and what "auto" chose against the others with paired standard errors."""
    lines = []
    for table in sorted({row["table"] for row in rows}):
        chosen = sorted({row["family"] for row in rows if row["table"] == table and row["model"] == "auto"})
        lines.append(f"{table}: auto chose {', '.join(chosen)}")
        for column in ("deviance", "log_score"):
            auto = figures(rows, table, "auto", column)
            for other in (*FAMILIES[1:], GLM):
                ours, theirs, difference, error = paired(auto, figures(rows, table, other, column))
                verdict = "at least as good" if difference <= 0 else "worse"
                lines.append(
                    f"  {column:<9} auto {ours:9.5f}  {other:<17} {theirs:9.5f}  "
                    f"difference {difference:+9.5f} ± {error:.5f}  {verdict}"
                )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--folds", default="5x2")
    parser.add_argument("--rows", type=int, default=20_000, help="most rows of a table")
    parser.add_argument("--out", type=Path, default=Path("bench-out/counts.csv"))
    parser.add_argument("--part", default="1/1", help="which part of the folds, such as 1/2")
    parser.add_argument("--summary", type=Path, nargs="+", help="CSV files of earlier runs: sum up, fit nothing")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.summary:
        print(summary(read(options.summary)))
        return
    if options.folder is None:
        parser.error("name the FOLDER of tables, or --summary FILE ...")
    ledger = Ledger(options.out, COLUMNS)
    for name in options.tables or TABLES:
        run(options.folder / f"{name}.parquet", options, ledger)
    print(summary(ledger.rows))


if __name__ == "__main__":
    main()
