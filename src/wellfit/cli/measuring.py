"""``wellfit evaluate`` and ``wellfit explain``: a saved model on rows whose target is known."""

from pathlib import Path
from typing import Annotated

import typer

from wellfit.cli import options, show

FEW_ROWS = 2000
"""As many rows as ``explain`` asks about unless told otherwise: a permutation's spread is small by then."""

GRID = 8


def evaluate(
    data: options.Data,
    model: options.ModelFile,
    target: options.Target = None,
    weight_column: options.WeightColumn = None,
    delimiter: options.Delimiter = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    json: options.Json = False,
) -> None:
    """Measure a saved model on the rows of a table."""
    from wellfit.cli import rows, work
    from wellfit.data.layout import TextFormat
    from wellfit.estimators.files import load

    with options.of_options():
        text = TextFormat(delimiter, decimal, encoding)
    loaded = load(model)
    roles = rows.Roles(target or ",".join(work.targets_of(loaded)), weight_column)
    table = rows.read_rows(data, text, roles)
    found = work.evaluated(loaded, table, "given")
    if json:
        show.as_json({"data": data, "model": str(model), "figures": work.plain(found)})
    else:
        console = show.console(json)
        show.heading(console, table.about, len(table), len(table))
        show.figures(console, [found])


def explain(
    model: Annotated[Path, typer.Argument(help="The model file.")],
    data: options.Data,
    target: options.Target = None,
    weight_column: options.WeightColumn = None,
    top: Annotated[int, typer.Option(min=0, help="For so many columns, how the prediction depends on them.")] = 3,
    repeats: Annotated[int, typer.Option(min=1, help="Permutations of each column.")] = 5,
    sample: Annotated[int, typer.Option(min=1, help="Ask about at most so many rows, drawn at random.")] = FEW_ROWS,
    seed: options.Seed = 0,
    delimiter: options.Delimiter = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    json: options.Json = False,
) -> None:
    """Say which columns a saved model needs and how it uses them.

    A column matters as much as the loss grows when its values change places between rows. Give rows that the fit has
    not seen: on its own rows a network also needs what it has learnt by heart.
    """
    from wellfit.cli import rows, work
    from wellfit.data.layout import TextFormat
    from wellfit.estimators.files import load
    from wellfit.insight.importance import partial_dependence, permutation_importance

    with options.of_options():
        text = TextFormat(delimiter, decimal, encoding)
    loaded = load(model)
    roles = rows.Roles(target or ",".join(work.targets_of(loaded)), weight_column)
    table = rows.read_rows(data, text, roles)
    asked = table.sample(sample, seed)
    X = work.wanted(loaded, asked.X)
    with show.busy("asking the model ...") as say:
        found = permutation_importance(
            loaded, X, asked.y, repeats, seed, asked.weights,
            watch=lambda done, of: say(f"asking the model: column {done} of {of} ..."),
        )  # fmt: skip
        first = [found.columns[j] for j in found.order[:top]]
        curves = [partial_dependence(loaded, X, name, GRID, asked.weights) for name in first]
    if json:
        columns = [{"column": found.columns[j], "mean": found.mean[j], "std": found.std[j]} for j in found.order]
        dependence = [vars(curve) for curve in curves]
        about = {"data": data, "model": str(model), "rows": len(asked), "loss": found.baseline}
        show.as_json(work.plain({**about, "importance": columns, "dependence": dependence}))
    else:
        console = show.console(json)
        show.heading(console, table.about, len(asked), len(table))
        show.importance(console, found)
        show.dependence(console, curves, hasattr(loaded, "predict_proba"))
