"""The command line: one command, one function; the work is the library's, here it is read, called and printed.

Nothing heavy is imported before a command runs: ``wellfit --help`` needs neither JAX nor scikit-learn.
"""

import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from wellfit.core.errors import MissingExtraError
from wellfit.core.extras import need

need("typer", "cli", "the command line")
need("rich", "cli", "the command line")

import typer  # noqa: E402

from wellfit.cli import cache, show  # noqa: E402

# click's class, or that of the copy which later versions of typer carry inside
UsageError: Any = typer.BadParameter.__mro__[1]

app = typer.Typer(
    help="Neural networks for tables: say what the target is, get a fitted network, its figures and the reasons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(cache.app, name="cache")

Data = Annotated[
    str,
    typer.Argument(help="A CSV, Parquet or NPZ file, or a sample: digits, iris, wine, breast_cancer, diabetes."),
]
Target = Annotated[str | None, typer.Option(help="The target's column (several: a,b). Default: target.")]
ModelFile = Annotated[Path, typer.Option(help="The model file.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


@app.command()
def fit(
    data: Data,
    target: Target = None,
    task: Annotated[
        str | None, typer.Option(help="classification or regression. Default: by the target's values.")
    ] = None,
    family: Annotated[
        str,
        typer.Option(help="Likelihood of the target: poisson, laplace, huber, ... Default: by its values."),
    ] = "auto",
    hidden: Annotated[str, typer.Option(help="Widths of the hidden layers, such as 128,64.")] = "auto",
    epochs: Annotated[int | None, typer.Option(help="Most passes over the training rows.")] = None,
    time: Annotated[float | None, typer.Option(help="Most seconds of training.")] = None,
    members: Annotated[int | None, typer.Option(help="Networks to train and average.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same model.")] = 0,
    test: Annotated[float, typer.Option(help="Share of rows kept for a test the training never sees.")] = 0.0,
    model: Annotated[
        Path | None, typer.Option(help="Where to save the model. Default: DATA's name with .wellfit.")
    ] = None,
    json: Json = False,
) -> None:
    """Fit a network to a table, print how good it is and why it is as it is, and save it."""
    import numpy as np

    from wellfit.cli import work
    from wellfit.data.readers import read_table, split_target

    console = show.console(json)
    frame, about = read_table(data)
    X, y = split_target(frame, target)
    kind, why = work.task_of(y, task, family)
    if not 0 <= test < 1:
        raise ValueError(f"--test must be a share in [0, 1), got {test}.")
    estimator = work.estimator(
        kind, family=family, hidden=work.widths(hidden), epochs=epochs, time=time, members=members, seed=seed,
        verbose=not json,
    )  # fmt: skip
    if not json:
        console.print(f"[bold]{about}[/bold]\n{why}", highlight=False)
    place = model or Path(Path(data).stem + ".wellfit")
    work.check_place(place)
    X, y, X_test, y_test = work.split_test(X, y, kind, test, seed)
    estimator.fit(X, y)
    estimator.target_names_ = [str(name) for name in np.atleast_1d(getattr(y, "columns", y.name))]
    estimator.save(place)
    tested = None if X_test is None else {"rows": "test", "n": len(y_test), **estimator.evaluate(X_test, y_test)}
    if json:
        show.as_json(work.summary(estimator, data, kind, why, str(place), tested))
    else:
        show.fitted(console, estimator, place, tested)


@app.command()
def predict(
    data: Data,
    model: ModelFile,
    output: Annotated[
        Path | None, typer.Option(help="A CSV or Parquet file for the predictions. Default: the terminal.")
    ] = None,
    interval: Annotated[
        float | None, typer.Option(help="Add the central interval of this probability, for numbers.")
    ] = None,
    json: Json = False,
) -> None:
    """Predict the rows of a table with a saved model."""
    from wellfit.cli import work
    from wellfit.data.readers import read_table
    from wellfit.estimators.files import load

    loaded = load(model)
    frame, about = read_table(data)
    found = work.predictions(loaded, frame, interval)
    if output is not None:
        work.write_table(found, output)
        if not json:
            show.console(json).print(f"{about}\n{len(found):,} predictions written to {output}", highlight=False)
    if json:
        show.as_json({"rows": len(found), "output": None if output is None else str(output),
                      "predictions": None if output else found.to_dict(orient="list")})  # fmt: skip
    elif output is None:
        show.table(show.console(json), found)


@app.command()
def evaluate(data: Data, model: ModelFile, target: Target = None, json: Json = False) -> None:
    """Measure a saved model on the rows of a table."""
    from wellfit.cli import work
    from wellfit.data.readers import read_table, split_target
    from wellfit.estimators.files import load

    loaded = load(model)
    frame, about = read_table(data)
    named = target or ",".join(getattr(loaded, "target_names_", [])) or None
    X, y = split_target(frame, named)
    found = {"rows": "given", "n": len(y), **loaded.evaluate(X, y)}
    if json:
        show.as_json({"data": data, "model": str(model), "figures": work.plain(found)})
    else:
        console = show.console(json)
        console.print(f"[bold]{about}[/bold]", highlight=False)
        show.figures(console, [found])


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Errors are one sentence on standard error and code 2."""
    with warnings.catch_warnings():
        warnings.showwarning = show.warning
        return _run(argv)


def _run(argv: Sequence[str] | None) -> int:
    try:
        result = typer.main.get_command(app).main(args=list(argv) if argv is not None else None, standalone_mode=False)
    except typer.Exit as leaving:
        return leaving.exit_code
    except typer.Abort:
        return _error("stopped.", 130)
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            sys.stdout.write(error.format_message() + "\n")
            return 2
        return _error(error.format_message())
    except KeyboardInterrupt:
        return _error("stopped; nothing was saved.", 130)
    except (ValueError, TypeError, OSError, MissingExtraError, MemoryError) as error:
        return _error(str(error))
    return result if isinstance(result, int) else 0


def _error(message: Any, code: int = 2) -> int:
    sys.stderr.write(f"wellfit: {' '.join(str(message).split())}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
