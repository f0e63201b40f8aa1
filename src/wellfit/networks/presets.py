"""Networks by description: how many layers of what, built for a table's shape and a family's outputs."""

from typing import Any

from wellfit.core.sizes import check_widths
from wellfit.core.spec import present, spec, static
from wellfit.functions.initializers import for_activation
from wellfit.layers.base import Layer
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.noise import GaussianNoise
from wellfit.layers.parametric import activation_layer
from wellfit.layers.scaling import Scaling
from wellfit.layers.shared import Copies, Heads, SharedDense
from wellfit.networks.network import Network
from wellfit.networks.preset import Preset, activations

ONE_HOT_SLOTS = 12
"""Categories with more slots than this get a learnt embedding of ``EMBEDDING_WIDTH`` numbers."""

EMBEDDING_WIDTH = 8


@spec
class MLP(Preset):
    """A multi-layer perceptron for tables.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer; () is a linear model.
    activation : str or tuple of str
        Of every hidden layer, or of each.
    dropout : number, schedule or None
        Rate before every hidden layer but the first, and before the output.
    input_dropout : number, schedule or None
        Rate on the inputs.
    scaling : bool
        Whether every input has a learnt scale.
    input_noise : number, schedule or None
        Standard deviation of Gaussian noise on the inputs in training; 1 is that of a standardised column.
    init : str or None
        Initializer of every dense layer (``wellfit.functions.initializers``); None is the one that suits the
        activation, and Glorot's for the output.
    gain : number or None
        Factor of the starting weights.

    Examples
    --------
    >>> layers = MLP((64, 32), activation=("tanh", "relu")).build((), 3).layers
    >>> [layer.name for layer in layers if hasattr(layer, "name")]
    ['tanh', 'relu']
    """

    hidden: tuple[int, ...] = static(default=(128, 128))
    activation: str | tuple[str, ...] = static(default="relu")
    dropout: Any = None
    input_dropout: Any = None
    scaling: bool = static(default=False)
    input_noise: Any = None
    init: str | None = static(default=None)
    gain: Any = None

    def __post_init__(self) -> None:
        check_widths("MLP", self.hidden)
        activations(self.activation, self.hidden, "MLP")

    @property
    def linear(self) -> bool:
        """Whether there is no hidden layer."""
        return not self.hidden

    def build(self, cardinalities: tuple[int, ...], outputs: int) -> Network:
        """The network for a table with these codes, and this many raw outputs."""
        names = activations(self.activation, self.hidden, "MLP")
        layers: list[Layer] = [Tabular(embedding(cardinalities))]
        if self.scaling:
            layers.append(Scaling())
        if present(self.input_noise):
            layers.append(GaussianNoise(self.input_noise))
        if present(self.input_dropout):
            layers.append(Dropout(self.input_dropout))
        for index, (width, name) in enumerate(zip(self.hidden, names, strict=True)):
            if index and present(self.dropout):
                layers.append(Dropout(self.dropout))
            layers += [Dense(width, self.init or for_activation(name), gain=self.gain), activation_layer(name)]
        if self.hidden and present(self.dropout):
            layers.append(Dropout(self.dropout))
        layers.append(Dense(outputs, self.init or "glorot_uniform", gain=self.gain))
        return Network(tuple(layers))


@spec
class TabM(Preset):
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
        check_widths("TabM", self.hidden)
        if not self.hidden or type(self.k) is not int or self.k < 1:
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
