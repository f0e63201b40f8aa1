"""What stands before the header of a table of text: Excel's word, comments, a title."""

import csv
import io
import re
from dataclasses import dataclass

NUMBER = re.compile(r"[+-]?[\d.,]*\d[\d.,]*(?:[eE][+-]?\d+)?%?")
SIGNS = (",", ";", "\t", "|")
FEWEST = 3
"""A title is told from a header by this many lines (a header and two rows) that agree with each other."""


@dataclass(frozen=True)
class Preamble:
    """How many lines stand before the header, the delimiter they name, and a note on what was passed over."""

    lines: int = 0
    delimiter: str | None = None
    note: str = ""


def preamble_of(text: str, delimiter: str | None) -> Preamble:
    """What stands before the header; ``delimiter`` is what the user asked for, or None."""
    said = re.match(r"\s*\"?sep=(.)\"?\r?\n", text)  # what Excel writes for itself
    if said:
        return Preamble(text[: said.end()].count("\n"), said[1])
    lines = list(io.StringIO(text, newline=""))
    comments = _comments(lines, delimiter)
    if comments:
        return Preamble(comments, None, _note(lines[:comments]))
    if sniffed(text, delimiter)[1] >= 0.5:  # the first line is a header like its rows
        return Preamble()
    for own in [delimiter] if delimiter else SIGNS:
        title = _title(lines[:200], own)
        if title:
            return Preamble(title, None, _note(lines[:title]))
    return Preamble()


def sniffed(text: str, delimiter: str | None = None) -> tuple[str, float]:
    """The delimiter that cuts most of the first lines into as many fields as the first, else the comma; their share."""
    best = (0.0, 0)
    found = ","
    for own in [delimiter] if delimiter else SIGNS:
        widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=own) if row][:100]
        alike = sum(width == widths[0] for width in widths) / len(widths)
        if widths[0] > 1 and (alike, widths[0]) > best:
            best, found = (alike, widths[0]), own
    return found, best[0]


def fields(line: str, delimiter: str) -> list[str]:
    """The fields of one line."""
    return next(csv.reader([line], delimiter=delimiter), [])


def _comments(lines: list[str], delimiter: str | None) -> int:
    """Leading lines of ``#``, but for one that names the columns of rows of numbers."""
    marked = [j for j, line in enumerate(lines) if line.startswith("#")]
    if not marked or any(line.strip() for line in lines[: marked[0]]):
        return 0
    body = next((j for j, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))
    if body == len(lines):
        return body
    last = max(j for j in marked if j < body)
    for own in [delimiter] if delimiter else SIGNS:
        names, values = fields(lines[last], own), fields(lines[body], own)
        if len(names) == len(values) > 1 and any(NUMBER.fullmatch(value.strip()) for value in values):
            return last
    return body


def _title(lines: list[str], delimiter: str) -> int:
    """Leading lines that are no part of the table, or 0 where there is doubt.

    All lines after them agree on more fields; a blank line separates them, or none of them has a delimiter while
    the table has three columns or more; what would be the header holds no number.
    """
    try:
        widths = [len(fields(line, delimiter)) if line.strip() else 0 for line in lines]
    except csv.Error:
        return 0
    there = [j for j, width in enumerate(widths) if width]
    if len(there) < FEWEST:
        return 0
    width = widths[there[-2]]  # the last line may be cut short
    start = there[-2]
    for j in reversed(there[:-1]):
        if widths[j] != width:
            break
        start = j
    before = [j for j in there if j < start]
    if not before or width < 2 or sum(j >= start for j in there) < FEWEST or max(widths[j] for j in before) >= width:
        return 0
    apart = 0 in widths[before[-1] : start]
    bare = width > 2 and max(widths[j] for j in before) == 1
    numbers = any(NUMBER.fullmatch(value.strip()) for value in fields(lines[start], delimiter))
    return start if (apart or bare) and not numbers else 0


def _note(lines: list[str]) -> str:
    told = [line.strip() for line in lines if line.strip()]
    if not told:
        return ""
    count = "a line" if len(told) == 1 else f"{len(told)} lines"
    return f"{count} before the header, {told[0][:60]!r}, {'was' if len(told) == 1 else 'were'} passed over."
