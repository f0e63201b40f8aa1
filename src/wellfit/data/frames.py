"""Tables of any make: pandas, polars and pyarrow through narwhals, arrays, arrays of objects, sparse matrices."""

from typing import Any, NamedTuple

import narwhals.stable.v1 as nw
import numpy as np
import scipy.sparse

PARTS = ("year", "month", "weekday", "seconds")
"""What a date becomes: numbers, the weekday from 1 for Monday, and the seconds since midnight."""


class Raw(NamedTuple):
    """The values of one column as a frame holds them.

    numbers : (n,) float64, NaN where missing, of integers, numbers, booleans and durations (in seconds);
    parts : of dates, such arrays by ``PARTS``, on the clock of their time ``zone``;
    values : the Python objects of everything else;  declared : whether the frame calls them categories.
    """

    sort: str
    numbers: np.ndarray | None = None
    parts: dict[str, np.ndarray] | None = None
    zone: str = ""
    values: list | None = None
    declared: bool = False


def is_frame(X: Any) -> bool:
    """Whether X is a frame with named columns (pandas, polars, pyarrow)."""
    if isinstance(X, np.ndarray):  # narwhals takes its time to say so
        return False
    if nw.dependencies.is_polars_lazyframe(X):
        raise ValueError("X is a lazy frame of polars, whose rows are not there yet; pass X.collect().")
    return nw.dependencies.is_into_dataframe(X) or isinstance(X, nw.DataFrame)


def as_frame(X: Any) -> Any:
    """X as a narwhals frame whose column names are strings."""
    frame = nw.from_native(X, eager_only=True)
    names = list(map(str, frame.columns))
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"X has two columns named {twice!r}; names must differ.")
    return frame


def is_sparse(X: Any) -> bool:
    """Whether X is a sparse matrix or array of scipy."""
    return scipy.sparse.issparse(X)


def of_objects(X: Any) -> bool:
    """Whether X is an array (n, d) of texts, or of objects with texts or None: columns of kinds of their own."""
    if not isinstance(X, np.ndarray) or X.ndim != 2:
        return False
    return X.dtype.kind in "US" or (X.dtype.kind == "O" and any(isinstance(v, str | None) for v in X.flat))


def rows_of(X: Any) -> int:
    """How many rows a frame, an array or a sparse matrix has."""
    return len(as_frame(X)) if is_frame(X) else np.shape(X)[0]


def take_rows(X: Any, index: np.ndarray) -> Any:
    """Some rows of a frame, of an array or of a sparse matrix."""
    if is_frame(X):
        return as_frame(X)[np.asarray(index, np.intp)].to_native()
    return X[index] if is_sparse(X) else np.asarray(X)[index]


def columns_of(X: Any) -> dict[str, Any]:
    """The columns of a frame, or of an array of objects, by name: what ``raw`` reads."""
    if is_frame(X):
        frame = as_frame(X)
        return {str(name): frame.get_column(name) for name in frame.columns}
    return {f"x{j}": column for j, column in enumerate(X.T)}


def raw(series: Any, zone: str = "") -> Raw:
    """The values of a column; the times of a zone are told on the clock of ``zone``, if one is asked for."""
    if isinstance(series, np.ndarray):
        return Raw("text", values=series.tolist())
    dtype = series.dtype
    if dtype == nw.Boolean:
        return Raw("boolean", _floats(series))
    if dtype.is_numeric():
        return Raw("integer" if dtype.is_integer() else "number", _floats(series))
    if dtype == nw.Duration:
        return Raw("duration", _floats(series.dt.total_microseconds()) / 1e6)
    if dtype in (nw.Date, nw.Datetime):
        return _dates(series, zone)
    return Raw("text", values=series.to_list(), declared=dtype in (nw.Categorical, nw.Enum))


def _floats(series: Any) -> np.ndarray:
    """Numbers, booleans and decimals as float64; float32 as they are."""
    if series.dtype in (nw.Float32, nw.Float64):
        found = series.to_numpy()
        if found.dtype in (np.float32, np.float64):
            return found
    return np.asarray(series.cast(nw.Float64).to_numpy(), np.float64)


def _dates(series: Any, zone: str) -> Raw:
    own = getattr(series.dtype, "time_zone", None) or ""
    if own and zone and own != zone:
        series, own = series.dt.convert_time_zone(zone), zone
    date = series.dt
    parts = {"year": date.year(), "month": date.month(), "weekday": date.weekday()}
    if series.dtype == nw.Datetime:
        parts |= {name: getattr(date, name)() for name in ("hour", "minute", "second")}
    found = {name: _floats(part) for name, part in parts.items()}
    if "hour" in found:
        found["seconds"] = found.pop("hour") * 3600 + found.pop("minute") * 60 + found.pop("second")
    return Raw("date", parts=found, zone=own)
