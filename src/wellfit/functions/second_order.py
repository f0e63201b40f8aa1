"""Second derivatives of small problems, whole: the Hessian and Newton's step.

Of a network they are out of reach (p parameters have p² second derivatives); products with them are not, which is what
``optimizers/natural_gradient.py`` uses.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from wellfit.core.types import Array


def hessian(function: Callable[[Array], Array], x: Array) -> Array:
    """∂²f/∂x_i∂x_j at x (p,): (p, p), symmetric (theory G-41).

    >>> hessian(lambda x: x[0] ** 2 * x[1], jnp.array([1.0, 3.0]))
    Array([[6., 2.],
           [2., 0.]], dtype=float32)
    """
    return jax.hessian(function)(x)


def newton_step(function: Callable[[Array], Array], x: Array) -> Array:
    """x - H⁻¹ g: the critical point of the parabola that touches f at x, be it minimum, maximum or saddle (C-192).

    So it finds the minimum of a quadratic at once, and walks into saddles gladly (E-59). The optimizers lbfgs,
    conjugate_gradient and natural_gradient go downhill only.

    >>> newton_step(lambda x: x[0] ** 2 + 5 * (x[1] - 1) ** 2, jnp.array([3.0, -2.0])).round(6)
    Array([0., 1.], dtype=float32)
    """
    return x - jnp.linalg.solve(hessian(function, x), jax.grad(function)(x))
