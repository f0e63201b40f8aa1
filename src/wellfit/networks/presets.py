"""Networks by description: how many layers of what, built for a table's shape and a family's outputs."""

from typing import Any

from wellfit.core.names import look_up
from wellfit.core.spec import present, spec, static
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.functions.initializers import for_activation
from wellfit.layers.base import Layer
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.scaling import Scaling
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
        look_up(self.activation, ACTIVATIONS, "activation")
        layers: list[Layer] = [Tabular(embedding(cardinalities))]
        if self.scaling:
            layers.append(Scaling())
        if present(self.input_dropout):
            layers.append(Dropout(self.input_dropout))
        for index, width in enumerate(self.hidden):
            if index and present(self.dropout):
                layers.append(Dropout(self.dropout))
            layers += [Dense(width, for_activation(self.activation)), Activation(self.activation)]
        if self.hidden and present(self.dropout):
            layers.append(Dropout(self.dropout))
        layers.append(Dense(outputs, "glorot_uniform"))
        return Network(tuple(layers))


def embedding(cardinalities: tuple[int, ...]) -> Embedding | None:
    """Indicators for categories of few slots, learnt vectors for many; None where there are no codes."""
    if not cardinalities:
        return None
    return Embedding(cardinalities, tuple(0 if slots <= ONE_HOT_SLOTS else EMBEDDING_WIDTH for slots in cardinalities))
