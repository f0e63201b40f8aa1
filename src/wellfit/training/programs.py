"""Compiled programs: one per structure, kept in memory and on disk.

A program is known by the function, the structure of its arguments and their shapes and dtypes, and by the device where
that is not the first; numbers, seeds and row counts within a rung are not part of it. ``compilations()`` counts what
XLA really compiled.
"""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import jax
from jax.sharding import Mesh, NamedSharding, PartitionSpec, SingleDeviceSharding

from wellfit.core.turns import away
from wellfit.core.types import Tree
from wellfit.functions.numerics import double_precision
from wellfit.training import disk, place

CAPACITY = 256
UNDIVIDED: Any = {"xla_disable_hlo_passes": "cpu-parallel-task-assigner"}
"""XLA divides every operation that reads a large array, a gather of 32 of its rows too, among all cores."""

_programs: OrderedDict[Any, Callable[..., Any]] = OrderedDict()
_compiling: dict[Any, threading.Lock] = {}
_lock = threading.RLock()
_count = 0


def compilations() -> int:
    """How many programs this process has compiled (those loaded from disk are not counted)."""
    return _count


def forget() -> None:
    """Drop every program kept in memory."""
    with _lock:
        _programs.clear()


def call(
    function: Callable[..., Tree], *args: Any, out: Any, donate: int | None = None, one_core: bool = False
) -> Tree:
    """``function(*args)`` by its compiled program, finished.

    Parameters
    ----------
    function : pure function of pytrees, at module level
    args : pytrees of arrays (numpy or JAX), no Python numbers
    out : a pytree with the structure of the result (its leaves do not matter)
    donate : which argument's buffers the result may use; that argument is gone afterwards
    one_core : whether no operation is divided among cores, where handing over would take longer than the operation
    """
    program, leaves, out_structure = prepared(function, *args, out=out, donate=donate, one_core=one_core)
    result = program(*leaves)
    with away():
        jax.block_until_ready(result)
    return jax.tree.unflatten(out_structure, result)


def prepared(
    function: Callable[..., Tree], *args: Any, out: Any, donate: int | None = None, one_core: bool = False
) -> tuple[Callable[..., Any], list, Any]:
    """The compiled program, the leaves to call it with, and the structure of its result: ``call``, not yet called.

    For calls by the thousand, where looking the program up would cost more than running it.
    """
    leaves, structure = jax.tree.flatten(args)
    out_structure = jax.tree.structure(out)
    shapes = tuple((leaf.shape, leaf.dtype) for leaf in leaves)
    key = (function, structure, out_structure, shapes, donate, one_core, double_precision(), _where(leaves))
    program = _known(key)
    if program is None:
        with away():
            program = _made(key, function, args, leaves, structure, out_structure, shapes, donate, one_core)
    return program, leaves, out_structure


def _made(key: Any, *how: Any) -> Callable[..., Any]:
    """The program, loaded or compiled by one thread while others that need it wait."""
    with _lock:
        alone = _compiling.setdefault(key, threading.Lock())
    with alone:  # others wait for this program only, and compile theirs meanwhile
        program = _known(key)
        if program is None:
            program = _load_or_compile(*how)
            _remember(key, program)
    with _lock:
        _compiling.pop(key, None)
    return program


def _known(key: Any) -> Callable[..., Any] | None:
    with _lock:
        if key in _programs:
            _programs.move_to_end(key)
        return _programs.get(key)


def _remember(key: Any, program: Callable[..., Any]) -> None:
    with _lock:
        _programs[key] = program
        while len(_programs) > CAPACITY:
            _programs.popitem(last=False)


def _load_or_compile(
    function: Callable[..., Tree],
    args: tuple,
    leaves: list,
    structure: Any,
    out_structure: Any,
    shapes: tuple,
    donate: int | None,
    one_core: bool,
) -> Callable[..., Any]:
    global _count
    name = f"{function.__module__}.{function.__qualname__}"
    where = _where(leaves)
    mesh = where if isinstance(where, Mesh) else None
    key = None if where else disk.key(name, args, structure, out_structure, shapes, donate, one_core)
    program = disk.load(key, len(leaves), out_structure.num_leaves) if key else None
    if program is not None:
        return program

    def flat(*leaves: Any) -> tuple:
        result = function(*jax.tree.unflatten(structure, leaves))
        result_leaves, result_structure = jax.tree.flatten(result)
        assert result_structure == out_structure, (result_structure, out_structure)
        return tuple(result_leaves)

    same = None  # what is not divided is the same on every device
    if where:
        same = NamedSharding(mesh, PartitionSpec()) if mesh else SingleDeviceSharding(where)
    abstract = [
        jax.ShapeDtypeStruct(leaf.shape, leaf.dtype, sharding=getattr(leaf, "sharding", same) if mesh else same)
        for leaf in leaves
    ]
    options: Any = {"out_shardings": same} if mesh else {}
    jitted = jax.jit(flat, donate_argnums=_leaf_numbers(args, donate), keep_unused=True, **options)
    with jax.set_mesh(mesh) if mesh else contextlib.nullcontext(), _precision():
        program = jitted.lower(*abstract).compile(compiler_options=UNDIVIDED if one_core else None)
    with _lock:
        _count += 1
    if key:
        with contextlib.suppress(Exception):  # a program that cannot be kept is a program compiled again
            disk.store(key, program)
    return program


def _precision() -> Any:
    """Matrix products in full float32, where an accelerator's own way is a shorter format (NVIDIA's TF32: 1e-3)."""
    return jax.default_matmul_precision("highest") if place.accelerator() else contextlib.nullcontext()


def _where(leaves: list) -> Any:
    """The mesh of devices that some of the arrays are divided among, or their device; None where it is the first."""
    found = None
    for leaf in leaves:
        sharding = leaf.sharding if isinstance(leaf, jax.Array) else None
        if isinstance(sharding, NamedSharding) and isinstance(sharding.mesh, Mesh) and sharding.mesh.size > 1:
            return sharding.mesh
        if isinstance(sharding, SingleDeviceSharding):
            (found,) = sharding.device_set
    return None if found is None or found == jax.local_devices()[0] else found


def _leaf_numbers(args: tuple, donate: int | None) -> tuple[int, ...]:
    if donate is None:
        return ()
    sizes = [len(jax.tree.leaves(arg)) for arg in args]
    first = sum(sizes[:donate])
    return tuple(range(first, first + sizes[donate]))
