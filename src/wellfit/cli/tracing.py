"""``wellfit trace``: a training step worked out, of the XOR walk-through or of a few rows of a table."""

import dataclasses
from typing import Annotated, Any

import typer

from wellfit.cli import options, show
from wellfit.core.names import look_up

BY_HAND = """\
XOR by hand, in two parts.

Part 1 is the walk-through of the textbooks: two inputs, three hidden units, one
output, every weight and bias 1, no activation; the row (0, 0) with target 0;
half the squared error, learning rate 0.1.
"""

WHAT_IT_SHOWS = """\
The output's delta is prediction - target = +4. Often printed is target -
prediction = -4, which climbs: to weights of 1.4 and an output of 7.28. Only the
7 numbers whose source is not 0 change: the inputs are 0, so the six weights
from them stay 1. The output falls from 4 to 1.68, half the squared error from 8
to 1.4112 (the loss has the constant 0.9189 of the normal likelihood on top).

This network never solves XOR: without an activation it is affine, and units
that start alike stay alike. Part 2 is one that can: an activation, random
weights, cross-entropy of the sigmoid of the raw output, all four rows.
"""

LEARN_RATE, LEARN_STEPS = 1.0, 1000


def trace(
    data: Annotated[
        str | None, typer.Argument(help="A table or a sample, as for fit. Default: XOR, worked out by hand.")
    ] = None,
    target: options.Target = None,
    task: Annotated[
        str | None, typer.Option(help="classification or regression. Default: by the target's values.")
    ] = None,
    family: Annotated[str, typer.Option(help="Likelihood of the target. Default: by its values.")] = "auto",
    drop: options.Drop = None,
    rows: Annotated[int, typer.Option(min=1, max=1000, help="Rows of the step, drawn at random.")] = 4,
    hidden: Annotated[
        str, typer.Option(help="Widths of the hidden layers, such as 4,3, or none for a linear model.")
    ] = "3",
    activation: Annotated[str, typer.Option(help="Of the hidden layers.")] = "tanh",
    optimizer: Annotated[str, typer.Option(help="sgd, momentum, adam, lbfgs, ...")] = "sgd",
    learning_rate: Annotated[float | None, typer.Option(help="Default: the optimizer's own; 1 for sgd on XOR.")] = None,
    l2: Annotated[float | None, typer.Option(min=0, help="The prior on weights, as in fit.")] = None,
    steps: Annotated[int, typer.Option(min=1, max=1000, help="Steps to work out.")] = 1,
    seed: options.Seed = 0,
    delimiter: options.Delimiter = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    json: options.Json = False,
) -> None:
    """Work out a training step: every z, h, loss, delta, gradient and updated weight.

    All rows are in the step, and the update is the training program's own. Columns of a table are encoded as in fit.
    """
    from wellfit.layers.parametric import ACTIVATION_NAMES

    with options.of_options():
        widths = _widths(hidden)
        look_up(activation, dict.fromkeys(ACTIVATION_NAMES), "--activation")
        method = {"optimizer": _method(optimizer, learning_rate), "l2": l2, "steps": steps, "seed": seed}
    width = min(show.console(json).width, 120)
    if data is None:
        if target or task or drop or family != "auto":
            raise options.WrongUse("--target, --task, --family and --drop are about a table: name one.")
        if learning_rate is None and optimizer == "sgd":
            method["optimizer"] = _method(optimizer, LEARN_RATE)
        _xor(widths, activation, method, width, json)
        return
    from wellfit.cli import rows as tables
    from wellfit.cli import work
    from wellfit.data.layout import TextFormat
    from wellfit.insight.trace import trace as work_out
    from wellfit.networks.presets import MLP

    with options.of_options():
        text = TextFormat(delimiter, decimal, encoding)
        roles = tables.Roles(target, drop=drop)
        parameters = work.settings(
            task=task, family=family, hidden="auto", epochs=1, time=None, members=1, seed=seed, verbose=False
        )
    table = tables.read_rows(data, text, roles)
    kind, why = work.task_of(table.y, task, family)
    estimator = work.TASKS[kind](**parameters)
    estimator.set_params(network=MLP(widths, activation), early_stopping=False)
    x, y, start = work.begun(estimator, table, seed)
    index = work.drawn(len(table), rows, seed)
    found = work_out(
        estimator.network_,
        estimator.family_,
        {name: block[index] for name, block in x.items()},
        y[index],
        start,
        **method,
    )
    if json:
        show.as_json(work.plain({"data": data, "task": kind, "rows": index, **found.to_dict()}))
        return
    show.heading(show.console(json), table.about, len(index), len(table), why)
    typer.echo(f"Row{'s' if len(index) > 1 else ''} {', '.join(map(str, index))}, columns encoded as in fit.\n")
    typer.echo(found.table(width), nl=False)


def _xor(hidden: tuple[int, ...], activation: str, method: dict[str, Any], width: int, json: bool) -> None:
    """The walk-through put right, then a network that solves XOR, and what it says once it has learnt."""
    from wellfit.cli import work
    from wellfit.insight import walk_through

    one = walk_through.by_hand()
    network = walk_through.network(hidden, activation)
    two = walk_through.on_all_rows(network, **method)
    learnt = walk_through.learnt(network, LEARN_STEPS, method["optimizer"], method["l2"], method["seed"])
    if json:
        show.as_json(work.plain({"by_hand": one.to_dict(), "network": two.to_dict(), "steps": LEARN_STEPS,
                                 "probabilities": learnt}))  # fmt: skip
        return
    typer.echo(f"{BY_HAND}\n{one.table(width)}\n{WHAT_IT_SHOWS}\n{two.table(width)}")
    right = "solved" if ((learnt > 0.5) == walk_through.XOR_Y).all() else "not solved from this start"
    p = ", ".join(f"{value:.3f}" for value in learnt)
    typer.echo(f"After {LEARN_STEPS} steps the probabilities of 1 are {p}: {right}.")


def _widths(hidden: str) -> tuple[int, ...]:
    from wellfit.cli import work

    if hidden == "auto":
        raise ValueError("--hidden must be widths separated by commas, such as 4,3, or none; got 'auto'.")
    return () if hidden == "none" else work.widths(hidden)


def _method(name: str, learning_rate: float | None) -> Any:
    """The optimizer with its learning rate; a ``ValueError`` names what is wrong."""
    from wellfit.optimizers.table import OPTIMIZERS, resolve

    method = look_up(name, OPTIMIZERS, "--optimizer")()
    return resolve(method if learning_rate is None else dataclasses.replace(method, learning_rate=learning_rate))  # type: ignore[type-var]
