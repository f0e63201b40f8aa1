"""``wellfit fit``: from a table to a saved model, or with ``--plan`` to what that would be."""

from pathlib import Path
from typing import Annotated

import typer

from wellfit.cli import options, show

INTERRUPTED = 130


def fit(
    data: options.Data,
    target: options.Target = None,
    task: options.Task = None,
    family: options.Family = "auto",
    weight_column: options.WeightColumn = None,
    group_column: options.GroupColumn = None,
    time_column: options.TimeColumn = None,
    drop: options.Drop = None,
    sample: options.Sample = None,
    test: options.Test = 0.0,
    hidden: options.Hidden = "auto",
    epochs: Annotated[int | None, typer.Option(min=1, help="Most passes over the training rows.")] = None,
    time: Annotated[float | None, typer.Option(help="Most seconds of training.")] = None,
    members: Annotated[int | None, typer.Option(min=1, help="Networks to train and average.")] = None,
    seed: options.Seed = 0,
    delimiter: options.Delimiter = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    model: Annotated[
        Path | None, typer.Option(help="Where to save the model. Default: DATA's name with .wellfit.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Print what would be chosen and what it costs; fit nothing.")] = (
        False
    ),
    json: options.Json = False,
) -> int:
    """Fit a network to a table, say how good it is and why, save it."""
    from wellfit.cli import places, rows, work
    from wellfit.data.layout import TextFormat

    with options.of_options():
        text = TextFormat(delimiter, decimal, encoding)
        roles = rows.Roles(target, weight_column, group_column, time_column, drop)
        parameters = work.settings(
            task=task, family=family, hidden=hidden, epochs=epochs, time=time, members=members, seed=seed,
            verbose=not json,
        )  # fmt: skip
        options.check_test(test)
    place = model or Path("model.wellfit" if data == "-" else Path(data).name.split(".")[0] + ".wellfit")
    if not plan:
        places.check_model(place, data)
    table = rows.read_rows(data, text, roles)
    chosen = table.sample(sample, seed)
    kind, why = work.task_of(chosen.y, task, family)
    estimator = work.TASKS[kind](**parameters)
    console = show.console(json)
    if not json:
        show.heading(console, table.about, len(chosen), len(table), why)
    train, held = work.split_test(chosen, kind, test, seed)
    given = {"sample_weight": train.weights, "groups": train.groups, "time": train.times}
    if plan:
        found = estimator.plan(train.X, train.y, **given)
        if json:
            show.as_json(work.plain({"data": data, "task": kind, **found.to_dict(), "reasons": [why, *found.reasons]}))
        else:
            show.plan(console, found)
        return 0
    estimator.fit(train.X, train.y, **given)
    estimator.target_names_ = list(train.y.columns) if train.y.ndim > 1 else [train.y.name]
    estimator.save(place)
    tested = None if held is None else work.evaluated(estimator, held, "test")
    if json:
        show.as_json(work.summary(estimator, data, kind, why, str(place), tested))
    else:
        show.fitted(console, estimator, place, tested)
    return INTERRUPTED if estimator.status_ == "interrupted" else 0
