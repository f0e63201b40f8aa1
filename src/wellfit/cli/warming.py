"""``wellfit warm``: programs compiled before they are needed, for images, servers and classrooms."""

import os
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from wellfit.cli import options, show
from wellfit.cli.options import WrongUse, listed
from wellfit.core import cache_folder

TABLES = ("iris", "wine", "breast_cancer", "diabetes", "digits")
"""The bundled samples: what is warmed where nothing is named."""

CLASSES = "0,2,3"
"""Numbers, two classes, and three."""


class Fit(NamedTuple):
    """A first fit: of which table by which estimator, and what it takes."""

    table: str
    estimator: Any
    X: Any
    y: Any
    given: dict[str, Any]


def warm(
    data: Annotated[
        str | None, typer.Argument(help="A table, as of wellfit fit. Default: the bundled samples.")
    ] = None,
    target: options.Target = None,
    task: options.Task = None,
    family: options.Family = "auto",
    weight_column: options.WeightColumn = None,
    group_column: options.GroupColumn = None,
    time_column: options.TimeColumn = None,
    drop: options.Drop = None,
    test: options.Test = 0.0,
    hidden: options.Hidden = "auto",
    delimiter: options.Delimiter = None,
    decimal: options.Decimal = None,
    encoding: options.Encoding = None,
    rows: Annotated[str | None, typer.Option(help="Numbers of rows, such as 200,1000, instead of a table.")] = None,
    columns: Annotated[str | None, typer.Option(help="Numbers of columns, with --rows; all columns numbers.")] = None,
    classes: Annotated[
        str | None, typer.Option(help=f"Numbers of classes, with --rows; 0 is a target of numbers. Default: {CLASSES}.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Compile what first fits need and keep it on disk, so that they start at once; nothing is trained or saved.

    DATA with the options of ``wellfit fit`` is for that very call, and for others of a similar number of rows. --rows
    and --columns are for tables of numbers of that size, by all four estimators.
    """
    roles = {"target": target, "weight": weight_column, "group": group_column, "time": time_column, "drop": drop}
    text = (delimiter, decimal, encoding)
    if data is None and (any((*roles.values(), *text, task, test)) or (family, hidden) != ("auto", "auto")):
        raise WrongUse("options of wellfit fit are about a table: name one before them.")
    if rows is None and (columns or classes):
        raise WrongUse("--columns and --classes go with --rows: name all sizes, such as --rows 1000 --columns 20.")
    if rows is not None and (data is not None or columns is None):
        what = "DATA has its own rows" if data is not None else "--rows goes with --columns"
        raise WrongUse(f"{what}; name a table, or --rows and --columns.")
    with options.of_options():
        counts, widths = [_whole(text, name) for text, name in ((rows, "--rows"), (columns, "--columns"))]
        kinds = _whole(classes or CLASSES, "--classes", least=0)
        if 1 in kinds:
            raise ValueError("--classes must be 2 or more, or 0 for a target of numbers; got 1.")
    place = _place()
    if data is not None:
        fits = _of_file(data, roles, text, task=task, family=family, hidden=hidden, test=test)
    elif rows is not None:
        fits = (fit for n in counts for d in widths for k in kinds for fit in _of_size(n, d, k))
    else:
        fits = (fit for name in TABLES for fit in _of_sample(name))
    done = []
    for fit in fits:
        with show.busy(f"{fit.table}: compiling ..."):
            found = {"table": fit.table, "estimator": type(fit.estimator).__name__, **_compiled(fit)}
        done.append(found)
        if not json:
            typer.echo(
                f"{found['table']}, {found['estimator']}: {_programs(found['compiled'])} in {found['seconds']:.1f} s"
            )
    kept, count = cache_folder.contents(), sum(found["compiled"] for found in done)
    if json:
        show.as_json({"folder": str(place), "fits": done, "compiled": count, "programs": kept.programs})
    else:
        typer.echo(f"{_programs(count)}; {kept.programs:,} are kept in {place}.")


def _place() -> Path:
    """The folder that programs are kept in; one sentence where none can be kept there."""
    place = cache_folder.folder()
    if place is None:
        raise OSError("no programs are kept: WELLFIT_CACHE is off, or there is no home folder; name a folder in it.")
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise OSError(
            f"the folder {str(place)!r} cannot be made ({error.strerror}); name another in WELLFIT_CACHE."
        ) from None
    if not (cache_folder.private(place) and os.access(place, os.W_OK)):
        raise OSError(
            f"no programs are kept in {str(place)!r}: it must belong to you, and nobody else may write to it; "
            "change its permissions, or name another folder in WELLFIT_CACHE."
        )
    return place


def _whole(text: str | None, option: str, least: int = 1) -> list[int]:
    """The whole numbers in ``a,b``."""
    parts = listed(text)
    if (text is not None and not parts) or not all(part.isdecimal() and int(part) >= least for part in parts):
        raise ValueError(f"{option} must be whole numbers from {least} on, such as 200,1000; got {text!r}.")
    return [int(part) for part in parts]


def _of_file(
    data: str, roles: dict[str, str | None], text: tuple, *, task: str | None, family: str, hidden: str, test: float
) -> Iterator[Fit]:
    """What ``wellfit fit`` would do with these options."""
    from wellfit.cli import work
    from wellfit.cli.rows import Roles, read_rows
    from wellfit.data.layout import TextFormat

    with options.of_options():
        settings = work.settings(
            task=task, family=family, hidden=hidden, epochs=1, time=None, members=None, seed=0, verbose=False
        )
        options.check_test(test)
        layout, parts = TextFormat(*text), Roles(**roles)
    table = read_rows(data, layout, parts)
    kind, _ = work.task_of(table.y, task, family)
    train, _ = work.split_test(table, kind, test, 0)
    given = {"sample_weight": train.weights, "groups": train.groups, "time": train.times}
    yield Fit(data, work.TASKS[kind](**settings), train.X, train.y, given)


def _of_sample(name: str) -> Iterator[Fit]:
    """A bundled sample by the estimator of ``wellfit fit`` and by scikit-learn's namesake."""
    from wellfit.data.samples import load_sample

    sample = load_sample(name)
    yield from _by_both(name, sample.X, sample.y, numbers=sample.y.dtype.kind == "f")


def _of_size(n: int, d: int, k: int) -> Iterator[Fit]:
    """n rows of d columns of numbers, and k classes or numbers."""
    import numpy as np

    if k > n:
        raise ValueError(f"{n} rows cannot hold {k} classes; name larger --rows or smaller --classes.")
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, d))
    y = np.arange(n) % k if k else rng.normal(size=n)
    yield from _by_both(f"{n} rows, {d} columns, {f'{k} classes' if k else 'numbers'}", X, y, numbers=not k)


def _by_both(table: str, X: Any, y: Any, numbers: bool) -> Iterator[Fit]:
    """The two estimators for such a target, as they are by default but for the epochs."""
    import wellfit

    names = ("NeuralRegressor", "MLPRegressor") if numbers else ("NeuralClassifier", "MLPClassifier")
    for name, epochs in zip(names, ("max_epochs", "max_iter"), strict=True):
        yield Fit(table, getattr(wellfit, name)(**{epochs: 1, "random_state": 0}), X, y, {})


def _compiled(fit: Fit) -> dict[str, Any]:
    """How many programs a fit of one epoch compiled, and the seconds: a longer one has the same programs."""
    from wellfit.training.programs import compilations

    before, began = compilations(), time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that one epoch is not enough
        fit.estimator.fit(fit.X, fit.y, **fit.given)
    if fit.estimator.status_ == "interrupted":
        raise KeyboardInterrupt
    return {"compiled": compilations() - before, "seconds": round(time.perf_counter() - began, 3)}


def _programs(count: int) -> str:
    """How many were compiled, in words."""
    return "nothing to compile" if not count else f"{count} {'program' if count == 1 else 'programs'} compiled"
