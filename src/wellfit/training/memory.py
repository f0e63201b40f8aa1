"""Memory is estimated before it is allocated: what cannot fit is refused in one sentence, not by the system's killer.

The estimate counts what surely is there at once, so a fit that is refused would have failed; one that passes may still
be too large where other programs take memory meanwhile.
"""

import contextlib
import math
import os
from pathlib import Path
from typing import Any

import jax
import numpy as np

from wellfit.core.types import is_shape
from wellfit.native.cores import cores
from wellfit.native.scaled_rows import ScaledRows
from wellfit.training import place
from wellfit.training.native_network import is_copied
from wellfit.training.plan import Data, Plan
from wellfit.training.state import _shapes as optimizer_shapes  # remembered: `start` asks for the same

MEMINFO = Path("/proc/meminfo")
CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")

REMEDIES = {
    "data": "fit to fewer rows or columns",
    "parameters": "make the network smaller (hidden) or use fewer members (n_members)",
    "activations": "make batch_size or the network (hidden) smaller",
}


def check_memory(plan: Plan, data: Data, shape: Any, members: int, *, validate: bool, dtype: Any) -> None:
    """Raise ``MemoryError``, naming the largest part and the remedy, where a fit cannot have the memory it needs.

    shape : of one row of x, as ``network.init`` takes it.
    """
    parts = estimate(plan, data, shape, members, validate=validate, dtype=dtype)
    if not place.accelerator():
        _check_room(parts, available(), members)
    elif place.trains_by_kernel(plan, data, members):
        _check_room(parts, host_memory(), members)
    else:  # members train as many at a time as there is memory for; the others' states wait on the host
        _check_room(estimate(plan, data, shape, 1, validate=validate, dtype=dtype), available(), 1)
        _check_room(parts | {"activations": 0}, host_memory(), members)


def _check_room(parts: dict[str, int], room: int | None, members: int) -> None:
    total = sum(parts.values())
    if room is None or total <= room:
        return
    largest = max(parts, key=lambda part: parts[part])
    crowd = f" of {members} members" if members > 1 and largest != "data" else ""
    raise MemoryError(
        f"this fit needs about {_size(total)} of memory and {_size(room)} are available, most of it "
        f"({_size(parts[largest])}) for the {largest}{crowd}: {REMEDIES[largest]}."
    )


def estimate(plan: Plan, data: Data, shape: Any, members: int, *, validate: bool, dtype: Any) -> dict[str, int]:
    """Bytes by part.

    The data once, but for rows that are scaled as they are gathered; for each member parameters, gradient and
    direction, the last good and the best parameters, and the optimizer's state twice (now and at the last good epoch);
    for each thread the batch's activations, forward and back.
    """
    item = np.dtype(dtype).itemsize
    shapes = plan.network.parameters(shape)
    arrays = jax.tree.map(lambda size: jax.ShapeDtypeStruct(size, dtype), shapes, is_leaf=is_shape)
    numbers = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(arrays))
    state = sum(math.prod(leaf.shape) for leaf in jax.tree.leaves(optimizer_shapes(plan, arrays)))
    batch = len(data.w) if plan.full_batch else plan.batch_size
    units = sum(math.prod(size) for size in plan.network.shapes(shape)[1:] if is_shape(size))
    kept = [block for block in jax.tree.leaves(data) if not _waits(block, plan, data, members)]
    return {
        "data": sum(block.size * block.dtype.itemsize for block in kept),
        "parameters": members * item * ((4 + validate) * numbers + 2 * state),
        "activations": min(members, cores()) * 2 * batch * units * item,
    }


def _waits(block: Any, plan: Plan, data: Data, members: int) -> bool:
    """Whether a block takes no memory, for its rows are scaled as the kernel gathers them."""
    passes = members * float(np.max(plan.max_epochs))
    waiting = isinstance(block, ScaledRows) and not is_copied(plan.network, block, passes)
    return waiting and place.trains_by_kernel(plan, data, members)


def available() -> int | None:
    """Bytes that JAX's first device can have now, which may be the machine's own; None where nobody says."""
    device = jax.local_devices()[0]
    if device.platform != "cpu":
        stats: dict[str, int] = device.memory_stats() or {}
        return stats["bytes_limit"] - stats.get("bytes_in_use", 0) if "bytes_limit" in stats else None
    return host_memory()


def host_memory() -> int | None:
    """Bytes that the machine can give now, within its container; None where nobody says."""
    known = [size for size in (_machine(), _container()) if size is not None]
    return min(known, default=None)


def _machine() -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError), MEMINFO.open() as lines:
        for line in lines:
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(OSError, ValueError, AttributeError):  # all the memory there is, where nobody counts
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _container() -> int | None:
    with contextlib.suppress(OSError, ValueError):  # the file holds "max" where there is no limit
        return int(CONTAINER_LIMIT.read_text())
    return None


def _size(count: int) -> str:
    for unit, size in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1024:,.1f} KiB"
