"""Radial units: each answers to the distance of a row from its own centre."""

from typing import Any

import numpy as np
from sklearn.cluster import KMeans

from wellfit.core.names import look_up
from wellfit.core.sizes import check_sizes
from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Shape
from wellfit.functions.numerics import namespace, stop_gradient
from wellfit.functions.radial import KERNELS, squared_distances
from wellfit.layers.base import Context, Layer

JITTER = 0.1
"""Centres beyond the number of distinct rows lie about rows, by so many standard deviations of each column."""


@spec
class Radial(Layer):
    """h_j = φ(‖x - c_j‖ / s_j), (B, d) -> (B, units): with a dense layer after it, a radial-basis-function network.

    Centres start where k-means puts them among the training rows (of as many units as there are rows, on the rows),
    each width at the distance to the nearest other centre (Moody and Darken 1989). Neither is a weight: priors and
    decay leave both alone. Widths are learnt by their logarithms, so that they stay positive.

    Parameters
    ----------
    units : int
        Number of centres.
    kernel : str
        gaussian, multiquadric, inverse_multiquadric, inverse_quadratic, linear, cubic or thin_plate
        (``wellfit.functions.radial``).
    learn_centres, learn_widths : bool
        Whether training moves them; else they stay where they start.
    start_width : number or None
        Where every width starts; None: by the nearest other centre.

    Raises
    ------
    ValueError
        For an unknown kernel, units < 1, a starting width <= 0, or rows that are not (features,).

    References
    ----------
    Broomhead and Lowe (1988); Moody and Darken (1989); theory C-019.

    Examples
    --------
    >>> layer = Radial(2)
    >>> params = {"centre": np.array([[0.0], [2.0]]), "log_width": np.zeros(2)}
    >>> layer.apply(params, {}, np.array([[0.0]]), Context())[0].round(4)
    array([[1.    , 0.1353]])
    """

    units: int = static()
    kernel: str = static(default="gaussian")
    learn_centres: bool = static(default=True)
    learn_widths: bool = static(default=True)
    start_width: Any = None

    needs_rows = True

    def __post_init__(self) -> None:
        look_up(self.kernel, KERNELS, "kernel")
        check_sizes("a radial layer", units=self.units)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"a radial layer needs rows of one axis (features,), got {shape}; flatten them first.")
        return (self.units,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"centre": (self.units, *shape), "log_width": (self.units,)}

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        """Centres among ``rows`` (m, d), or from a normal distribution where there are none, and their widths."""
        if rows is None:
            centres = rng.standard_normal((self.units, *shape))
        else:
            centres = centres_among(np.asarray(rows, np.float64), self.units, rng)
        return {"centre": centres, "log_width": np.log(self._widths(centres))}

    def _widths(self, centres: np.ndarray) -> np.ndarray:
        if self.start_width is None:
            return nearest_centre(centres)
        if not 0 < self.start_width < np.inf:
            raise ValueError(f"start_width={self.start_width!r} of a radial layer must be None or a number > 0.")
        return np.full(self.units, float(self.start_width))

    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        centres = params["centre"] if self.learn_centres else stop_gradient(params["centre"])
        logs = params["log_width"] if self.learn_widths else stop_gradient(params["log_width"])
        q = squared_distances(x, centres) * namespace(x, logs).exp(-2 * logs)
        return KERNELS[self.kernel](q), statistics


def centres_among(rows: np.ndarray, units: int, rng: np.random.Generator) -> np.ndarray:
    """Centres (units, d) of the rows (m, d) by k-means; where distinct rows are too few, on them and about them."""
    distinct = np.unique(rows, axis=0)
    if len(distinct) > units:
        return KMeans(units, n_init="auto", random_state=int(rng.integers(2**31))).fit(rows).cluster_centers_
    more = rows[rng.integers(len(rows), size=units - len(distinct))]
    spread = rows.std(axis=0)
    return np.concatenate([distinct, more + JITTER * np.where(spread > 0, spread, 1) * rng.standard_normal(more.shape)])


def nearest_centre(centres: np.ndarray) -> np.ndarray:
    """The distance (units,) of each centre to its nearest other one; 1 of a single centre."""
    if len(centres) == 1:
        return np.ones(1)
    squares = squared_distances(centres, centres)
    np.fill_diagonal(squares, np.inf)
    nearest = np.sqrt(squares.min(axis=1))
    return np.where(nearest > 0, nearest, np.max(nearest, initial=0.0) or 1.0)
