"""Where bytes come from: a file, standard input, inside a zip or compressed; opened again and again from the start."""

import bz2
import difflib
import gzip
import io
import lzma
import sys
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from wellfit.core.extras import need
from wellfit.core.names import nearest

HEAD = 1 << 16
"""Bytes that are looked at before a file is read."""

COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2", b"\xfd7zXZ\0": "xz"}
NEVER_A_TABLE = {b"\xd0\xcf\x11\xe0": "an Excel workbook", b"%PDF": "a PDF", b"SQLite": "an SQLite data base",
                 b"\x89HDF": "an HDF5 file"}  # fmt: skip
HARMED = (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class Source:
    """A name for errors and one for people, the ending that tells the format, and the bytes, uncompressed."""

    name: str
    label: str
    suffix: str
    open: Callable[[], BinaryIO]
    head: bytes = b""


def open_source(place: str, samples: Iterable[str] = ()) -> Source:
    """The bytes behind a path or ``-``; whatever keeps them from being read is one sentence."""
    if place == "-":
        content = sys.stdin.buffer.read()
        if not content:
            raise ValueError("standard input is empty; a table with a header line and rows is needed.")
        return _uncompressed(
            Source("standard input", "standard input", "", lambda: io.BytesIO(content), content[:HEAD])
        )
    path = Path(place)
    try:
        if not path.exists():
            near = nearest(place, samples) or _similar_file(path)
            hint = f"; did you mean {near!r}?" if near else f"; bundled samples are {', '.join(samples)}."
            raise ValueError(f"there is no file {place!r}{hint}")
        if path.is_dir():
            raise ValueError(f"{place!r} is a folder; name a CSV, Parquet or NPZ file.")
        if not path.is_file():  # a pipe gives its bytes once
            content = path.read_bytes()
            return _uncompressed(
                Source(repr(place), path.name, path.suffix.lower(), lambda: io.BytesIO(content), content[:HEAD])
            )
        with open(path, "rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise ValueError(f"{place!r} cannot be read: {error.strerror}.") from None
    if not head:
        raise ValueError(f"{place!r} is empty; a table with a header line and rows is needed.")
    return _uncompressed(Source(repr(place), path.name, path.suffix.lower(), lambda: open(path, "rb"), head))


def _similar_file(path: Path) -> str | None:
    names: list[str] = []
    with suppress(OSError):
        names = [entry.name for entry in path.parent.iterdir()]
    found = difflib.get_close_matches(path.name, names, n=1, cutoff=0.7)
    return str(path.parent / found[0]) if found else None


def _uncompressed(source: Source) -> Source:
    """The source itself, or what is compressed in it."""
    for magic, what in NEVER_A_TABLE.items():
        if source.head.startswith(magic):
            raise ValueError(f"{source.name} is {what}, which cannot be read; save the table as CSV or Parquet.")
    if source.head.startswith(b"PK\3\4") and source.suffix != ".npz":
        return _zipped(source)
    for magic, method in COMPRESSED.items():
        if source.head.startswith(magic):
            inner = PurePosixPath(PurePosixPath(source.label).stem)
            return _with_head(source, inner.suffix.lower(), _opener(method, source.open))
    return source


class _Unpacked(io.BufferedReader):
    """Bytes unpacked from others, which are closed with it."""

    def __init__(self, unpacked: Any, *packed: Any) -> None:
        super().__init__(unpacked)
        self.packed = packed

    def close(self) -> None:
        super().close()
        for file in self.packed:
            file.close()


def _opener(method: str, raw: Callable[[], BinaryIO]) -> Callable[[], BinaryIO]:
    if method == "zstd":
        arrow = need("pyarrow", "cli", "reading zstd files")
        return lambda: _Unpacked(arrow.CompressedInputStream(packed := raw(), "zstd"), packed)
    module: Any = {"gzip": gzip, "bz2": bz2, "xz": lzma}[method]
    return lambda: _Unpacked(module.open(packed := raw(), "rb"), packed)


def _zipped(source: Source) -> Source:
    """The one file in a zip archive."""
    try:
        with source.open() as file, zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/") and "__MACOSX" not in name]
    except HARMED as error:
        raise ValueError(f"{source.name} is not a readable zip archive: {_words(error)}.") from None
    if "xl/workbook.xml" in names:
        raise ValueError(f"{source.name} is an Excel workbook, which cannot be read; save the sheet as CSV.")
    if names and all(name.endswith(".npy") for name in names):
        return replace(source, suffix=".npz")
    if len(names) != 1:
        raise ValueError(f"{source.name} is a zip archive of {len(names)} files; unpack it and name the one to read.")
    return _with_head(source, PurePosixPath(names[0]).suffix.lower(), lambda: _member(source, names[0]))


def _member(source: Source, name: str) -> BinaryIO:
    packed = source.open()
    archive = zipfile.ZipFile(packed)
    return _Unpacked(archive.open(name), archive, packed)


def _with_head(source: Source, suffix: str, opened: Callable[[], BinaryIO]) -> Source:
    try:
        with opened() as file:
            head = file.read(HEAD)
    except HARMED as error:
        raise ValueError(f"{source.name} is compressed and cannot be unpacked: {_words(error)}.") from None
    if not head:
        raise ValueError(f"{source.name} is empty; a table with a header line and rows is needed.")
    return Source(source.name, source.label, suffix, opened, head)


def _words(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
