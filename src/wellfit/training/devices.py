"""One fit over all devices of all processes: rows are divided among them, everything else is the same everywhere.

The program is the one for a single device. Its data are laid out over a mesh, and XLA's partitioner puts in the sums
over devices. Every process holds its own rows only; targets and weights, which are small, travel to all.
"""

from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from wellfit.core.types import Array, Tree
from wellfit.training.plan import ROWS, Data, Rows
from wellfit.training.rungs import pad_rows, rung


class Division:
    """Rows divided among all devices of all processes; every process makes one, at the same place of its program."""

    def __init__(self) -> None:
        devices = sorted(jax.devices(), key=lambda device: (device.process_index, device.id))
        self.mesh = Mesh(np.array(devices), (ROWS,))
        self.processes, self.here = jax.process_count(), jax.process_index()

    def gathered(self, rows: np.ndarray) -> list[np.ndarray]:
        """What each process has given, in the processes' order; numbers of rows may differ, dtypes may not."""
        if self.processes == 1:
            return [rows]
        counts = multihost_utils.process_allgather(np.asarray(len(rows), np.int32))
        most = int(np.max(counts))
        if not most:
            return [rows] * self.processes
        plain = np.ascontiguousarray(pad_rows(rows, most))
        # Bytes travel: JAX would round float64 on the way.
        found = multihost_utils.process_allgather(plain.view(np.uint8).reshape(most, -1))
        parts = np.asarray(found).reshape(self.processes, most, -1)
        return [
            np.ascontiguousarray(part[:count]).view(rows.dtype).reshape(count, *rows.shape[1:])
            for part, count in zip(parts, counts, strict=True)
        ]

    def check_start(self, rows: Tree | None) -> None:
        """One sentence for layers that start from rows, where this process does not hold them all."""
        if rows is not None and self.processes > 1:
            raise ValueError(
                "devices='all' over several processes is not for layers that start from rows, such as radial bases: "
                "each process sees its own rows only; fit in one process."
            )

    def arrays(
        self, x: Tree, y: np.ndarray, w: np.ndarray, split: tuple, dtype: Any
    ) -> tuple[Data, Rows, np.ndarray, np.ndarray]:
        """Data over the mesh, row numbers in them, and the targets and weights of all training rows.

        The arguments are those of ``rows.arrays`` for the rows of this process. Rows count through the processes: the
        fit is that of one process with all rows, one process after another.
        """
        train, valid = (self.gathered(part) for part in split)
        y = y if y.dtype.kind == "i" else y.astype(dtype)
        ys, ws = self.gathered(y), self.gathered(w)
        local = max(self.mesh.size // self.processes, 1)
        block = -(-rung(max(map(len, ws))) // local) * local
        sharding = NamedSharding(self.mesh, PartitionSpec(ROWS))

        def laid_out(leaf: np.ndarray) -> Array:
            whole = (block * self.processes, *leaf.shape[1:])
            return jax.make_array_from_process_local_data(sharding, pad_rows(leaf, block), whole)

        numbers = [
            np.concatenate([part + block * process for process, part in enumerate(parts)]).astype(np.int32)
            for parts in (train, valid)
        ]
        own_w = np.concatenate([own[part] for own, part in zip(ws, train, strict=True)])
        own_y = np.concatenate([own[part] for own, part in zip(ys, train, strict=True)])
        held = rung(len(numbers[1])) if len(numbers[1]) else 0
        rows = Rows(
            pad_rows(numbers[0], rung(len(numbers[0])))[None],
            np.array([len(numbers[0])], np.int32),
            pad_rows(numbers[1], held)[None],
            np.array([len(numbers[1])], np.int32),
            np.array([float(own_w.sum())], dtype),
        )
        return Data(*jax.tree.map(laid_out, (x, y, w.astype(dtype)))), rows, own_y, own_w


def division(devices: Any, max_time: Any) -> Division | None:
    """The division that ``devices`` asks for, None where there is only one device."""
    if devices is not None and not (isinstance(devices, str) and devices == "all"):
        raise ValueError(f"devices must be None or 'all', got {devices!r}.")
    if devices is None or jax.device_count() == 1:
        return None
    if max_time is not None and jax.process_count() > 1:
        raise ValueError(
            f"max_time={max_time!r} would end processes at different steps, for their clocks differ; limit max_epochs."
        )
    return Division()
