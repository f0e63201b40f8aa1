"""The kernel with other instructions, or other help, than this machine's own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from wellfit.native import library


@contextmanager
def instructions(kind: int) -> Iterator[None]:
    """With one of ``library.INSTRUCTIONS``; a test is skipped where there is no such kernel."""
    try:
        if library.set_instructions(kind) != kind:
            pytest.skip(f"no kernel for {library.INSTRUCTIONS[kind]} instructions here")
        yield
    finally:
        library.set_instructions(0)


def by_helpers(made: Callable[[], Any], counts: tuple[int, ...] = (0, 1, 3)) -> list[Any]:
    """What is made with so many helping threads, one after the other."""
    found = []
    try:
        for count in counts:
            library.set_helpers(count)
            found.append(made())
    finally:
        library.set_helpers(library.helpers())
    return found
