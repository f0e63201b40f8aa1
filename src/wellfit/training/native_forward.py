"""What a plain network makes of rows, by a kernel of our own: nothing is compiled, no row depends on its neighbours."""

import ctypes
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np

from wellfit.core.turns import away, taking_turns
from wellfit.core.types import Tree
from wellfit.functions.turns import COEFFICIENTS
from wellfit.native import library
from wellfit.native.cores import cores
from wellfit.native.scaled_rows import ScaledRows
from wellfit.native.task import Task, place, places
from wellfit.networks.network import Network
from wellfit.training.native_network import (
    blocks,
    fields_of_rows,
    paths_of,
    rows_as_read,
    structure_of,
    takes_network,
)

ROWS, FEWEST_ROWS = 8192, 128
"""Of one call at most; and a multiple of the second, where fewer are taken so that every core has some."""

WORTH_THREADS, WORTH_CUTTING = 1 << 22, 1 << 29
"""Multiplications from which handing parts to threads is worth while; and rows of one call to several threads."""


def by_kernel(network: Network, params: Tree, x: Any) -> bool:
    """Whether the kernel does it: a plain network, and rows in the parameters' precision."""
    dense = isinstance(blocks(network, x)[0], np.ndarray | ScaledRows)
    return dense and takes_network(network, x, jax.tree.leaves(params)[0].dtype) and library.available()


def outputs_by_kernel(network: Network, params: Tree, x: Any) -> np.ndarray:
    """Raw outputs in the rows' precision: parameters stacked (P, ...), x (n, ...) -> (P, n, outputs)."""
    numbers, codes = blocks(network, x)
    codes = np.ascontiguousarray(codes, np.int32)
    paths, dtype = paths_of(network), numbers.dtype
    stacked = [np.ascontiguousarray(params[layer][name]) for layer, name in paths]
    members, n = len(stacked[0]), len(numbers)
    sizes = np.array([array[0].size for array in stacked], np.int64)
    structure = structure_of(network, 0, 0, 0, 1)
    cosine = COEFFICIENTS[dtype].astype(dtype)
    found = np.empty((members, n, int(structure[1 + 4 + 4 * (int(structure[0]) - 1)])), dtype)

    def forward(part: tuple[int, int]) -> None:
        member, first = part
        own, few = places([array[member] for array in stacked]), slice(first, first + size)
        # What does not lie row by row is copied a few rows at a time: fresh memory for all of them takes longer.
        part_of = numbers.part(few) if isinstance(numbers, ScaledRows) else numbers[few]
        fields, arrays = fields_of_rows(rows_as_read(network, part_of, 1))
        task = Task(
            doubles=dtype == np.float64, structure=place(structure),
            codes=place(codes[few] if codes.shape[1] else codes),
            **fields, **{name: place(array) for name, array in arrays.items()},
            held=place(rows), held_n=min(size, n - first), p=ctypes.addressof(own),
            arrays=len(sizes), sizes=place(sizes), cosine=place(cosine), outputs=place(found[member, first:]),
        )  # fmt: skip
        library.forward(task)

    alone = taking_turns.value is None  # in a search every core has a fit of its own
    work, threads = n * members * int(sizes.sum()), cores() if alone else 1
    size = min(ROWS, -(-n * members // (threads * FEWEST_ROWS)) * FEWEST_ROWS) if work > WORTH_CUTTING else ROWS
    rows = np.arange(min(size, n), dtype=np.int32)
    parts = [(member, first) for member in range(members) for first in range(0, n, size)]
    with away():
        if threads > 1 and len(parts) > 1 and work > WORTH_THREADS:
            with ThreadPoolExecutor(min(len(parts), threads)) as pool:
                list(pool.map(forward, parts))
        else:
            for part in parts:
                forward(part)
    return found
