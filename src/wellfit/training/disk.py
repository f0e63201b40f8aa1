"""Compiled programs on disk, so that a fresh process starts fast; any failure only means compiling.

A file is named by a hash of all that decides the program: the structure, shapes and dtypes, wellfit's own source,
the versions of jax and jaxlib, the processor and the flags. The folder is private to the user, a checksum guards
every file, files appear by an atomic rename, and the oldest go when the folder grows beyond its limit.
Programs with parts of the user's own are never kept: their code is not in the hash.
"""

import contextlib
import dataclasses
import functools
import hashlib
import os
import pickle
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jax
import jaxlib.version
from jax.experimental import serialize_executable

from wellfit.core.cache_folder import PARTIAL, SUFFIX, folder, private, shrink
from wellfit.functions.numerics import double_precision


def key(
    name: str, args: Any, structure: Any, out_structure: Any, shapes: tuple, donate: int | None, one_core: bool
) -> str | None:
    """The name of the program's file, or None when it must not be kept."""
    if folder() is None or not all(map(_ours, args)):
        return None
    facts = (name, str(structure), str(out_structure), shapes, donate, one_core, double_precision(), _machine())
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def load(key: str, n_in: int, n_out: int) -> Callable[..., Any] | None:
    """The program kept under ``key``, or None."""
    place = folder()
    if place is None:
        return None
    with contextlib.suppress(Exception):
        if not private(place):
            return None
        content = (place / (key + SUFFIX)).read_bytes()
        digest, payload = content[:32], content[32:]
        if hashlib.sha256(payload).digest() != digest:
            return None
        in_tree = jax.tree.structure((tuple(range(n_in)), {}))
        out_tree = jax.tree.structure(tuple(range(n_out)))
        with _quiet():
            program = serialize_executable.deserialize_and_load(payload, in_tree, out_tree)
        os.utime(place / (key + SUFFIX))
        return program
    return None


def store(key: str, program: Any) -> None:
    """Keep a compiled program under ``key``."""
    place = folder()
    if place is None:
        return
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not private(place):
        return
    payload, _, _ = serialize_executable.serialize(program)
    handle, temporary = tempfile.mkstemp(dir=place, suffix=PARTIAL)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(payload).digest() + payload)
        os.replace(temporary, place / (key + SUFFIX))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    shrink(place)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Standard error of native code to nowhere: XLA warns of tuning hints it takes for missing processor features.

    The file's key holds the processor's model and flags, so the program was compiled for this very kind of machine.
    """
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, ValueError, AttributeError):  # no standard error to keep clean
        yield
        return
    try:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _ours(value: Any) -> bool:
    """Whether every description inside is wellfit's own and all its static fields are plain values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if not type(value).__module__.startswith("wellfit."):
            return False
        return all(
            _plain(getattr(value, field.name)) if field.metadata.get("static") else _ours(getattr(value, field.name))
            for field in dataclasses.fields(value)
        )
    if isinstance(value, dict):
        return all(map(_ours, value.values()))
    if isinstance(value, tuple | list):
        return all(map(_ours, value))
    return value is None or hasattr(value, "dtype")


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | type(None)) or (
        isinstance(value, tuple) and all(map(_plain, value))
    )


@functools.cache
def _machine() -> tuple:
    """What a program depends on beside its structure: our source, the compilers, the processor, the flags."""
    source = hashlib.sha256()
    package = Path(__file__).parents[1]
    for layer in ("core", "functions", "layers", "families", "optimizers", "networks", "training", "insight"):
        for path in sorted((package / layer).rglob("*.py")):
            source.update(path.read_bytes())
    cpu = ""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
        cpu = "".join(line for line in lines if line.startswith(("model name", "flags", "Features", "CPU part")))
    flags = tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith(("XLA_", "JAX_"))))
    versions = (
        jax.__version__,
        jaxlib.version.__version__,
        pickle.HIGHEST_PROTOCOL,
        jax.default_backend(),
        jax.devices()[0].device_kind,
        len(jax.devices()),
    )
    return (
        source.hexdigest(),
        versions,
        platform.machine(),
        cpu or platform.processor(),
        os.cpu_count(),
        flags,
    )
