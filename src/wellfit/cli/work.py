"""Between the command line's words and the library: targets, estimators, tables of predictions."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wellfit.core.names import look_up
from wellfit.data.splits import holdout
from wellfit.data.targets import guess_task
from wellfit.estimators.classifier import NeuralClassifier
from wellfit.estimators.regressor import NeuralRegressor
from wellfit.families.table import names

TASKS = {"classification": NeuralClassifier, "regression": NeuralRegressor}


def task_of(y: Any, task: str | None, family: str = "auto") -> tuple[str, str]:
    """The task and the sentence why."""
    if task is None and family in names("reals"):
        return "regression", f"The family {family} is for numbers: regression."
    if task is not None:
        look_up(task, TASKS, "task")
        return task, f"--task asks for {task}."
    if isinstance(y, pd.DataFrame):
        values = y.to_numpy()
        flags = values.dtype.kind in "biuf" and np.isin(values, (0, 1)).all()
        kind = "classification" if flags else "regression"
        return kind, f"{values.shape[1]} targets {'of 0 and 1: labels' if flags else 'of numbers'}: {kind}."
    return guess_task(y.to_numpy(dtype=object) if y.dtype.kind not in "biuf" else y.to_numpy())


def widths(text: str) -> Any:
    """--hidden as widths."""
    if text == "auto":
        return "auto"
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError(f"--hidden must be widths separated by commas, such as 128,64; got {text!r}.") from None


def estimator(
    kind: str, *, family: str, hidden: Any, epochs: int | None, time: float | None, members: int | None, seed: int,
    verbose: bool,
) -> Any:  # fmt: skip
    """The unfitted estimator that the options describe."""
    return TASKS[kind](
        family=family,
        hidden=hidden,
        max_epochs="auto" if epochs is None else epochs,
        max_time=time,
        n_members="auto" if members is None else members,
        random_state=seed,
        verbose=verbose,
    )


def split_test(X: Any, y: Any, kind: str, fraction: float, seed: int) -> tuple[Any, Any, Any, Any]:
    """Training rows and test rows (None without)."""
    if not fraction:
        return X, y, None, None
    labels = np.unique(y.astype(str), return_inverse=True)[1] if kind == "classification" and y.ndim == 1 else None
    train, test = holdout(len(X), fraction, np.random.default_rng([seed, 2]), classes=labels)
    return X.iloc[train], y.iloc[train], X.iloc[test], y.iloc[test]


def check_place(place: Path) -> None:
    """Make the model's folder before the work, so that a place that cannot be is said before it."""
    if place.is_dir():
        raise ValueError(f"--model {str(place)!r} is a folder; name a file in it.")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"--model {str(place)!r} cannot be made: {error.strerror}.") from None


def predictions(model: Any, frame: Any, interval: float | None) -> Any:
    """A frame of predictions: labels and probabilities, or values and their interval."""
    names = getattr(model, "target_names_", None) or ["target"]
    X = frame.drop(columns=[name for name in names if name in frame.columns])
    predicted = model.predict(X)
    columns = {}
    for j, values in enumerate(predicted.reshape(len(X), -1).T):
        columns[names[j] if j < len(names) else f"{names[0]}_{j}"] = values
    if hasattr(model, "predict_proba"):
        p = model.predict_proba(X)
        labels = model.classes_ if not isinstance(model.classes_, list) else names
        columns.update({f"p({label})": p[:, j] for j, label in enumerate(labels)})
        if interval is not None:
            raise ValueError("--interval is for numbers; the model predicts classes.")
    elif interval is not None:
        edges = model.predict_interval(X, interval).reshape(len(X), -1, 2)
        for j, name in enumerate(list(columns)):
            columns[f"{name}_low"], columns[f"{name}_high"] = edges[:, j, 0], edges[:, j, 1]
    return pd.DataFrame(columns)


def write_table(frame: Any, path: Path) -> None:
    """Write a frame as Parquet or CSV, by the name's ending."""
    if not path.parent.exists():
        raise ValueError(f"there is no folder {str(path.parent)!r} for the output.")
    if path.is_dir():
        raise ValueError(f"--output {str(path)!r} is a folder; name a CSV or Parquet file in it.")
    if path.suffix.lower() in (".parquet", ".pq"):
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)


def summary(model: Any, data: str, kind: str, why: str, place: str, tested: Any) -> dict[str, Any]:
    """The JSON of a fit."""
    return {
        "data": data,
        "task": kind,
        "family": type(model.family_).__name__,
        "figures": plain(model.figures_),
        "test": None if tested is None else plain(tested),
        "epochs": model.n_iter_,
        "best_epoch": model.best_epoch_,
        "seconds": round(model.fit_seconds_, 3),
        "status": model.status_,
        "reasons": [why, *model.reasons_],
        "history": {name: [plain(v) for v in values] for name, values in model.history_.items()},
        "model": place,
    }


def plain(value: Any) -> Any:
    """JSON-able numbers: a non-finite one becomes null."""
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    return value
