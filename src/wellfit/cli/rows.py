"""From a file to rows: which column is the target, which are weights, groups and times, and which are left out."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wellfit.cli import show
from wellfit.cli.options import WrongUse, listed
from wellfit.core.names import nearest
from wellfit.data.layout import TextFormat
from wellfit.data.readers import read_table, split_target

MOSTLY = 0.5
"""From this share of numbers on, a target of text is one of numbers with something wrong in it."""

SORTS = r"\d{4}\b.*"
"""A time in words must begin with its year: then it sorts."""


@dataclass(frozen=True)
class Roles:
    """The columns that are no features, by the option that names them; ``drop`` are left out."""

    target: str | None = None
    weight: str | None = None
    group: str | None = None
    time: str | None = None
    drop: str | None = None

    def __post_init__(self) -> None:
        if self.group and self.time:
            raise WrongUse("--group-column and --time-column cannot both say which rows are held out; name one.")
        named = [self.weight, self.group, self.time, *listed(self.target), *listed(self.drop)]
        twice = {name for name in named if name and named.count(name) > 1}
        if twice:
            raise WrongUse(f"the column {min(twice)!r} is named by two options; each column has one part to play.")


@dataclass(frozen=True)
class Rows:
    """The rows of a table: features X, target y, and weights, groups and times (n,) where there are such."""

    about: str
    X: Any
    y: Any
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None
    times: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.y)

    def at(self, index: np.ndarray) -> "Rows":
        """Some of the rows."""
        w, groups, times = (None if v is None else v[index] for v in (self.weights, self.groups, self.times))
        return Rows(self.about, self.X.iloc[index], self.y.iloc[index], w, groups, times)

    def sample(self, n: int | None, seed: int) -> "Rows":
        """At most n of the rows, at random, in their own order."""
        if n is None or n >= len(self):
            return self
        index = np.sort(np.random.default_rng([seed, 4]).choice(len(self), n, replace=False))
        return self.at(index)


def read_frame(data: str, text: TextFormat) -> tuple[Any, str]:
    """The whole table and the sentence about it."""
    with show.busy(f"reading {data} ..."):
        return read_table(data, text)


def read_rows(data: str, text: TextFormat, roles: Roles) -> Rows:
    """The rows of a file, its columns in their roles."""
    frame, about = read_frame(data, text)
    X, y = split_target(frame, roles.target)
    _check_target(y)
    drop = columns_in(frame, roles.drop, "--drop")
    weights = None if roles.weight is None else _weights(frame, roles.weight)
    groups = None if roles.group is None else _column(frame, roles.group, "--group-column").to_numpy()
    times = None if roles.time is None else _times(_column(frame, roles.time, "--time-column"))
    apart = [name for name in (roles.weight, roles.group, roles.time, *drop) if name]
    X = X.drop(columns=apart)
    if not len(X.columns):
        raise ValueError(f"{data!r} has no columns left to predict the target from; X has zero columns.")
    return Rows(about, X, y, weights, groups, times)


def columns_in(frame: Any, text: str | None, option: str) -> list[str]:
    """The columns that an option names, separated by commas; a name may hold a comma itself."""
    names = [text] if text is not None and text in frame.columns else listed(text)
    for name in names:
        _need(frame, name, option)
    return names


def _need(frame: Any, name: str, option: str) -> None:
    if name not in frame.columns:
        near = nearest(name, frame.columns)
        hint = f"did you mean {near!r}?" if near else f"columns are {', '.join(list(frame.columns)[:12])}."
        raise ValueError(f"there is no column {name!r} for {option}; {hint}")


def _column(frame: Any, name: str, option: str) -> Any:
    """A column that must have a value in every row."""
    _need(frame, name, option)
    missing = frame[name].isna().to_numpy()
    if missing.any():
        raise ValueError(f"{option} {name!r} is missing at row {int(missing.argmax())}; give every row a value.")
    return frame[name]


def _weights(frame: Any, name: str) -> np.ndarray:
    column = _column(frame, name, "--weight-column")
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise ValueError(f"--weight-column {name!r} must hold numbers, and holds {column.iloc[0]!r} at row 0.")
    weights = column.to_numpy(float)
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        row = int(bad.argmax())
        raise ValueError(f"--weight-column {name!r} holds {weights[row]:g} at row {row}; weights are finite and >= 0.")
    return weights


def _times(column: Any) -> np.ndarray:
    """Times that sort: numbers, dates, or words that begin with the year."""
    if isinstance(column.iloc[0], str):
        other = ~column.astype(str).str.fullmatch(SORTS).to_numpy(bool)
        if other.any():
            raise ValueError(
                f"--time-column {str(column.name)!r} holds {column.iloc[int(other.argmax())]!r}, which does not sort "
                "by time; write times as 2020-12-31 or as numbers."
            )
    return column.to_numpy()


def _check_target(y: Any) -> None:
    """One sentence for a target that is missing, or dates, or some numbers and some text."""
    for column in [y] if y.ndim == 1 else [y[name] for name in y.columns]:
        name, missing = str(column.name), column.isna().to_numpy()
        if missing.all():
            raise ValueError(f"the target {name!r} has no value in any row; name another --target.")
        if missing.any():
            raise ValueError(
                f"the target {name!r} is missing in {missing.sum():,} of {len(column):,} rows, NaN at row "
                f"{int(missing.argmax())}; leave out the rows whose target is unknown."
            )
        if column.dtype.kind in "mM":
            raise ValueError(f"the target {name!r} holds dates or times; turn it into a number, such as days or hours.")
        if column.dtype.kind not in "biufc" and isinstance(column.iloc[0], str):
            numbers = ~np.isnan(np.asarray(pd.to_numeric(column, errors="coerce"), float))
            if not numbers.all() and numbers.mean() >= MOSTLY:
                raise ValueError(
                    f"the target {name!r} mixes numbers and text ({column.iloc[int(numbers.argmin())]!r} at row "
                    f"{int(numbers.argmin())}); correct these values, or leave out their rows."
                )
