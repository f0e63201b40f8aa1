"""The radial-basis-function network: one layer of radial units, and a linear output."""

from typing import Any

from wellfit.core.names import look_up
from wellfit.core.sizes import check_sizes
from wellfit.core.spec import spec, static
from wellfit.functions.radial import KERNELS
from wellfit.layers.dense import Dense
from wellfit.layers.embedding import Tabular
from wellfit.layers.radial import Radial
from wellfit.networks.network import Network
from wellfit.networks.preset import Preset
from wellfit.networks.presets import embedding


@spec
class RadialBasis(Preset):
    """z = Σ_j w_j φ(‖x - c_j‖ / s_j) + b: units that answer to places, not to directions.

    Parameters
    ----------
    centres : int
        How many; they start by k-means of training rows. Of as many as there are rows each is a row, and the network
        can pass through every target.
    kernel : str
        φ: gaussian, multiquadric, inverse_multiquadric, inverse_quadratic, linear, cubic or thin_plate.
    learn_centres, learn_widths : bool
        Whether training moves centres and widths; False for both is a linear model of fixed features.
    start_width : number or None
        Where every width s starts; None: at the distance to the nearest other centre.

    Raises
    ------
    ValueError
        For an unknown kernel or no centres.

    References
    ----------
    Broomhead and Lowe (1988), "Multivariable functional interpolation and adaptive networks"; theory C-019.

    Examples
    --------
    >>> import numpy as np
    >>> from wellfit import NeuralRegressor
    >>> X = np.linspace(0, 6, 60)[:, None]
    >>> model = NeuralRegressor(RadialBasis(12), optimizer="lbfgs", l2=None, random_state=0).fit(X, np.sin(X[:, 0]))
    >>> bool(model.score(X, np.sin(X[:, 0])) > 0.999)
    True
    """

    centres: int = static(default=50)
    kernel: str = static(default="gaussian")
    learn_centres: bool = static(default=True)
    learn_widths: bool = static(default=True)
    start_width: Any = None

    def __post_init__(self) -> None:
        look_up(self.kernel, KERNELS, "kernel")
        check_sizes("RadialBasis", centres=self.centres)

    def build(self, cardinalities: tuple[int, ...], outputs: int) -> Network:
        """The network for a table with these codes, and this many raw outputs."""
        radial = Radial(self.centres, self.kernel, self.learn_centres, self.learn_widths, self.start_width)
        return Network((Tabular(embedding(cardinalities)), radial, Dense(outputs, "glorot_uniform")))
