"""``wellfit show boundary`` and ``show calibration``: what a classifier decides, and whether its chances hold."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any

import typer

from wellfit.cli import options
from wellfit.cli.delivery import Output, deliver, loaded_from, place_of

Model = Annotated[
    Path | None, typer.Argument(help="A model file. Default: a small network fitted to two moons, 800 rows drawn here.")
]
Data = Annotated[
    str | None, typer.Argument(help="The rows to show it on, a table or a sample as for fit; a model needs them.")
]

MOONS = 800
"""Rows drawn: a network learns from half of them, the others it has not seen."""


def boundary(
    model: Model = None,
    data: Data = None,
    target: options.Target = None,
    sample: Annotated[int, typer.Option(min=1, help="Draw at most so many rows, at random.")] = 400,
    seed: options.Seed = 0,
    output: Output = None,
    json: options.Json = False,
) -> None:
    """Where a classifier of two columns decides otherwise, and how sure it is on either side."""
    from wellfit.plots.boundaries import decision_boundary

    place, fitted, rows = _asked("boundary", model, data, target, seed, output)
    if rows.X.shape[1] != 2:
        raise ValueError(
            f"show boundary needs a classifier of two columns, and this one has {rows.X.shape[1]}; fit one with --drop "
            "for the others."
        )
    rows = rows.sample(sample, seed)
    X, y = rows.X, rows.y.to_numpy()
    right = fitted.predict(X) == y
    sure = fitted.predict_proba(X).max(axis=1)
    own = [y == label for label in fitted.classes_]
    told = {
        "class": [str(label) for label in fitted.classes_],
        "rows": [int(of.sum()) for of in own],
        "right": [float(right[of].mean()) if of.any() else float("nan") for of in own],
        "sure": [float(sure[of].mean()) if of.any() else float("nan") for of in own],
    }
    deliver(
        {"columns": list(X.columns), "rows": len(y), "accuracy": right.mean(), "classes": told},
        f"{rows.about}. Of {len(y):,} rows {right.mean():.1%} are on their side of the boundary; by class the share "
        "that is, and the mean probability of the class that is predicted:",
        told, place, json, lambda ax: decision_boundary(fitted, X, y, ax), high=4.6,
    )  # fmt: skip


def calibration(
    model: Model = None,
    data: Data = None,
    target: options.Target = None,
    bins: Annotated[int, typer.Option(min=1, help="Bins of equally many rows.")] = 10,
    seed: options.Seed = 0,
    output: Output = None,
    json: options.Json = False,
) -> None:
    """Whether a classifier's probabilities come true, bin by bin; give rows that the fit has not seen."""
    from wellfit.plots.reliability import calibration as draw
    from wellfit.plots.reliability import reliability

    place, fitted, rows = _asked("calibration", model, data, target, seed, output)
    X, y = rows.X, rows.y.to_numpy()
    found = reliability(fitted, X, y, bins)
    deliver(
        vars(found),
        f"{rows.about}. The share that came true of the probability of {found.event}, with its 95 % interval; the "
        f"calibration error is {found.error:.4f}:",
        {"rows": found.rows, "said": found.said, "came true": found.happened, "from": found.low, "to": found.high},
        place, json, lambda ax: draw(fitted, X, y, ax, bins=bins), inches=4.8, high=4.4,
    )  # fmt: skip


def _asked(
    name: str, model: Path | None, data: str | None, target: str | None, seed: int, output: Path | None
) -> tuple[Path, Any, Any]:
    """Where the picture goes, a fitted classifier of one target, and the rows it is asked about."""
    place = place_of(output, f"{'moons' if model is None else model.stem}-{name}")
    fitted, rows = _moons(seed) if model is None else _given(model, data, target)
    if not hasattr(fitted, "classes_") or isinstance(fitted.classes_, list):
        raise ValueError(f"show {name} needs a classifier of one target, got {type(fitted).__name__}.")
    return place, fitted, rows


def _given(model: Path, data: str | None, target: str | None) -> tuple[Any, Any]:
    """The model of a file, and the rows of a table."""
    if data is None:
        raise options.WrongUse(f"the rows to show {str(model)!r} on are missing: name a table after the model.")
    from wellfit.cli import rows, work
    from wellfit.data.layout import TextFormat

    fitted = loaded_from(model)
    table = rows.read_rows(data, TextFormat(None, None, None), rows.Roles(target or ",".join(work.targets_of(fitted))))
    return fitted, dataclasses.replace(table, X=work.wanted(fitted, table.X))


def _moons(seed: int) -> tuple[Any, Any]:
    """A small classifier of two moons, and the half of the rows that it has not seen."""
    import pandas as pd
    from sklearn.datasets import make_moons

    from wellfit.cli.rows import Rows
    from wellfit.estimators.classifier import NeuralClassifier

    points, y = make_moons(MOONS, noise=0.25, random_state=seed)
    X, half = pd.DataFrame(points, columns=["x0", "x1"]), MOONS // 2
    fitted = NeuralClassifier(hidden=(32, 32), learning_rate=0.01, max_epochs=100, n_members=1, random_state=seed)
    fitted.fit(X[:half], y[:half])
    about = f"Two moons, two layers of 32 units, {half} rows that the fit has not seen"
    return fitted, Rows(about, X[half:], pd.Series(y[half:]))
