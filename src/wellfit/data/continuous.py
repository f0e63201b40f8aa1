"""Which columns hold more than two values."""

from typing import Any

import numpy as np
from scipy.sparse import issparse

CHUNK = 2**16


def continuous(block: Any) -> tuple[int, ...] | None:
    """Positions of the columns of a block (n, d) with more than two different values; None for a sparse one.

    >>> continuous(np.array([[0.0, 1.5, 1.0], [1.0, 2.5, 1.0], [0.0, 3.5, 1.0]]))
    (1,)
    """
    if issparse(block):
        return None
    if not len(block):
        return ()
    low, high = block.min(axis=0), block.max(axis=0)
    between = np.zeros(block.shape[1], bool)
    for first in range(0, len(block), CHUNK):
        part = block[first : first + CHUNK]
        between |= ((part != low) & (part != high)).any(axis=0)
        if between.all():
            break
    return tuple(np.flatnonzero(between).tolist())
