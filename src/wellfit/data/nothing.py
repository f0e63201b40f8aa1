"""Columns that carry nothing for other rows: constants, the second of two equal ones, identifiers."""

import re
from typing import Any

import numpy as np

from wellfit.data.columns import Column

KEYS = 20
"""A column of fewer distinct values than this is no identifier."""

REPEATS = 5
"""Nor is one whose values have more rows than this on average."""

UNIQUE = 0.99
"""The distinct values of an identifier are at least this share of the distinct rows."""

TWINS = 50
"""In tables of fewer rows, by weight, two columns may be equal by chance."""

PROBES = 64
"""Rows by which equal columns are looked for; those that agree in these are compared in all."""

NAMED = re.compile(
    r"(^|[\W_])(id|uuid|guid|key|idx|rowid)$|^unnamed: ?\d+$|^((row|record|sample|case)[\W_]?)?index$"
    r"|^(row|record|sample|case|serial)[\W_]?(no|nr|num|number)$",
    re.IGNORECASE,
)
CAMEL = re.compile(r"[a-z0-9](Id|ID)$")


def named_as_key(name: str) -> bool:
    """Whether a column's name says that it identifies rows: id, customer_id, PassengerId, Unnamed: 0, row_number."""
    return bool(NAMED.search(name)) or bool(CAMEL.search(name))


def identifiers(columns: list[Column]) -> list[str]:
    """The names of columns with another value in every row: texts, and integers whose name says so.

    A row may come repeatedly, with its identifier; so distinct values are counted against distinct rows.
    """
    candidates = [(column, place) for column in columns if (place := _distinct(column)) is not None]
    rows = 0
    found = []
    for column, place in candidates:
        n, values = len(place), int(place.max()) + 1
        if values < n or (place < 0).any():
            rows = rows or _distinct_rows(columns)
            if values < UNIQUE * rows:
                continue
        found.append(column.name)
    return found


def _distinct(column: Column) -> np.ndarray | None:
    """The place of every row's value among the distinct ones, where these may identify rows."""
    if column.index is not None:
        place = column.index
    elif column.sort in ("integer", "number") and column.numbers is not None and named_as_key(column.name):
        numbers = column.numbers
        if np.isnan(numbers).any() or (numbers != np.floor(numbers)).any():
            return None
        place = np.unique(numbers, return_inverse=True)[1]
    else:
        return None
    values = int(place.max(initial=-1)) + 1
    return place if values >= KEYS and len(place) <= REPEATS * values else None


def _distinct_rows(columns: list[Column]) -> int:
    """How many different rows there are, by a 64-bit hash of each."""
    with np.errstate(over="ignore"):
        mixed = np.zeros(1, np.uint64)
        for column in columns:
            for values in _bits(column):
                mixed = (mixed ^ values) * np.uint64(0x9E3779B97F4A7C15)
                mixed = mixed ^ (mixed >> np.uint64(29))
    return len(np.unique(mixed))


def _bits(column: Column) -> list[np.ndarray]:
    if column.index is not None:
        return [column.index.astype(np.uint64)]
    return [_canonical(values).astype(np.float64, copy=False).view(np.uint64) for values in column.blocks.values()]


def _canonical(values: np.ndarray) -> np.ndarray:
    """One -0.0 and one NaN, contiguous."""
    return np.where(np.isnan(values), np.nan, values + 0.0)


def repeated(X: np.ndarray, places: np.ndarray) -> dict[int, int]:
    """Columns of numbers, among those at ``places`` of X (n, d), that equal one before them, gaps included.

    Returns the place of each, and that of the other.
    """
    seen: dict[bytes, list[int]] = {}
    found = {}
    for j in places.tolist():
        probe = _canonical(np.asarray(X[:: max(1, len(X) // PROBES), j], np.float64)).tobytes()
        alike = seen.setdefault(probe, [])
        twin = next((i for i in alike if _equal(X[:, i], X[:, j])), None)
        if twin is None:
            alike.append(j)
        else:
            found[j] = twin
    return found


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two columns are equal, gaps included: most differ early, and then the rest is not read."""
    first, size = 0, PROBES
    while first < len(a):
        rows = slice(first, first + size)
        if not np.array_equal(a[rows], b[rows], equal_nan=True):
            return False
        first, size = first + size, 4 * size
    return True


def repeated_texts(columns: list[Column]) -> dict[str, str]:
    """Columns of texts that equal one before them: their name, and that one's."""
    found: dict[str, str] = {}
    seen: dict[Any, list[Column]] = {}
    for column in columns:
        assert column.labels is not None
        if not column.labels:
            continue
        alike = seen.setdefault((len(column.labels), column.labels[0]), [])
        twin = next((other for other in alike if _same(other, column)), None)
        if twin is None:
            alike.append(column)
        else:
            found[column.name] = twin.name
    return found


def _same(a: Column, b: Column) -> bool:
    return a.labels == b.labels and np.array_equal(a.index, b.index)  # type: ignore[arg-type]


def counts_rows(values: np.ndarray) -> bool:
    """Whether numbers (n,) are consecutive whole numbers, each once: most likely the number of the row."""
    n, first = len(values), values[:PROBES]
    if n < KEYS or (first != np.floor(first)).any():  # most columns end here
        return False
    if not np.isfinite(values).all() or (values != np.floor(values)).any():
        return False
    low = values.min()
    return bool(values.max() - low == n - 1) and len(np.unique(values)) == n
