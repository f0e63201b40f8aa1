"""Between the command line's words and the library: the task, the estimator, predictions as a table, JSON."""

import math
from typing import Any

import numpy as np
import pandas as pd

from wellfit.cli.options import WrongUse
from wellfit.cli.rows import Rows
from wellfit.core.names import look_up, nearest
from wellfit.data.splits import holdout
from wellfit.data.targets import guess_task
from wellfit.estimators.classifier import NeuralClassifier
from wellfit.estimators.regressor import NeuralRegressor
from wellfit.families.table import ALIASES, FAMILIES, names
from wellfit.training.members import fresh_params
from wellfit.training.rows import shape_of

TASKS = {"classification": NeuralClassifier, "regression": NeuralRegressor}


def settings(
    *, task: str | None, family: str, hidden: str, epochs: int | None, time: float | None, members: int | None,
    seed: int, verbose: bool,
) -> dict[str, Any]:  # fmt: skip
    """The estimator's parameters that the options describe; a ``ValueError`` names the option that is wrong."""
    if task is not None:
        look_up(task, TASKS, "--task")
    if family not in ("auto", *FAMILIES, *ALIASES):
        near = nearest(family, (*FAMILIES, *ALIASES))
        hint = f"did you mean {near!r}?" if near else f"allowed are auto, {', '.join(FAMILIES)}."
        raise ValueError(f"--family {family!r} is unknown; {hint}")
    if time is not None and not (math.isfinite(time) and time > 0):
        raise ValueError(f"--time must be a number of seconds > 0, got {time}.")
    return {
        "family": family,
        "hidden": widths(hidden),
        "max_epochs": "auto" if epochs is None else epochs,
        "max_time": time,
        "n_members": "auto" if members is None else members,
        "random_state": seed,
        "verbose": verbose,
    }


def widths(text: str) -> Any:
    """--hidden as widths."""
    if text == "auto":
        return "auto"
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if all(part.isdecimal() and int(part) for part in parts):
        return tuple(map(int, parts))
    raise ValueError(f"--hidden must be widths separated by commas, such as 128,64; got {text!r}.")


def task_of(y: Any, task: str | None, family: str = "auto") -> tuple[str, str]:
    """The task and the sentence why; one sentence where y has nothing to learn."""
    kind, why = _task(y, task, family)
    if y.ndim == 1:
        values = y.nunique()
        if values == 1 < len(y):
            raise ValueError(
                f"the target {str(y.name)!r} holds only one value ({y.iloc[0]}): there is nothing to learn."
            )
        if kind == "classification" and values == len(y) > 2:
            raise ValueError(
                f"the target {str(y.name)!r} has another label in every row, so no class can be learnt; name another "
                "--target, or say --task regression if it is a number."
            )
    return kind, why


def _task(y: Any, task: str | None, family: str) -> tuple[str, str]:
    if task is not None:
        return task, f"--task asks for {task}."
    if family in names("reals") and family not in (*names("classes"), *names("flags")):
        return "regression", f"The family {family} is for numbers: regression."
    if isinstance(y, pd.DataFrame):
        values = y.to_numpy()
        flags = values.dtype.kind in "biuf" and np.isin(values, (0, 1)).all()
        kind = "classification" if flags else "regression"
        return kind, f"{values.shape[1]} targets {'of 0 and 1: labels' if flags else 'of numbers'}: {kind}."
    return guess_task(y.to_numpy(dtype=object) if y.dtype.kind not in "biuf" else y.to_numpy())


def split_test(rows: Rows, kind: str, fraction: float, seed: int) -> tuple[Rows, Rows | None]:
    """Training rows and test rows: in proportion by class, whole groups, or the latest in time."""
    if not fraction:
        return rows, None
    labels = None
    if kind == "classification" and rows.y.ndim == 1:
        labels = np.unique(rows.y.astype(str), return_inverse=True)[1]
    train, test = holdout(
        len(rows), fraction, np.random.default_rng([seed, 2]),
        classes=labels, groups=rows.groups, time=rows.times, weights=rows.weights,
    )  # fmt: skip
    return rows.at(train), rows.at(test)


def evaluated(model: Any, rows: Rows, name: str) -> dict[str, Any]:
    """The figures of a model on some rows."""
    return {"rows": name, "n": len(rows), **model.evaluate(rows.X, rows.y, rows.weights)}


def begun(estimator: Any, rows: Rows, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray, Any]:
    """Before a fit: the rows encoded, blocks (n, ...) and targets (n, ...), and parameters to start from."""
    task = estimator._prepare(rows.X, rows.y, rows.weights, None, rows.groups, rows.times)
    network, family = estimator.network_, estimator.family_
    return (
        task.x,
        task.encoded,
        fresh_params(network, family, shape_of(task.x), task.encoded, task.w, seed=seed, member=0),
    )


def drawn(there: int, n: int, seed: int) -> np.ndarray:
    """At most n row numbers of those there, at random, in order."""
    return np.sort(np.random.default_rng([seed, 4]).choice(there, min(n, there), replace=False))


def targets_of(model: Any) -> list[str]:
    """The names of the columns that the model was fitted to."""
    return list(getattr(model, "target_names_", None) or ["target"])


def features_of(model: Any, frame: Any, apart: list[str]) -> Any:
    """The frame's columns that the model may want: all but ``apart``, unless it was fitted on one of them."""
    known = set(model.feature_names or ())
    return frame.drop(columns=[name for name in apart if name in frame.columns and name not in known])


def wanted(model: Any, X: Any) -> Any:
    """The columns the model was fitted on, where the table has them all; else the model says what is wrong."""
    names = model.feature_names
    return X[names] if names is not None and set(names) <= set(X.columns) else X


def predictions(model: Any, frame: Any, keep: list[str], interval: float | None, proba: bool) -> Any:
    """A frame: the kept columns, then labels with their probability, or values with their interval."""
    classes = hasattr(model, "predict_proba")
    if classes and interval is not None:
        raise WrongUse("--interval is for numbers; the model predicts classes.")
    if proba and not classes:
        raise WrongUse("--proba is for classes; the model predicts numbers (--interval LEVEL for their spread).")
    targets = targets_of(model)
    X = features_of(model, frame, [*targets, *keep])
    predicted = np.asarray(model.predict(X))
    blocks = predicted.reshape(len(X), -1)
    if blocks.shape[1] != len(targets):
        targets = [f"{targets[0]}_{j}" for j in range(blocks.shape[1])]
    found = dict(zip(targets, blocks.T, strict=True))
    if classes:
        found |= _chances(model, X, predicted, targets, proba)
    elif interval is not None:
        edges = model.predict_interval(X, interval).reshape(len(X), -1, 2)
        for j, name in enumerate(targets):
            found |= {f"{name}_low": edges[:, j, 0], f"{name}_high": edges[:, j, 1]}
    kept = {name: frame[name].reset_index(drop=True) for name in keep}
    return pd.DataFrame(kept | {f"predicted_{name}" if name in kept else name: v for name, v in found.items()})


def _chances(model: Any, X: Any, predicted: np.ndarray, targets: list[str], proba: bool) -> dict[str, np.ndarray]:
    """The probability of every class or label, or only of the predicted class."""
    p = model.predict_proba(X)
    if isinstance(model.classes_, list):
        return {f"p({name})": p[:, j] for j, name in enumerate(targets)} if proba else {}
    if proba:
        return {f"p({label})": p[:, j] for j, label in enumerate(model.classes_)}
    return {"probability": p[np.arange(len(p)), _numbers(model.classes_, predicted)]}


def _numbers(classes: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """The place of each label among the classes, which need not be sorted."""
    order = np.argsort(classes, kind="stable")
    return order[np.searchsorted(classes, predicted, sorter=order)]


def summary(model: Any, data: str, kind: str, why: str, place: str, tested: Any) -> dict[str, Any]:
    """The JSON of a fit."""
    return {
        "data": data,
        "task": kind,
        "family": type(model.family_).__name__,
        "figures": plain(model.figures_),
        "test": plain(tested),
        "epochs": model.n_iter_,
        "best_epoch": model.best_epoch_,
        "seconds": round(model.fit_seconds_, 3),
        "status": model.status_,
        "reasons": [why, *model.reasons_],
        "history": plain(model.history_),
        "model": place,
    }


def plain(value: Any) -> Any:
    """What JSON knows: a number that is not finite, or a value that is missing, becomes null."""
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None if pd.isna(value) else str(value)
