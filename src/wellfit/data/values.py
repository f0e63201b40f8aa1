"""The values of a column of objects: each distinct one is looked at once, however many rows have it."""

import datetime
import re
from decimal import Decimal
from numbers import Number
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from wellfit.data.notation import MARKS

GAPS = frozenset(("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>", "#N/A", "#NA"))
"""Texts that stand for a missing value in frames as in files of text."""

MONTH = re.compile(r"\d{4}-\d\d$")
ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$")


class Values(NamedTuple):
    """The distinct values that are there, and the place (n,) among them of every row, -1 where it is missing."""

    distinct: list
    place: np.ndarray

    @property
    def counts(self) -> np.ndarray:
        """Rows of each distinct value."""
        return np.bincount(self.place[self.place >= 0], minlength=len(self.distinct))


def factorised(name: str, values: list) -> Values:
    """The distinct values of a column; None, NaN, NaT, NA and ``GAPS`` are missing."""
    types = set(map(type, values))
    try:
        # True, 1 and 1.0 are one key of a dict, and not one value
        single = types <= {str, type(None), float}
        own: list = values if single else list(zip(map(type, values), values, strict=True))
        table = {key: number for number, key in enumerate(dict.fromkeys(own))}
        index = np.fromiter(map(table.__getitem__, own), np.int64, len(own))
        keys = list(table) if single else [value for _, value in table]
    except TypeError:  # unhashable
        raise ValueError(_unfit(name, values)) from None
    if any(issubclass(kind, complex | tuple | np.complexfloating) for kind in types):
        raise ValueError(_unfit(name, values))
    place = np.full(len(keys), -1)
    there = [number for number, value in enumerate(keys) if not is_missing(value)]
    place[there] = np.arange(len(there))
    return Values([keys[number] for number in there], place[index])


def _unfit(name: str, values: list) -> str:
    kinds = (list, dict, tuple, set, complex, np.ndarray, np.complexfloating)
    found = next((value for value in values if isinstance(value, kinds)), values[0])
    return (
        f"column {name!r} holds values of type {type(found).__name__}, which are neither numbers, texts nor dates; "
        "make columns of their parts, or leave it out."
    )


def is_missing(value: Any) -> bool:
    """Whether a value stands for nothing."""
    return value.strip() in GAPS if isinstance(value, str) else is_null(value)


def is_null(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas' NA, which refuses to be compared."""
    return value is None or type(value).__name__ == "NAType" or bool(value != value)


def class_of(value: Any) -> str:
    """What a value is: "boolean", "number", "date", "time", "duration" or "text"."""
    if isinstance(value, bool | np.bool_):
        return "boolean"
    if isinstance(value, Number | Decimal):
        return "number"
    if isinstance(value, datetime.date):
        return "date"
    if isinstance(value, datetime.time):
        return "time"
    return "duration" if isinstance(value, datetime.timedelta) else "text"


def number(value: Any) -> float | None:
    """The number a value is or spells; NaN for the marks of a gap among numbers; None for everything else."""
    kind = class_of(value)
    if kind == "number":
        return float(value)
    if kind != "text" or not isinstance(value, str):
        return None
    if value.strip() in MARKS:
        return np.nan
    try:
        found = float(value)
    except ValueError:
        return None
    return None if "_" in value or not np.isfinite(found) else found


def date(value: Any) -> datetime.date | None:
    """The day, or the day and time, that a value is or spells in ISO's notation; a month is its first day."""
    if isinstance(value, datetime.date) or not isinstance(value, str):
        return value if isinstance(value, datetime.date) else None
    spelled = f"{value.strip()}-01" if MONTH.match(value.strip()) else value.strip()
    if not ISO.match(spelled):
        return None
    try:
        return datetime.datetime.fromisoformat(spelled)
    except ValueError:
        return None


def text(value: Any) -> str:
    """The text by which a value is a category: 3, 3.0 and " 3" are one."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if class_of(value) != "number":
        return str(value)
    size = float(value)
    return str(int(size)) if size.is_integer() else repr(size)


def parts_of_dates(found: list, zone: str) -> tuple[dict[str, list[float]], str]:
    """Year, month, weekday and seconds of days and times (None: a gap), and the zone whose clock they are told on."""
    aware = any(getattr(value, "tzinfo", None) is not None for value in found)
    zone = (zone or "UTC") if aware else ""
    parts: dict[str, list[float]] = {"year": [], "month": [], "weekday": [], "seconds": []}
    for value in found:
        if value is None:
            moment = (np.nan,) * 4
        else:
            if getattr(value, "tzinfo", None) is not None:
                value = value.astimezone(ZoneInfo(zone))
            clock = value if isinstance(value, datetime.datetime) else datetime.time()
            seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
            moment = (value.year, value.month, value.isoweekday(), seconds)
        for part, measured in zip(parts.values(), moment, strict=True):
            part.append(float(measured))
    return parts, zone
