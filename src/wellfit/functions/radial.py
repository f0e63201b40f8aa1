"""Radial functions: values of a distance r measured in widths s, q = (r / s)², and the distances themselves.

Written for q, because a squared distance has a gradient everywhere and a distance has none at 0: where a row lies on
its centre, every function here has gradient 0.

Source: Broomhead and Lowe 1988; theory C-019. scikit-learn's and scipy's parameters are 1/s in other units: scipy's
``RBFInterpolator`` has epsilon = 1/s (for its Gaussian 1/(s √2)), and minus signs before the growing kernels.
"""

from collections.abc import Callable

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace


def squared_distances(x: Array, centres: Array) -> Array:
    """‖x_i - c_j‖², (n, d) and (k, d) -> (n, k), by one matrix product: x² - 2 x c + c², never below 0.

    Both are moved by the mean of the centres first, so that data far from 0 lose no digits.

    >>> import numpy as np
    >>> squared_distances(np.array([[3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 4.0]]))
    array([[25.,  0.]])
    """
    xp = namespace(x, centres)
    middle = xp.mean(centres, axis=0)
    x, centres = x - middle, centres - middle
    squares = xp.sum(x * x, axis=1)[:, None] - 2 * (x @ centres.T) + xp.sum(centres * centres, axis=1)
    return xp.where(squares > 0, squares, 0)


def gaussian(q: Array) -> Array:
    """e^(-q/2), the bell of standard deviation s.

    >>> float(gaussian(0.0))
    1.0
    """
    return namespace(q).exp(-q / 2)


def multiquadric(q: Array) -> Array:
    """√(1 + q) (Hardy 1971): grows like the distance far out."""
    return namespace(q).sqrt(1 + q)


def inverse_multiquadric(q: Array) -> Array:
    """1/√(1 + q)."""
    return 1 / multiquadric(q)


def inverse_quadratic(q: Array) -> Array:
    """1/(1 + q)."""
    return 1 / (1 + q)


def linear(q: Array) -> Array:
    """r/s = √q."""
    xp = namespace(q)
    away = q > 0
    return xp.where(away, xp.sqrt(xp.where(away, q, 1)), 0)


def cubic(q: Array) -> Array:
    """(r/s)³."""
    return q * linear(q)


def thin_plate(q: Array) -> Array:
    """(r/s)² log(r/s), 0 at 0 (Duchon 1977): the bending of a thin plate."""
    xp = namespace(q)
    away = q > 0
    return xp.where(away, q * xp.log(xp.where(away, q, 1)) / 2, 0)


KERNELS: dict[str, Callable[[Array], Array]] = {
    "gaussian": gaussian,
    "multiquadric": multiquadric,
    "inverse_multiquadric": inverse_multiquadric,
    "inverse_quadratic": inverse_quadratic,
    "linear": linear,
    "cubic": cubic,
    "thin_plate": thin_plate,
}
"""Functions of q = (r / s)² by name."""
