"""The folder of compiled programs: where it is, what is in it, how it is emptied. Needs no JAX.

Files are named by a hash (``training/disk.py`` says of what). The folder is private to the user: a kept program is
code, and one that others may write to is not used.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

LIMIT_BYTES = 512 * 2**20
SUFFIX = ".program"
PARTIAL = ".partial"  # what a process that was killed while writing leaves behind


@dataclass(frozen=True)
class Contents:
    """How many programs a folder holds, and the bytes of all its files."""

    programs: int
    size: int


def folder() -> Path | None:
    """Where programs are kept: under ``WELLFIT_CACHE`` or the user's cache folder.

    None where nothing is kept: ``WELLFIT_CACHE=off``, or a user without a home.
    """
    chosen = os.environ.get("WELLFIT_CACHE", "")
    if chosen.lower() in {"off", "none", "0"}:
        return None
    try:
        base = Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "wellfit"
    except RuntimeError:  # Path.home() of a user number that has no entry and no HOME
        return None
    return base / "programs"


def contents() -> Contents:
    """What is kept now."""
    programs = size = 0
    for path in _files():
        with contextlib.suppress(OSError):
            size += path.stat().st_size
            programs += path.suffix == SUFFIX
    return Contents(programs, size)


def clear() -> Contents:
    """Delete every kept program and what interrupted writing left; returns what went."""
    programs = size = 0
    for path in _files():
        with contextlib.suppress(OSError):
            bytes_ = path.stat().st_size
            path.unlink()
            size += bytes_
            programs += path.suffix == SUFFIX
    return Contents(programs, size)


def shrink(place: Path) -> None:
    """Delete the programs that were used longest ago until the folder is within its limit."""
    files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in place.glob("*" + SUFFIX))
    total = sum(size for _, size, _ in files)
    for _, size, path in files:
        if total <= LIMIT_BYTES:
            break
        with contextlib.suppress(OSError):
            path.unlink()
        total -= size


def private(place: Path) -> bool:
    """Whether the folder is the user's own and nobody else may write to it."""
    status = place.stat()
    return os.name != "posix" or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def _files() -> list[Path]:
    place = folder()
    if place is None or not place.is_dir():
        return []
    return [path for path in place.iterdir() if path.suffix in (SUFFIX, PARTIAL)]
