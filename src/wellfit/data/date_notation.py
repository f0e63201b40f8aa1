"""Dates as people write them: 31.12.2020, 12/31/2020 3:04 PM, 5 May 2020; ISO dates are the parser's own business.

A column becomes dates only when all its values leave one reading. ``03/04/2020`` may be March or April: where no
value of the column decides, it stays text, and a note says so.
"""

from typing import Any

from wellfit.core.extras import need
from wellfit.data.notation import MARKS, listed

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = rf"(?P<m>(?i:{'|'.join(MONTHS)}))(?i:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.?"
CLOCK = r"(?:[ T]+(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<sec>\d{2}))?(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?$"
WRITTEN = (
    rf"^(?P<y>\d{{4}})[/.](?P<m>\d{{1,2}})[/.](?P<d>\d{{1,2}}){CLOCK}",
    rf"^(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?P<y>\d{{4}}){CLOCK}",
    rf"^(?P<d>\d{{1,2}})[ -]{MONTH}[ -](?P<y>\d{{4}}){CLOCK}",
    rf"^{MONTH} (?P<d>\d{{1,2}}),? (?P<y>\d{{4}}){CLOCK}",
)
EITHER = rf"^(?P<a>\d{{1,2}})[/-](?P<b>\d{{1,2}})[/-](?P<y>\d{{4}}){CLOCK}"


def with_dates(table: Any, notes: list[str]) -> Any:
    """The arrow table with its columns of written dates as dates, and its times of day as durations."""
    pa, pc = (need(name, "cli", "reading tables") for name in ("pyarrow", "pyarrow.compute"))
    unclear: dict[str, str] = {}
    for j, field in enumerate(table.schema):
        column = table.column(j)
        if pa.types.is_time(field.type):  # seconds since midnight: numbers that a network can use
            seconds = pc.cast(pc.cast(column, pa.time32("s")), pa.int32())
            table = table.set_column(j, field.name, pc.cast(pc.cast(seconds, pa.int64()), pa.duration("s")))
        elif pa.types.is_string(field.type):
            dates = _dates(field.name, column, unclear)
            table = table if dates is None else table.set_column(j, field.name, dates)
    if unclear:
        example = next(iter(unclear.values()))
        notes.append(
            f"{example!r} may be day and month or month and day: {listed(list(unclear))} stayed text; write such dates "
            "as 2020-12-31."
        )
    return table


def _dates(name: str, column: Any, unclear: dict[str, str]) -> Any:
    """The column as dates, or None where some value is none or the order of day and month is open."""
    pa, pc = (need(name, "cli", "reading tables") for name in ("pyarrow", "pyarrow.compute"))
    column = pc.if_else(pc.is_in(column, value_set=pa.array(MARKS, column.type)), None, column)
    if column.null_count == len(column):
        return None
    first = column.drop_null()[0]
    for pattern in (*WRITTEN, EITHER):
        if not pc.match_substring_regex(first, pattern).as_py():
            continue
        parts = pc.extract_regex(column, pattern)
        if parts.null_count > column.null_count:
            continue
        if pattern is not EITHER:
            return _assembled(parts, "d", "m")
        day = _day_of(parts)
        if day is None:
            unclear[name] = first.as_py()
            return None
        return _assembled(parts, day, "b" if day == "a" else "a")
    return None


def _day_of(parts: Any) -> str | None:
    """Which of the first two numbers is the day: the one that goes beyond twelve."""
    pa, pc = (need(name, "cli", "reading tables") for name in ("pyarrow", "pyarrow.compute"))
    beyond = [pc.any(pc.greater(pc.cast(pc.struct_field(parts, own), pa.int32()), 12)).as_py() for own in "ab"]
    return None if beyond[0] == beyond[1] else "a" if beyond[0] else "b"


def _assembled(parts: Any, day: str, month: str) -> Any:
    """The parts of dates as a column of dates, with hours where some have them; None for a 30 February."""
    pa, pc = (need(name, "cli", "reading tables") for name in ("pyarrow", "pyarrow.compute"))
    words = pc.utf8_lower(pc.struct_field(parts, month))
    for number, word in enumerate(MONTHS, 1):
        words = pc.if_else(pc.equal(words, word), str(number), words)
    days = (pc.utf8_lpad(text, 2, "0") for text in (words, pc.struct_field(parts, day)))
    written = pc.binary_join_element_wise(pc.struct_field(parts, "y"), *days, "-")
    hour, minute, second = (_number(parts, own) for own in ("h", "min", "sec"))
    half = pc.utf8_lower(pc.struct_field(parts, "half"))
    noon = pc.equal(hour, 12)
    hour = pc.if_else(pc.and_(pc.equal(half, "p"), pc.invert(noon)), pc.add(hour, 12), hour)
    hour = pc.if_else(pc.and_(pc.equal(half, "a"), noon), 0, hour)
    if pc.any(pc.or_(pc.greater(hour, 23), pc.or_(pc.greater(minute, 59), pc.greater(second, 59)))).as_py():
        return None
    try:
        if not pc.any(pc.not_equal(pc.struct_field(parts, "h"), "")).as_py():
            return pc.cast(written, pa.date32())
        seconds = pc.add(pc.add(pc.multiply(hour, 3600), pc.multiply(minute, 60)), second)
        return pc.add(pc.cast(written, pa.timestamp("s")), pc.cast(seconds, pa.duration("s")))
    except pa.ArrowInvalid:
        return None


def _number(parts: Any, name: str) -> Any:
    pa, pc = (need(module, "cli", "reading tables") for module in ("pyarrow", "pyarrow.compute"))
    text = pc.struct_field(parts, name)
    return pc.cast(pc.if_else(pc.equal(text, ""), "0", text), pa.int64())
