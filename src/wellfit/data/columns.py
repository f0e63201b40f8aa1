"""One column of a table: what kind it is, and its numbers, its labels or the parts of its dates."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from wellfit.data import values as objects
from wellfit.data.frames import PARTS, Raw, raw
from wellfit.data.values import Values

MOSTLY = 0.99
"""From this share of readable values on, a column of text is a column of numbers, or of dates."""

MIXED = 0.5
"""From this share of numbers on (and under ``MOSTLY``) a column of text is said to mix the two."""

WORDS, FEW_LEVELS = 3, 50
"""So many different texts among more than so many different numbers are words for a gap."""

KEPT = 20
"""Different texts among numbers that are known as gaps later."""


class Known(NamedTuple):
    """What a column was in training: "number", "text" or "date"; its time zone; texts that were gaps among numbers."""

    kind: str
    zone: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """The values of a column, and what was done to get them.

    numbers : (n,) float64 or float32, NaN where missing;  parts : the same for each part of a date;
    labels, index : the distinct texts, and the place (n,) among them of every row, -1 where missing;
    unread : rows whose value could not be read and counts as missing;  words : such texts;
    note : what to say after its name, warning : a whole sentence.
    """

    name: str
    sort: str
    numbers: np.ndarray | None = None
    parts: dict[str, np.ndarray] | None = None
    labels: list[str] | None = None
    index: np.ndarray | None = None
    zone: str = ""
    unread: int = 0
    words: tuple[str, ...] = ()
    note: str = ""
    warning: str = ""

    @property
    def kind(self) -> str:
        """ "number", "text" or "date": in which block the column goes."""
        return "text" if self.labels is not None else "date" if self.parts is not None else "number"

    @property
    def blocks(self) -> dict[str, np.ndarray]:
        """The columns of numbers it becomes, by name."""
        if self.parts is not None:
            return {f"{self.name}.{part}": found for part, found in self.parts.items()}
        return {} if self.numbers is None else {self.name: self.numbers}

    @property
    def empty(self) -> bool:
        """Whether no row has a value."""
        if self.index is not None:
            return bool((self.index < 0).all())
        return all(bool(np.isnan(found).all()) for found in self.blocks.values())


def read(name: str, series: Any, known: Known | None = None) -> Column:
    """The column of a narwhals series or of a vector of objects; ``known`` is None while learning."""
    found = raw(series, known.zone if known else "")
    if found.values is not None:
        column = _of_objects(name, found, known)
    elif found.numbers is None:
        column = Column(name, "date", parts=found.parts, zone=found.zone)
    elif known.kind == "text" if known else found.sort == "boolean":
        column = _labelled(name, found)
    else:
        column = Column(name, found.sort, numbers=found.numbers)
    return column if known else _learnt(column)


def _learnt(column: Column) -> Column:
    """What is to be known of a column when it is met first: nothing in it, no times of day, what it became."""
    if column.empty:
        n = len(column.index if column.index is not None else next(iter(column.blocks.values())))
        return Column(column.name, "empty", numbers=np.full(n, np.nan))
    if column.parts is not None:
        parts = column.parts
        if len(parts) > 1 and not np.nan_to_num(parts["seconds"] if "seconds" in parts else np.zeros(1)).any():
            parts = {part: found for part, found in parts.items() if part != "seconds"}
        note = f"dates became {', '.join(parts)}."
        return replace(column, parts=parts, note=note)
    if column.sort == "duration":
        return replace(column, note="durations became seconds.")
    return column


def _labelled(name: str, found: Raw) -> Column:
    """Numbers or booleans as the texts of categories."""
    assert found.numbers is not None
    missing = np.isnan(found.numbers)
    distinct, place = np.unique(found.numbers, return_inverse=True)
    if found.sort == "boolean":
        labels = [str(bool(value)) for value in distinct]
    else:
        labels = [objects.text(value) if np.isfinite(value) else str(value) for value in distinct.tolist()]
    return Column(name, found.sort, labels=labels, index=np.where(missing, -1, place))


def _of_objects(name: str, found: Raw, known: Known | None) -> Column:
    assert found.values is not None
    wanted = known.kind if known else None
    values = objects.factorised(name, found.values)
    kinds = set(map(objects.class_of, values.distinct))
    if not kinds:
        return nothing(name, len(values.place), wanted)
    if kinds == {"date"} or (kinds == {"text"} and wanted == "date"):
        return _dates(name, values, known) or _text(name, values, "text")
    if kinds == {"time"}:
        return _clock(name, values)
    if kinds == {"duration"}:
        return Column(name, "duration", numbers=_by_row([v.total_seconds() for v in values.distinct], values))
    if (kinds == {"number"} and wanted != "text") or (kinds == {"boolean"} and wanted == "number"):
        return Column(name, "number", numbers=_by_row(list(map(float, values.distinct)), values))
    if kinds == {"boolean"}:
        return _text(name, values, "boolean")
    if wanted == "number" or (wanted is None and not found.declared):
        column = _numbers(name, values, known) or _dates(name, values, known)
        if column is not None:
            return column
    return _text(name, values, "category" if found.declared else "text")


def nothing(name: str, n: int, wanted: str | None) -> Column:
    """A column of gaps, of the kind that is wanted."""
    gaps = np.full(n, np.nan)
    if wanted == "text":
        return Column(name, "empty", labels=[], index=np.full(n, -1))
    if wanted == "date":
        return Column(name, "empty", parts=dict.fromkeys(PARTS, gaps))
    return Column(name, "empty", numbers=gaps)


def _by_row(found: list[float], values: Values) -> np.ndarray:
    """What was found for the distinct values, for every row; NaN where it is missing."""
    return np.array([*found, np.nan], np.float64)[values.place]


def _text(name: str, values: Values, sort: str, *, note: str = "", warning: str = "") -> Column:
    table: dict[str, int] = {}
    merged = [table.setdefault(objects.text(value), len(table)) for value in values.distinct]
    return Column(
        name, sort, labels=list(table), index=np.array([*merged, -1])[values.place], note=note, warning=warning
    )


def _numbers(name: str, values: Values, known: Known | None) -> Column | None:
    """Numbers spelled as text; None where it is text; text with a word about it where it is a mixture of both.

    Texts are gaps among numbers where 99 % are numbers, and where no more than three different texts stand among many
    different numbers.
    """
    gaps = set(known.words) if known else ()
    parsed = [np.nan if value in gaps else objects.number(value) for value in values.distinct]
    counts = values.counts
    bad = [place for place, found in enumerate(parsed) if found is None]
    readable = [place for place, found in enumerate(parsed) if found is not None and not np.isnan(found)]
    unread, share = int(counts[bad].sum()), _share(counts, readable, bad)
    if not readable and (bad or not known):
        if known:
            raise ValueError(_mixture(name, values, bad) + ", and held numbers in fit; convert it.")
        return None
    words = len(bad) <= WORDS and share >= MIXED and len(readable) > FEW_LEVELS
    if share >= MOSTLY or (words and not known):
        numbers = _by_row([np.nan if found is None else found for found in parsed], values)
        counted = f" ({unread} unreadable values count as missing)" if unread else ""
        note = f"numbers spelled as text were read as numbers{counted}."
        found = tuple(str(values.distinct[place]) for place in bad[:KEPT])
        if share >= MOSTLY:
            return Column(name, "number", numbers=numbers, unread=unread, words=found, note=note)
        said = f"column {name!r}: among its numbers, {', '.join(map(repr, found))} counts as missing ({unread} rows)."
        return Column(name, "number", numbers=numbers, unread=unread, words=found, warning=said)
    if known:
        raise ValueError(
            _mixture(name, values, bad) + ", and held numbers in fit; correct these values or leave them empty."
        )
    if share < MIXED and all(isinstance(value, str) for value in values.distinct):
        return None
    said = _mixture(name, values, bad) + " and was read as text; correct these values or leave them empty."
    if len(values.distinct) <= FEW_LEVELS:
        return _text(name, values, "text", note=said.removeprefix(f"column {name!r} "))
    return _text(name, values, "text", warning=said)


def _share(counts: np.ndarray, readable: list[int], bad: list[int]) -> float:
    """The share of numbers among the rows that have a value."""
    good, other = int(counts[readable].sum()), int(counts[bad].sum())
    return good / (good + other) if other else 1.0


def _mixture(name: str, values: Values, bad: list[int]) -> str:
    row = int(np.argmax(np.isin(values.place, bad)))
    return f"column {name!r} mixes numbers and text ({values.distinct[values.place[row]]!r} at row {row})"


def _dates(name: str, values: Values, known: Known | None) -> Column | None:
    """Days and times, or texts in ISO's notation; None where too many values are neither."""
    found = [objects.date(value) for value in values.distinct]
    unread = int(values.counts[[place for place, value in enumerate(found) if value is None]].sum())
    if unread > (1 - MOSTLY) * values.counts.sum():
        return None
    parts, zone = objects.parts_of_dates(found, known.zone if known else "")
    by_row = {part: _by_row(measured, values) for part, measured in parts.items()}
    return Column(name, "date", parts=by_row, zone=zone, unread=unread)


def _clock(name: str, values: Values) -> Column:
    """Times of day."""
    seconds = [value.hour * 3600.0 + value.minute * 60 + value.second for value in values.distinct]
    return Column(name, "date", parts={"seconds": _by_row(seconds, values)})
