"""The options that several commands share, and how a wrong one is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    str,
    typer.Argument(
        help="A CSV, Parquet, Feather or NPZ file, - for standard input, or a sample: digits, iris, wine, "
        "breast_cancer, diabetes."
    ),
]
Target = Annotated[str | None, typer.Option(help="The target's column (several: a,b). Default: target.")]
Task = Annotated[str | None, typer.Option(help="classification or regression. Default: by the target's values.")]
Family = Annotated[
    str, typer.Option(help="Likelihood of the target: poisson, laplace, huber, ... Default: by its values.")
]
Hidden = Annotated[str, typer.Option(help="Widths of the hidden layers, such as 128,64.")]
Test = Annotated[float, typer.Option(help="Share of rows kept for a test the training never sees.")]
WeightColumn = Annotated[str | None, typer.Option(help="Column of weights: how many times each row counts.")]
GroupColumn = Annotated[
    str | None, typer.Option(help="Column of groups (patients, shops): a group is held out whole or not at all.")
]
TimeColumn = Annotated[str | None, typer.Option(help="Column of times: the latest rows are the ones held out.")]
Drop = Annotated[str | None, typer.Option(help="Columns to leave out: a,b.")]
Sample = Annotated[int | None, typer.Option(min=1, help="Use only so many rows, drawn at random.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed gives the same result.")]
Delimiter = Annotated[
    str | None, typer.Option(help="What separates the fields of a CSV: a character, or tab. Default: found out.")
]
Decimal = Annotated[str | None, typer.Option(help="The decimal sign of a CSV: . or a comma. Default: found out.")]
Encoding = Annotated[str | None, typer.Option(help="Of a CSV: utf-8, cp1252, ... Default: found out.")]
ModelFile = Annotated[Path, typer.Option(help="The model file.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


class WrongUse(ValueError):
    """An option that is wrong in itself, whatever the data: exit code 2."""


@contextmanager
def of_options() -> Iterator[None]:
    """A ``ValueError`` in here is about an option."""
    try:
        yield
    except ValueError as error:
        raise WrongUse(str(error)) from None


def check_test(share: float) -> None:
    """A ``ValueError`` for a --test that leaves nothing to train on."""
    if not 0 <= share < 1:
        raise ValueError(f"--test must be a share in [0, 1), got {share}.")


def listed(text: str | None) -> list[str]:
    """The names in ``a,b``."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
