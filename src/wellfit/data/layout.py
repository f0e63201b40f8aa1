"""How a file of text is laid out: delimiter, encoding, quotes and where it begins, from its first bytes."""

import codecs
import io
import re
from contextlib import closing
from dataclasses import dataclass

from wellfit.data.preamble import preamble_of, sniffed
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
    """How one file is to be parsed: ``skip`` lines stand before the header, of which ``note`` tells."""

    delimiter: str
    encoding: str
    skip: int = 0
    spaced_quotes: bool = False
    quote: str = '"'
    note: str = ""


def layout_of(source: Source, asked: TextFormat) -> Layout:
    """The layout of a file; one sentence for one that is no table of text."""
    encoding = asked.encoding or _marked(source.head)
    if b"\0" in source.head and not encoding.lower().startswith(("utf-16", "utf-32", "utf_16", "utf_32")):
        raise ValueError(f"{source.name} is not a text table: it holds binary data; CSV, Parquet and NPZ can be read.")
    text = head_text(source, encoding)
    if not text.strip():
        raise ValueError(f"{source.name} holds no columns; a header line and rows are needed.")
    if text.lstrip().startswith(("{", "[{")):
        raise ValueError(f"{source.name} looks like JSON, which cannot be read; save the table as CSV or Parquet.")
    if text.lstrip().lower().startswith(("<!doctype", "<html")):
        raise ValueError(f"{source.name} is a web page, not a table; download the file itself.")
    named = DELIMITERS.get(asked.delimiter, asked.delimiter) if asked.delimiter else None
    before = preamble_of(text, named)
    body = "".join(list(io.StringIO(text, newline=""))[before.lines :])
    if not body.strip():
        raise ValueError(f"{source.name} holds no columns, only comments; a header line and rows are needed.")
    delimiter = named or before.delimiter or sniffed(body)[0]
    spaced = delimiter != " " and bool(re.search(rf'(?:^|{re.escape(delimiter)}) +"', body, re.MULTILINE))
    return Layout(delimiter, encoding, before.lines, spaced, _quote(body, delimiter), before.note)


def _marked(head: bytes) -> str:
    """The encoding that a mark at the very start names, or that noughts at every other byte betray; else UTF-8."""
    for mark, name in MARKS_OF_ORDER.items():
        if head.startswith(mark):
            return name
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) / 5 and min(even, odd) == 0:
        return "utf-16-le" if odd else "utf-16-be"
    return "utf-8"


def _quote(text: str, delimiter: str) -> str:
    """The apostrophe where it encloses every name of the header, else the double quote."""
    header = next((line for line in io.StringIO(text, newline="") if line.strip()), "").strip()
    apostrophes = all(re.fullmatch(r"'[^']*'", name.strip()) for name in header.split(delimiter))
    return "'" if apostrophes else '"'


def head_text(source: Source, encoding: str) -> str:
    """The whole lines of the first bytes."""
    text = source.head.decode(encoding, errors="replace").lstrip("\ufeff")
    return text[: text.rfind("\n") + 1] or text if len(source.head) >= HEAD else text


def western(source: Source) -> str:
    """cp1252, or latin-1 where a byte has no meaning in it; a file that is UTF-8 but for some bytes is refused."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    undefined, damaged, foreign = False, 0, 0
    with closing(source.open()) as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            undefined = undefined or block.translate(None, b"\x81\x8d\x8f\x90\x9d") != block
            text = decoder.decode(block)
            damaged += text.count("\ufffd")
            foreign += len(text) - len(text.encode("ascii", "ignore"))
    if foreign > 2 * damaged:
        raise ValueError(
            f"{source.name} is UTF-8 with {damaged:,} damaged {'character' if damaged == 1 else 'characters'}; repair "
            "them, or name the --encoding that it should be read in."
        )
    return "latin-1" if undefined else "cp1252"


def as_text(source: Source, layout: Layout) -> io.TextIOWrapper:
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    return io.TextIOWrapper(source.open(), encoding, errors="replace", newline="")
