"""Public names that are imported when they are first asked for: a part may be used without the others."""

import contextlib
import gc
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any


def exports(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """A package's ``__getattr__`` and ``__dir__``; ``homes`` names the module of each public name.

    >>> get, _ = exports("wellfit", {"look_up": "wellfit.core.names"})
    >>> get("look_up").__module__
    'wellfit.core.names'
    >>> get("look_down")
    Traceback (most recent call last):
    AttributeError: module 'wellfit' has no attribute 'look_down'
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        with contextlib.nullcontext() if home in sys.modules else without_collecting():
            return getattr(importlib.import_module(home), name)

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *homes})

    return get, names


@contextlib.contextmanager
def without_collecting() -> Iterator[None]:
    """For imports: no search for garbage while they run.

    JAX, scikit-learn and what they bring make hundreds of thousands of objects that all stay; Python would go through
    them again and again, a sixth of the time that importing takes. They are then put among the old objects, where the
    next full collection sees them; what the user had frozen stays frozen.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()
        gc.enable()
