"""A residual network for tables."""

from typing import Any

from wellfit.core.names import look_up
from wellfit.core.sizes import check_sizes
from wellfit.core.spec import present, spec, static
from wellfit.functions.initializers import for_activation
from wellfit.layers.base import Layer
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.embedding import Tabular
from wellfit.layers.normalization import NORMALIZATIONS
from wellfit.layers.parametric import activation_layer
from wellfit.layers.residual import Residual
from wellfit.networks.network import Network
from wellfit.networks.preset import Preset
from wellfit.networks.presets import embedding


@spec
class ResidualMLP(Preset):
    """A linear layer, blocks x + f(x), and a normalised output: the ResNet for tables of Gorishniy et al.

    f is normalisation, dense (width times ``expansion``), activation, dropout, dense (width), residual dropout.

    Parameters
    ----------
    width : int
        Units that every block passes on.
    blocks : int
        How many.
    expansion : int
        How many times wider a block is inside.
    activation : str
        Inside the blocks, and before the output.
    normalization : str or None
        "batch", "layer" or "rms"; None for none.
    dropout, residual_dropout : number, schedule or None
        Rates inside the blocks, and of what they add.

    Raises
    ------
    ValueError
        For an unknown name, or a size below 1.

    References
    ----------
    Gorishniy, Rubachev, Khrulkov and Babenko (2021), "Revisiting deep learning models for tabular data". Theirs has
    batch normalisation, relu, and sizes and rates chosen for each table.

    Examples
    --------
    >>> network = ResidualMLP(64, blocks=2).build((), 3)
    >>> [type(layer).__name__ for layer in network.layers]
    ['Tabular', 'Dense', 'Residual', 'Residual', 'BatchNorm', 'Activation', 'Dense']
    """

    width: int = static(default=128)
    blocks: int = static(default=2)
    expansion: int = static(default=2)
    activation: str = static(default="relu")
    normalization: str | None = static(default="batch")
    dropout: Any = None
    residual_dropout: Any = None

    def __post_init__(self) -> None:
        activation_layer(self.activation)
        if self.normalization is not None:
            look_up(self.normalization, NORMALIZATIONS, "normalization")
        check_sizes("ResidualMLP", width=self.width, blocks=self.blocks, expansion=self.expansion)

    def build(self, cardinalities: tuple[int, ...], outputs: int) -> Network:
        """The network for a table with these codes, and this many raw outputs."""
        entrance = (Tabular(embedding(cardinalities)), Dense(self.width, "lecun_uniform"))
        blocks = [Residual(self._block())] * self.blocks
        output = (*self._normalization(), activation_layer(self.activation), Dense(outputs, "glorot_uniform"))
        return Network((*entrance, *blocks, *output))

    def _block(self) -> tuple[Layer, ...]:
        start = for_activation(self.activation)
        return (
            *self._normalization(),
            Dense(self.expansion * self.width, start),
            activation_layer(self.activation),
            *_dropout(self.dropout),
            Dense(self.width, start),
            *_dropout(self.residual_dropout),
        )

    def _normalization(self) -> tuple[Layer, ...]:
        return () if self.normalization is None else (NORMALIZATIONS[self.normalization](),)


def _dropout(rate: Any) -> tuple[Layer, ...]:
    return (Dropout(rate),) if present(rate) else ()
