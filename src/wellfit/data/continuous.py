"""Which columns hold more than two values."""

from typing import Any

import numpy as np
from scipy.sparse import issparse

FIRST_ROWS = 256

NUMBERS = 2**20
"""At most so many numbers are looked at in one go."""


def continuous(block: Any) -> tuple[int, ...] | None:
    """Positions of the columns of a block (n, d) with more than two different values; None for a sparse one.

    >>> continuous(np.array([[0.0, 1.5, 1.0], [1.0, 2.5, 1.0], [0.0, 3.5, 1.0]]))
    (1,)
    """
    if issparse(block):
        return None
    n, d = block.shape
    found, left, size, first = np.zeros(d, bool), np.arange(d), FIRST_ROWS, 0
    low = high = block[:1].ravel()
    while first < n and len(left):
        part = block[first : first + size] if len(left) == d else block[first : first + size, left]
        before = low, high
        low, high = np.minimum(low, part.min(axis=0)), np.maximum(high, part.max(axis=0))
        inner = ((part != low) & (part != high)).any(axis=0)
        for end in before:  # what was an end so far may be neither now
            inner |= (end != low) & (end != high)
        found[left[inner]] = True
        left, low, high = left[~inner], low[~inner], high[~inner]
        first, size = first + size, max(1, min(2 * size, NUMBERS // max(1, len(left))))
    return tuple(np.flatnonzero(found).tolist())
