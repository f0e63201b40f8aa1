"""Linear equations by conjugate gradients: the matrix is only ever multiplied by."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.optimizers.trees import dot, plus, ratio, zeros


class Solution(NamedTuple):
    """x, what is missing (b - A x), and how many products it took."""

    x: Tree
    residual: Tree
    steps: Array


def solve(product: Callable[[Tree], Tree], b: Tree, tolerance: Array, most: int) -> Solution:
    """x with A x = b for a symmetric positive definite A, given v ↦ A v (Hestenes and Stiefel 1952; theory C-193).

    Ends where ‖b - A x‖ ≤ tolerance ‖b‖, after ``most`` products, or at a direction of no positive curvature, which
    rounding makes of a matrix that is nearly singular. In exact arithmetic n equations take n products.
    """
    enough = tolerance**2 * dot(b, b)

    def unfinished(carry: tuple) -> Array:
        _, _, _, square, steps, sound = carry
        return (square > enough) & (steps < most) & sound

    def advance(carry: tuple) -> tuple:
        x, r, p, square, steps, _ = carry
        q = product(p)
        curvature = dot(p, q)
        length = ratio(square, curvature)
        x, r = plus(x, length, p), plus(r, -length, q)
        after = dot(r, r)
        return x, r, plus(r, ratio(after, square), p), after, steps + np.int32(1), curvature > 0

    x, r, _, _, steps, _ = jax.lax.while_loop(
        unfinished, advance, (zeros(b), b, b, dot(b, b), np.int32(0), jnp.asarray(True))
    )
    return Solution(x, r, steps)
