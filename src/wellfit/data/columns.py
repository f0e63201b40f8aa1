"""One column of a frame: what kind it is, and its numbers or its texts."""

import datetime
import math
from dataclasses import dataclass, field
from typing import Any

import narwhals.stable.v1 as nw
import numpy as np

MOSTLY = 0.99
"""From this share of parseable values on, a column of text is a column of numbers."""

AMBIGUOUS = 0.5
"""From this share on (and under ``MOSTLY``) it is neither, and refused."""


@dataclass(frozen=True)
class Column:
    """The numbers of a column, or its texts (None where missing), and what was done to get them."""

    name: str
    numbers: np.ndarray | None = None  # (n,) float64, NaN where missing
    texts: np.ndarray | None = None  # (n,) object of str or None
    parts: dict[str, np.ndarray] = field(default_factory=dict)  # of a date: several columns of numbers
    note: str = ""


def read(name: str, series: Any, wanted: str | None = None) -> Column:
    """The column of a narwhals series.

    ``wanted`` is its kind in the training table ("number", "text", "date"), or None while learning.
    """
    dtype = series.dtype
    if dtype == nw.Boolean:
        if wanted == "number":
            return Column(name, numbers=_floats(series))
        return Column(name, texts=_texts(series.to_list()))
    if dtype == nw.Duration:
        numbers = _floats(series.dt.total_microseconds()) / 1e6
        return Column(name, numbers=numbers, note=f"Column {name!r}: durations became seconds.")
    if dtype.is_numeric():
        numbers = _floats(series)
        return Column(name, texts=_as_texts(numbers)) if wanted == "text" else Column(name, numbers=numbers)
    if dtype.is_temporal():
        return _date(name, series)
    values = series.to_list()
    if any(isinstance(v, datetime.date) for v in values) and all(
        isinstance(v, datetime.date) or _missing(v) for v in values
    ):
        return _date_of_objects(name, values)
    if wanted == "number" or (wanted is None and not isinstance(dtype, nw.Categorical | nw.Enum)):
        found = _parse(name, values, wanted)
        if found is not None:
            return found
    return Column(name, texts=_texts(values))


def _floats(series: Any) -> np.ndarray:
    values = series.to_list() if series.dtype == nw.Decimal else series.cast(nw.Float64).to_numpy()
    return np.array(
        [math.nan if v is None else float(v) for v in values] if isinstance(values, list) else values, float
    )


def _texts(values: list) -> np.ndarray:
    texts = np.empty(len(values), object)
    texts[:] = [None if _missing(v) else str(v) for v in values]
    return texts


def _as_texts(numbers: np.ndarray) -> np.ndarray:
    return _texts([None if math.isnan(v) else (str(int(v)) if v.is_integer() else repr(v)) for v in numbers.tolist()])


def _missing(value: Any) -> bool:
    if value is None or isinstance(value, str):
        return not (value or "").strip()
    return type(value).__name__ == "NAType" or bool(value != value)  # pandas' NA refuses to be compared


def _number(value: Any) -> float | None:
    """The number a value is or spells, or None; missing values are NaN."""
    if _missing(value):
        return math.nan
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _parse(name: str, values: list, wanted: str | None) -> Column | None:
    """Numbers spelled as text, or None when the column really is text; a mixture of both is refused."""
    parsed = [_number(value) for value in values]
    there = sum(1 for value in values if not _missing(value))
    bad = [row for row, number in enumerate(parsed) if number is None]
    share = 1 - len(bad) / there if there else 1.0
    if there and share == 0 and wanted != "number":
        return None
    if not bad or share >= MOSTLY:
        numbers = np.array([math.nan if number is None else number for number in parsed])
        counted = f" ({len(bad)} unreadable values count as missing)" if bad else ""
        spelled = any(isinstance(value, str) for value in values)
        note = f"Column {name!r}: numbers spelled as text were read as numbers{counted}." if spelled else ""
        return Column(name, numbers=numbers, note=note)
    mixed_types = any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    if share >= AMBIGUOUS or mixed_types or wanted == "number":
        raise ValueError(
            f"column {name!r} mixes numbers and text ({values[bad[0]]!r} at row {bad[0]}); correct these values, "
            "leave them empty, or turn the whole column into text."
        )
    return None


def _date(name: str, series: Any) -> Column:
    parts = {}
    date = series.dt
    if series.dtype != nw.Time:
        parts = {"year": date.year(), "month": date.month(), "weekday": date.weekday()}
    if series.dtype in (nw.Datetime, nw.Time):
        hour, minute, second = map(_floats, (date.hour(), date.minute(), date.second()))  # polars has them in 8 bits
        parts["seconds"] = hour * 3600 + minute * 60 + second
    return _dated(name, {part: found if part == "seconds" else _floats(found) for part, found in parts.items()})


def _date_of_objects(name: str, values: list) -> Column:
    """Dates as Python objects: what pandas makes of a column of days without hours."""
    parts = {
        "year": [math.nan if _missing(value) else value.year for value in values],
        "month": [math.nan if _missing(value) else value.month for value in values],
        "weekday": [math.nan if _missing(value) else value.isoweekday() for value in values],
    }
    return _dated(name, {part: np.array(found, float) for part, found in parts.items()})


def _dated(name: str, parts: dict[str, np.ndarray]) -> Column:
    found = {f"{name}.{part}": values for part, values in parts.items()}
    return Column(name, parts=found, note=f"Column {name!r}: dates became {', '.join(parts)}.")
