"""How a file of text is laid out: delimiter, encoding and what stands before the header, from its first bytes."""

import csv
import io
import re
from contextlib import closing
from dataclasses import dataclass

from wellfit.data.sources import HEAD, Source

DELIMITERS = {",": ",", ";": ";", "\t": "\t", "|": "|", "comma": ",", "semicolon": ";", "tab": "\t", "\\t": "\t",
              "pipe": "|", "space": " "}  # fmt: skip
MARKS_OF_ORDER = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xef\xbb\xbf": "utf-8-sig",
                  b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # fmt: skip
BLOCK = 1 << 24
"""Bytes parsed at a time; no row may be longer."""


@dataclass(frozen=True)
class TextFormat:
    """What the user said of a file of text; None is found out."""

    delimiter: str | None = None
    decimal: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.delimiter is not None and self.delimiter not in DELIMITERS and len(self.delimiter) != 1:
            raise ValueError(
                f"--delimiter must be one character, or comma, semicolon, tab, pipe; got {self.delimiter!r}."
            )
        if self.decimal not in (None, ".", ","):
            raise ValueError(f"--decimal must be '.' or ',', got {self.decimal!r}.")
        try:
            "".encode(self.encoding or "utf-8")
        except LookupError:
            raise ValueError(
                f"--encoding {self.encoding!r} is unknown; common ones are utf-8, utf-16, cp1252, latin-1."
            ) from None


@dataclass(frozen=True)
class Layout:
    """How one file is to be parsed: ``skip`` lines stand before the header."""

    delimiter: str
    encoding: str
    skip: int = 0
    spaced_quotes: bool = False


def layout_of(source: Source, asked: TextFormat) -> Layout:
    encoding = asked.encoding or next(
        (name for mark, name in MARKS_OF_ORDER.items() if source.head.startswith(mark)), "utf-8"
    )
    if b"\0" in source.head and not encoding.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        raise ValueError(f"{source.name} is not a text table: it holds binary data; CSV, Parquet and NPZ can be read.")
    text = head_text(source, encoding)
    if not text.strip():
        raise ValueError(f"{source.name} holds no columns; a header line and rows are needed.")
    if text.lstrip().startswith(("{", "[{")):
        raise ValueError(f"{source.name} looks like JSON, which cannot be read; save the table as CSV or Parquet.")
    if text.lstrip().lower().startswith(("<!doctype", "<html")):
        raise ValueError(f"{source.name} is a web page, not a table; download the file itself.")
    said = re.match(r"\s*\"?sep=(.)\"?\r?\n", text)  # what Excel writes for itself
    body = text[said.end() :] if said else text
    delimiter = (
        DELIMITERS.get(asked.delimiter, asked.delimiter) if asked.delimiter else said[1] if said else _sniffed(body)
    )
    quotes = re.search(rf'(?:^|{re.escape(delimiter)}) +"', body, re.MULTILINE)
    return Layout(delimiter, encoding, 1 if said else 0, bool(quotes) and delimiter != " ")


def head_text(source: Source, encoding: str) -> str:
    """The whole lines of the first bytes."""
    text = source.head.decode(encoding, errors="replace").lstrip("\ufeff")
    return text[: text.rfind("\n") + 1] or text if len(source.head) >= HEAD else text


def _sniffed(text: str) -> str:
    """The delimiter that cuts most of the first lines into as many fields as the header; else the comma."""
    best = (0.0, 0)
    found = ","
    for delimiter in (",", ";", "\t", "|"):
        widths = [len(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row][:100]
        alike = sum(width == widths[0] for width in widths) / len(widths)
        if widths[0] > 1 and (alike, widths[0]) > best:
            best, found = (alike, widths[0]), delimiter
    return found


def western(source: Source) -> str:
    """cp1252, or latin-1 where a byte has no meaning in it."""
    with closing(source.open()) as file:
        undefined = any(
            block.translate(None, b"\x81\x8d\x8f\x90\x9d") != block for block in iter(lambda: file.read(BLOCK), b"")
        )
    return "latin-1" if undefined else "cp1252"


def as_text(source: Source, layout: Layout) -> io.TextIOWrapper:
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    return io.TextIOWrapper(source.open(), encoding, errors="replace", newline="")
