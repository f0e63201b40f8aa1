"""Files that commands write: checked before the work, complete or not there at all, and never over somebody's data."""

import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wellfit.cli.options import WrongUse
from wellfit.core.errors import ModelFileError
from wellfit.core.whole_file import written_whole
from wellfit.files import store

TABLES = (".csv", ".tsv", ".parquet", ".pq")
PICTURES = {".png": "Software", ".svg": "Creator", ".pdf": "Creator"}
"""The endings of pictures, and the field of each that says who made it."""

MADE_BY = "a picture of wellfit"


def check_model(place: Path, data: str) -> None:
    """Make the model's folder before the work; a file that is no model is never replaced."""
    _check(place, "--model", {data: "the table that is fitted"})
    if place.is_file() and place.stat().st_size:
        try:
            store.verified(place.read_bytes(), str(place))
        except ModelFileError:
            raise ValueError(
                f"--model {str(place)!r} is a file that is no model of wellfit, and is not replaced; name another."
            ) from None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"--model {str(place)!r} cannot be made: {error.strerror}.") from None


def check_table(place: Path, data: str, model: Path) -> None:
    """Whether a table can be written to this place."""
    if str(place) == "-":
        return
    if place.suffix.lower() not in TABLES and not place.is_dir():
        raise WrongUse(f"--output {str(place)!r} must end in {', '.join(TABLES[:-1])} or {TABLES[-1]}, or be -.")
    _check(place, "--output", {data: "the table that is predicted", str(model): "the model"})
    if not place.parent.exists():
        raise ValueError(f"there is no folder {str(place.parent)!r} for the output.")


def check_picture(place: Path) -> None:
    """Whether a picture can be written to this place; a file that is no picture of wellfit is never replaced."""
    if place.suffix.lower() not in PICTURES and not place.is_dir():
        raise WrongUse(f"--output {str(place)!r} must end in .png, .svg or .pdf.")
    _check(place, "--output", {})
    if not place.parent.exists():
        raise ValueError(f"there is no folder {str(place.parent)!r} for the output.")
    if place.is_file() and place.stat().st_size and MADE_BY.encode() not in place.read_bytes():
        raise ValueError(
            f"--output {str(place)!r} is a file that is no picture of wellfit, and is not replaced; name another."
        )


def write_picture(figure: Any, place: Path) -> None:
    """Write a matplotlib figure by the name's ending; the same figure gives the same bytes."""
    kind = place.suffix.lower()
    date = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(kind, {})
    _replaced(
        place,
        lambda file: figure.savefig(file, format=kind[1:], dpi=150, metadata={PICTURES[kind]: MADE_BY, **date}),
    )


def _check(place: Path, option: str, taken: dict[str, str]) -> None:
    if place.is_dir():
        raise ValueError(f"{option} {str(place)!r} is a folder; name a file in it.")
    for other, what in taken.items():
        with contextlib.suppress(OSError):
            if place.exists() and os.path.samefile(place, other):
                raise ValueError(f"{option} {str(place)!r} is {what}; name another file.")


def write_table(frame: Any, place: Path) -> None:
    """Write a frame as Parquet or CSV, by the name's ending; ``-`` is standard output."""
    if str(place) == "-":
        frame.to_csv(sys.stdout, index=False)
    elif place.suffix.lower() in (".parquet", ".pq"):
        _replaced(place, lambda file: frame.to_parquet(file, index=False))
    else:
        sep = "\t" if place.suffix.lower() == ".tsv" else ","
        _replaced(place, lambda file: frame.to_csv(file, index=False, sep=sep))


def _replaced(place: Path, write: Callable[[Any], None]) -> None:
    """What was there stays until all is written, and hands on its permissions."""
    place = place.resolve()  # a link stays a link
    try:
        with written_whole(place, place.stat().st_mode & 0o777 if place.exists() else None) as file:
            write(file)
    except OSError as error:
        raise OSError(
            f"{str(place)!r} could not be written: {error.strerror or error}; nothing that was there was changed."
        ) from None
