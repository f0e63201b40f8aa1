"""Constraints: sets that weights are brought back into after every step."""

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace


def max_norm(w: Array, limit: Array) -> Array:
    """Every unit's incoming weights scaled down to the norm c where it is larger: w_j min(1, c / |w_j|).

    It is the projection onto the ball of radius c, so large steps cannot make weights grow without end (Srebro and
    Shraibman 2005; Srivastava et al. 2014, with dropout). Keras' ``MaxNorm`` is the same.

    w : (..., d, units), of which axis -2 is summed over;  limit : c > 0.

    >>> import numpy as np
    >>> max_norm(np.array([[3.0, 0.3], [4.0, 0.4]]), 1.0)
    array([[0.6, 0.3],
           [0.8, 0.4]])
    """
    xp = namespace(w, limit)
    squares = xp.sum(w * w, axis=-2, keepdims=True)
    outside = squares > limit * limit
    scale = limit / xp.sqrt(xp.where(outside, squares, xp.ones_like(squares)))
    return xp.where(outside, w * scale, w)
