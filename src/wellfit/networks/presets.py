"""Networks by description: how many layers of what, built for a table's shape and a family's outputs."""

from typing import Any

from wellfit.core.spec import present, spec, static
from wellfit.functions.initializers import for_activation
from wellfit.layers.base import Layer
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.parametric import activation_layer
from wellfit.layers.scaling import Scaling
from wellfit.layers.shared import Copies, Heads, SharedDense
from wellfit.networks.network import Network

ONE_HOT_SLOTS = 12
"""Categories with more slots than this get a learnt embedding of ``EMBEDDING_WIDTH`` numbers."""

EMBEDDING_WIDTH = 8


@spec
class MLP:
    """A multi-layer perceptron for tables.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer; () is a linear model.
    activation : str
        Of every hidden layer.
    dropout : number, schedule or None
        Rate before every hidden layer but the first, and before the output.
    input_dropout : number, schedule or None
        Rate on the inputs.
    scaling : bool
        Whether every input has a learnt scale.
    """

    hidden: tuple[int, ...] = static(default=(128, 128))
    activation: str = static(default="relu")
    dropout: Any = None
    input_dropout: Any = None
    scaling: bool = static(default=False)

    def build(self, cardinalities: tuple[int, ...], outputs: int) -> Network:
        """The network for a table with these codes, and this many raw outputs."""
        layers: list[Layer] = [Tabular(embedding(cardinalities))]
        if self.scaling:
            layers.append(Scaling())
        if present(self.input_dropout):
            layers.append(Dropout(self.input_dropout))
        for index, width in enumerate(self.hidden):
            if index and present(self.dropout):
                layers.append(Dropout(self.dropout))
            layers += [Dense(width, for_activation(self.activation)), activation_layer(self.activation)]
        if self.hidden and present(self.dropout):
            layers.append(Dropout(self.dropout))
        layers.append(Dense(outputs, "glorot_uniform"))
        return Network(tuple(layers))


@spec
class TabM:
    """A weight-shared ensemble for tables: k networks in one, for little more than the price of one.

    All k share the weights of the hidden layers; each scales its inputs and every layer's inputs and outputs by
    numbers of its own, and has its own output layer. Training minimises the mean of their losses, never the loss of
    their mean; predictions are their mixture, as of ``n_members``.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer; at least one layer.
    k : int
        Members.
    activation : str
        Of every hidden layer.
    dropout : number, schedule or None
        Rate after every hidden layer.

    References
    ----------
    Gorishniy, Kotelnikov and Babenko (2025), "TabM: Advancing Tabular Deep Learning with Parameter-Efficient
    Ensembling". Theirs has k = 32, three layers of 512 units and dropout 0.1.

    Examples
    --------
    >>> TabM((64, 64), k=8).build((), 3).output_shape({"numeric": (5,), "codes": (0,)})
    (8, 3)
    """

    hidden: tuple[int, ...] = static(default=(256, 256))
    k: int = static(default=16)
    activation: str = static(default="relu")
    dropout: Any = None

    def __post_init__(self) -> None:
        if not self.hidden or self.k < 1:
            raise ValueError(f"TabM needs k >= 1 and at least one hidden layer, got k={self.k}, hidden={self.hidden}.")

    def build(self, cardinalities: tuple[int, ...], outputs: int) -> Network:
        """The network for a table with these codes, and this many raw outputs for each member."""
        layers: list[Layer] = [Tabular(embedding(cardinalities)), Copies(self.k)]
        for width in self.hidden:
            layers += [SharedDense(width, for_activation(self.activation)), activation_layer(self.activation)]
            if present(self.dropout):
                layers.append(Dropout(self.dropout))
        return Network((*layers, Heads(outputs)))


def embedding(cardinalities: tuple[int, ...]) -> Embedding | None:
    """Indicators for categories of few slots, learnt vectors for many; None where there are no codes."""
    if not cardinalities:
        return None
    return Embedding(cardinalities, tuple(0 if slots <= ONE_HOT_SLOTS else EMBEDDING_WIDTH for slots in cardinalities))
