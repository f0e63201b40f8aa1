"""Columns of a table scaled by the kernel: one pass over memory, where numpy makes nine."""

import numpy as np

from wellfit.native import library
from wellfit.native.plain import side

NARROW, FOLD = 64, 8
"""Rows of fewer columns are taken so many at a time: vectors of numbers are then full."""


def scale(x: np.ndarray, out: np.ndarray, centre: np.ndarray, factor: np.ndarray, clip: float | None) -> None:
    """s = (x - centre) factor, or s / sqrt(1 + (s / clip)^2), into ``out``: the bits of ``Scaler.transform``.

    x, out : (n, d), such as ``plain.taken`` says;  centre, factor : (d,) float64.
    """
    n, d = x.shape
    if d < NARROW and n >= FOLD and x.flags.c_contiguous and out.flags.c_contiguous:
        folded = n // FOLD * FOLD
        several, into = (array[:folded].reshape(-1, FOLD * d) for array in (x, out))
        _scale(several, into, np.tile(centre, FOLD), np.tile(factor, FOLD), clip)
        x, out = x[folded:], out[folded:]
    _scale(x, out, centre, factor, clip)


def _scale(x: np.ndarray, out: np.ndarray, centre: np.ndarray, factor: np.ndarray, clip: float | None) -> None:
    centre, factor = (np.ascontiguousarray(array, np.float64) for array in (centre, factor))
    library.scale(*side(x), *side(out), *x.shape, centre.ctypes.data, factor.ctypes.data, clip or 0.0)
