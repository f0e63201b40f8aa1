"""Numbers as people write them: decimal commas, thousands separators, marks for what is missing.

A column of text becomes numbers only when its own values, or the others of its file, leave one reading. ``1,5`` can
only be one and a half, ``1,234,567`` only over a million; ``1,234`` may be either, and is refused if nothing decides.
"""

import re
from dataclasses import dataclass
from typing import Any

from wellfit.core.extras import need

MARKS = ("?", "-", "--", ".", "*", "None", "none", "<NA>", "#N/A", "N/A", "NA", "n/a", "nan", "NaN", "NULL", "null")
"""What stands for a missing value in a column whose other values are numbers."""

MOSTLY = 0.5
"""From this share of numbers on, a column of text is looked at as one of numbers with some text in it."""

SPACES = "[ \u00a0\u202f'\u2019]"
EXPONENT = r"(?:[eE][+-]?\d+)?"


def _pattern(decimal: str, group: str) -> str:
    grouped = "|".join(rf"(?:{own}\d{{3}})+" for own in (group, " ", "\u00a0", "\u202f", "'", "\u2019"))
    whole = rf"(?:\d+|[1-9]\d{{0,2}}(?:{grouped}))"
    return rf"^[+-]?(?:{whole}(?:{decimal}\d*)?|{decimal}\d+){EXPONENT}$"


PATTERNS = {".": _pattern(r"\.", ","), ",": _pattern(",", r"\.")}
CERTAIN_POINT = re.compile(
    r"""(?:^|[,;\t|\n"])[ ]*[+-]?(?:\d+\.\d{1,2}|\d+\.\d{4,}|0\.\d{3}|\d{4,}\.\d+)[ ]*(?=$|[,;\t|\r\n"])"""
)
"""A number in raw text whose point cannot separate thousands."""

UNCERTAIN_POINT = re.compile(r"""(?:^|[,;\t|\n"])[ ]*([+-]?[1-9]\d{0,2}\.\d{3})[ ]*(?=$|[,;\t|\r\n"])""")
"""A number in raw text whose point may separate thousands."""


@dataclass(frozen=True)
class Reading:
    """How one column of text can be read: ``.`` or ``,`` for a decimal sign it must have, "either", or "plain"."""

    decimal: str
    example: str


def readings(table: Any) -> dict[str, Reading]:
    """The columns of text of an arrow table that hold numbers, and how their values can be read."""
    found = {name: _reading(name, table.column(name)) for name in _texts(table)}
    return {name: reading for name, reading in found.items() if reading is not None}


def _texts(table: Any) -> list[str]:
    types = need("pyarrow", "cli", "reading tables").types
    return [field.name for field in table.schema if types.is_string(field.type) or types.is_large_string(field.type)]


def _reading(name: str, column: Any) -> Reading | None:
    pc = need("pyarrow.compute", "cli", "reading tables")
    values = pc.unique(column).drop_null()
    values = values.filter(pc.invert(pc.is_in(values, value_set=_marks(values.type))))
    point, comma = (pc.match_substring_regex(values, PATTERNS[sign]) for sign in ".,")
    some = values.filter(pc.or_(point, comma))
    if len(some) < MOSTLY * len(values) or not len(some):
        return None
    only_point = values.filter(pc.and_not(point, comma))
    only_comma = values.filter(pc.and_not(comma, point))
    if len(only_point) and len(only_comma):
        raise ValueError(
            f"column {name!r} writes numbers both as {only_point[0].as_py()!r} and as {only_comma[0].as_py()!r}; "
            "write all of them with one decimal sign."
        )
    if len(only_point) or len(only_comma):
        return Reading("." if len(only_point) else ",", (only_point if len(only_point) else only_comma)[0].as_py())
    commas, points = (some.filter(pc.match_substring(some, sign)) for sign in ",.")
    if len(commas):
        return Reading("either", commas[0].as_py())
    return Reading("either point", points[0].as_py()) if len(points) else Reading("plain", some[0].as_py())


def _marks(kind: Any) -> Any:
    return need("pyarrow", "cli", "reading tables").array(MARKS, kind)


def settled(found: dict[str, Reading], decimal: str | None, point_elsewhere: bool) -> dict[str, str]:
    """The decimal sign of every column: its own, else the one that was asked for, else that of the file's others."""
    signs = {reading.decimal for reading in found.values()}
    comma, point = "," in signs, point_elsewhere or "." in signs
    chosen = {}
    for name, reading in found.items():
        if reading.decimal in (".", ","):
            chosen[name] = reading.decimal
        elif reading.decimal == "plain":
            chosen[name] = "."
        elif decimal is not None or comma != point:
            chosen[name] = decimal or ("," if comma else ".")
        elif reading.decimal == "either point" and not comma:
            chosen[name] = "."
        else:
            text = reading.example
            sign, other = (",", ".") if "," in text else (".", ",")
            raise ValueError(
                f"column {name!r} holds {text!r}, which may be {text.replace(sign, '')} or {text.replace(sign, '.')}; "
                f"say --decimal '{other}' for the first or --decimal '{sign}' for the second."
            )
    return chosen


def with_numbers(table: Any, found: dict[str, Reading], chosen: dict[str, str]) -> tuple[Any, list[str]]:
    """The table with these columns as numbers, and notes on what was read how."""
    marked, grouped = [], []
    for name, sign in chosen.items():
        column, marks, groups = _numbers(table.column(name), sign)
        table = table.set_column(table.column_names.index(name), name, column)
        marked += [name] if marks else []
        grouped += [name] if groups else []
    notes = []
    commas = [name for name, sign in chosen.items() if sign == "," and "," in found[name].example]
    if commas:
        notes.append(f"decimal commas were read in {listed(commas)}, such as {found[commas[0]].example!r}.")
    if grouped:
        notes.append(f"thousands separators were read in {listed(grouped)}.")
    if marked:
        notes.append(f"'?', '-' and the like among the numbers of {listed(marked)} count as missing.")
    return table, notes


def _numbers(column: Any, sign: str) -> tuple[Any, bool, bool]:
    """The column as numbers, or as text spelled with points where some of it is no number; marks; separators."""
    pa, pc = (need(name, "cli", "reading tables") for name in ("pyarrow", "pyarrow.compute"))
    marks = pc.and_kleene(pc.is_in(column, value_set=_marks(column.type)), pc.is_valid(column))
    column = pc.if_else(marks, pa.scalar(None, column.type), column)
    fits = pc.match_substring_regex(column, PATTERNS[sign])
    other = "," if sign == "." else r"\."
    groups = pc.and_(fits, pc.match_substring_regex(column, rf"\d(?:{other}|{SPACES})\d"))
    plain = pc.replace_substring_regex(column, rf"{other}|{SPACES}", "")
    plain = pc.if_else(fits, pc.replace_substring(plain, sign, "."), column)
    some_marks, some_groups = (bool(pc.any(mask).as_py()) for mask in (marks, groups))
    if not pc.all(fits).as_py():
        return plain, some_marks, some_groups
    plain = pc.replace_substring_regex(plain, r"^\+", "")
    for kind in (pa.int64(), pa.float64()):
        try:
            return pc.cast(plain, kind), some_marks, some_groups
        except pa.ArrowInvalid:
            continue
    return plain, some_marks, some_groups


def listed(names: list[str]) -> str:
    """Some of the names, in one line."""
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
