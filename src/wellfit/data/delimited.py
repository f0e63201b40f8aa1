"""Tables of delimited text: parsed by pyarrow, then given proper names and numbers."""

import csv
import io
import re
import warnings
from contextlib import closing
from dataclasses import replace
from typing import Any

from wellfit.core.errors import WellfitWarning
from wellfit.core.extras import need
from wellfit.data import notation
from wellfit.data.bad_lines import bad_line, long_fields
from wellfit.data.date_notation import with_dates
from wellfit.data.layout import BLOCK, Layout, TextFormat, as_text, head_text, layout_of, western
from wellfit.data.sources import HARMED, Source
from wellfit.data.units import without_units
from wellfit.data.values import GAPS

BLANKS = " \t\r\n\u00a0\u200b\ufeff"


def read_delimited(source: Source, asked: TextFormat) -> Any:
    """A pandas frame of a file of delimited text."""
    need("pyarrow", "cli", "reading CSV files")
    layout = layout_of(source, asked)
    notes: list[str] = [f"{source.name}: {layout.note}"] if layout.note else []
    try:
        table = _parsed(source, layout, asked.decimal or ".")
        if asked.encoding is None and _unreadable(table):
            layout = replace(layout, encoding=western(source))
            notes.append(f"{source.name} is not UTF-8: it was read as {layout.encoding} (--encoding says otherwise).")
            table = _parsed(source, layout, asked.decimal or ".")
        elif _unreadable(table):
            raise ValueError(f"{source.name} is not {layout.encoding}; name another --encoding.")
        table = without_units(_named(table, notes), notes)
        table = with_dates(_numbered(source, layout, asked.decimal, table, notes), notes)
    except HARMED as error:
        raise ValueError(f"{source.name} cannot be read: {_words(error)}.") from None
    except UnicodeError:
        raise ValueError(f"{source.name} is not {layout.encoding}; name another --encoding.") from None
    for note in notes:
        warnings.warn(note, WellfitWarning, stacklevel=3)
    return table.to_pandas(self_destruct=True, split_blocks=True, date_as_object=False)


def _unreadable(table: Any) -> bool:
    """Whether some text is not of the encoding: arrow then leaves it as bytes."""
    types = need("pyarrow", "cli", "reading CSV files").types
    try:
        table.column_names  # noqa: B018
    except UnicodeDecodeError:
        return True
    return any(types.is_binary(kind) for kind in table.schema.types)


# -- parsing -------------------------------------------------------------------------------------------------------


def _parsed(source: Source, layout: Layout, decimal: str) -> Any:
    pa, reader = (need(name, "cli", "reading CSV files") for name in ("pyarrow", "pyarrow.csv"))
    encoding = "utf8" if layout.encoding in ("utf-8", "utf-8-sig") else layout.encoding
    try:
        with closing(_without_spaces(source, layout) if layout.spaced_quotes else source.open()) as file:
            table = reader.read_csv(
                file,
                reader.ReadOptions(encoding="utf8" if layout.spaced_quotes else encoding, block_size=BLOCK,
                                   skip_rows=layout.skip),
                reader.ParseOptions(delimiter=layout.delimiter, quote_char=layout.quote, newlines_in_values=True),
                reader.ConvertOptions(strings_can_be_null=True, null_values=sorted(GAPS), decimal_point=decimal),
            )  # fmt: skip
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        what = f"has a row of more than {BLOCK >> 20} MiB" if "straddl" in str(error) else _words(error)
        raise ValueError(bad_line(source, layout) or f"{source.name} is not a proper table of text: {what}.") from None
    if _ends_in_a_long_text(table) and (wrong := bad_line(source, layout)):
        raise ValueError(wrong)
    return table


def _ends_in_a_long_text(table: Any) -> bool:
    """Whether the last value goes over lines: then its quote may never have been closed, which arrow forgives."""
    if not table.num_rows or not table.num_columns:
        return False
    last = table.column(table.num_columns - 1)[-1].as_py()
    return "\n" in last if isinstance(last, str) else isinstance(last, bytes) and b"\n" in last


def _without_spaces(source: Source, layout: Layout) -> io.BytesIO:
    """The file written anew without the spaces between delimiter and quote, which arrow would count as text."""
    tidy = io.StringIO(newline="")
    with as_text(source, layout) as text, long_fields():
        for _ in range(layout.skip):
            text.readline()
        writer = csv.writer(tidy, delimiter=layout.delimiter)
        writer.writerows([[]] * layout.skip)
        writer.writerows(row for row in csv.reader(text, delimiter=layout.delimiter, skipinitialspace=True) if row)
    return io.BytesIO(tidy.getvalue().encode())


# -- names and numbers ---------------------------------------------------------------------------------------------


def _named(table: Any, notes: list[str]) -> Any:
    """Names without spaces around them, none missing and none twice; columns without name and values are left out."""
    pa, pc = (need(name, "cli", "reading CSV files") for name in ("pyarrow", "pyarrow.compute"))
    given = [name.strip(BLANKS) for name in table.column_names]
    if given[:1] and given[0].startswith("#"):  # a header that was written as a comment
        given[0] = given[0].lstrip("#").strip() or given[0]
    kept = [
        j for j, name in enumerate(given) if name or table.column(j).null_count < table.num_rows or not table.num_rows
    ]
    table = table.select(kept)
    taken, names, twice = set(filter(None, given)), [], []
    unnamed = [j for j in kept if not given[j]]
    for j in kept:
        name = given[j] or f"column_{j + 1}"
        if name in names or (not given[j] and name in taken):
            number = next(k for k in range(2, len(given) + 3) if f"{name}_{k}" not in taken)
            twice.append(f"{name} as {name}_{number}")
            name = f"{name}_{number}"
        taken.add(name)
        names.append(name)
    if unnamed:
        notes.append(f"columns without a name were given one: {notation.listed([f'column_{j + 1}' for j in unnamed])}.")
    if twice:
        notes.append(f"the header has names twice; the later ones were renamed: {notation.listed(twice)}.")
    numeric = all(re.fullmatch(notation.PATTERNS["."], name) for name in names)
    if names and numeric and names != [str(j) for j in range(len(names))]:
        notes.append(
            "the first line holds only numbers and was taken as the header; add one if it is a row of the table."
        )
    if len(names) == 1 and re.search(r"\w[ :~^]+\w", names[0]):
        notes.append(f"only one column was found, {names[0][:60]!r}; --delimiter names what separates more of them.")
    table = table.rename_columns(names)
    for j, name in enumerate(names):
        if str(table.schema.field(j).type) == "string":
            trimmed = pc.utf8_trim_whitespace(table.column(j))
            trimmed = pc.if_else(pc.is_in(trimmed, value_set=pa.array(sorted(GAPS))), None, trimmed)
            table = table.set_column(j, name, trimmed)
    return table


def _numbered(source: Source, layout: Layout, decimal: str | None, table: Any, notes: list[str]) -> Any:
    """Text that spells numbers as numbers; the file is parsed once more where its points may separate thousands."""
    found = notation.readings(table)
    text = head_text(source, layout.encoding)
    point = bool(notation.CERTAIN_POINT.search(text))
    chosen = notation.settled(found, decimal, point)
    floats = any(str(kind) == "double" for kind in table.schema.types)
    again = decimal is None and floats and any(reading.decimal == "," for reading in found.values())
    if again:
        commas = [name for name, sign in chosen.items() if sign == ","]
        table = without_units(_named(_parsed(source, layout, ","), []), [])  # the notes on names are there already
        notes.append(f"decimal commas were read in {notation.listed(commas)}, such as {found[commas[0]].example!r}.")
        found = notation.readings(table)
        chosen = notation.settled(found, None if point else ",", point)
    uncertain = decimal is None and floats and not (again or point) and layout.delimiter == ";"
    if uncertain and (seen := notation.UNCERTAIN_POINT.search(text)):
        other = seen[1].replace(".", "")
        notes.append(f"{seen[1]!r} was read with a decimal point; --decimal , reads it as {other}.")
    table, more = notation.with_numbers(table, found, chosen)
    notes += [note for note in more if not (again and note.startswith("decimal commas"))]
    return table


def _words(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).replace("CSV parse error: ", "").rstrip(".")
