"""Which line of a file of text does not fit: asked only of files that could not be parsed."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager

from wellfit.data.layout import BLOCK, Layout, as_text
from wellfit.data.sources import Source


def bad_line(source: Source, layout: Layout) -> str | None:
    """What is wrong with a file that could not be parsed: the first line that does not fit, and how many do not."""
    header: list[str] = []
    bad, rows, first, width, end, ends_empty = 0, 0, 0, 0, layout.skip, True
    with as_text(source, layout) as text, long_fields():
        for _ in range(layout.skip):
            text.readline()
        lines = csv.reader(
            text, delimiter=layout.delimiter, quotechar=layout.quote, strict=True, skipinitialspace=layout.spaced_quotes
        )
        try:
            for row in lines:
                start, end = end + 1, lines.line_num + layout.skip
                if not row:
                    continue
                header = header or row
                rows += 1
                if len(row) != len(header):
                    first, width = (first, width) if bad else (start, len(row))
                    bad += 1
                    ends_empty = ends_empty and not row[-1].strip()
        except csv.Error as error:
            if "unexpected end" in str(error) or "field limit" in str(error):
                return f"{source.name}: a quote opened in line {end + 1} is never closed."
            if not bad:
                return f"{source.name}: line {lines.line_num + layout.skip} has a misplaced quote ({error})."
    if not bad:
        return None
    if bad == rows - 1 and width == len(header) + 1 and ends_empty:
        remedy = "every line ends in a delimiter: end the header in one too"
    elif bad == rows - 1 and width == len(header) + 1:
        remedy = "complete the header: every line has one value more than the header has names"
    else:
        remedy = "correct it" + (f" and {bad - 1:,} more" if bad > 1 else "") + ", or name another --delimiter"
    return (
        f"{source.name}: line {first} has {width} {'field' if width == 1 else 'fields'} where the header has "
        f"{len(header)}; {remedy}."
    )


@contextmanager
def long_fields() -> Iterator[None]:
    """Let the csv module read fields as long as a row may be; its own limit is put back."""
    before = csv.field_size_limit(BLOCK)
    try:
        yield
    finally:
        csv.field_size_limit(before)
