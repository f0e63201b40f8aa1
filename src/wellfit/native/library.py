"""The compiled kernels: found and loaded once; where that fails, XLA does the work.

They are built where wellfit is installed with a C++ compiler at hand. ``WELLFIT_NATIVE=0`` turns them off.
"""

import ctypes
import functools
import os
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from wellfit.native.cores import cores
from wellfit.native.task import EXTREMES, MEANING, SCALE, Task

SWITCH = "WELLFIT_NATIVE"
MOST_HELPERS = 15
INSTRUCTIONS = {1: "any processor's", 2: "AVX2", 3: "AVX-512"}


def library_file() -> Path | None:
    """The file of the compiled kernels, or None where none was built.

    It is no module of Python's, so it lies in a folder that is no package.
    """
    places = (Path(__file__).parent / "source" / ("_kernels" + suffix) for suffix in EXTENSION_SUFFIXES)
    return next((place for place in places if place.is_file()), None)


@functools.cache
def _loaded() -> tuple[Any, str]:
    """The library, or None and why there is none."""
    if os.environ.get(SWITCH, "1").lower() in ("0", "off", "false", "no"):
        return None, f"{SWITCH} turns them off"
    file = library_file()
    if file is None:
        return None, "they were not built; install wellfit where there is a C++ compiler"
    try:
        library = ctypes.CDLL(str(file))
        if library.wellfit_task_bytes() != ctypes.sizeof(Task) or library.wellfit_meaning() != MEANING:
            return None, "they were built for another version of wellfit; install it again"
        library.wellfit_scale.argtypes = SCALE
        library.wellfit_extremes.argtypes = EXTREMES
    except Exception as error:  # another processor, half a file: never a reason to fail
        return None, f"they could not be loaded ({error})"
    for function in (library.wellfit_train, library.wellfit_forward):
        function.argtypes = [ctypes.POINTER(Task)]
    library.wellfit_helpers(ctypes.c_int(helpers()))
    return library, INSTRUCTIONS[library.wellfit_instructions(0)]


def helpers() -> int:
    """Threads that may help: one for each core that this process may use, but its own."""
    return min(cores() - 1, MOST_HELPERS)


def available() -> bool:
    """Whether trainings may be the kernels'."""
    return _loaded()[0] is not None


def about() -> str:
    """Which instructions the kernels use, or why there are none."""
    library, words = _loaded()
    return f"kernels for {words} instructions" if library is not None else f"no kernels: {words}"


def train(task: Task) -> None:
    """Go on with a training, without the interpreter's lock; ``MemoryError`` where there is none for a batch."""
    if not _loaded()[0].wellfit_train(ctypes.byref(task)):
        raise MemoryError("there is no memory for a batch; make batch_size or the network (hidden) smaller.")


def forward(task: Task) -> None:
    """What a network makes of rows, without the interpreter's lock; ``MemoryError`` where there is none for a block."""
    if not _loaded()[0].wellfit_forward(ctypes.byref(task)):
        raise MemoryError("there is no memory for a block of rows; make the network (hidden) smaller.")


def scale(*arguments: Any) -> None:
    """Scale columns, without the interpreter's lock; see ``native.scaling``."""
    _loaded()[0].wellfit_scale(*arguments)


def extremes(*arguments: Any) -> None:
    """The extremes of columns, without the interpreter's lock; see ``native.extremes``."""
    _loaded()[0].wellfit_extremes(*arguments)


def set_helpers(count: int) -> None:
    """How many threads may help a kernel; results do not depend on it."""
    library = _loaded()[0]
    if library is not None:
        library.wellfit_helpers(ctypes.c_int(count))


def set_instructions(kind: int) -> int:
    """Use another kind of instructions (``INSTRUCTIONS``; 0: the best), as far as the processor has them."""
    library = _loaded()[0]
    return 0 if library is None else library.wellfit_instructions(ctypes.c_int(kind))
