"""What a preset is: a network described by a few words, built once the table's shape and the family are known."""

import abc

from wellfit.layers.parametric import activation_layer
from wellfit.networks.network import Network


class Preset(abc.ABC):
    """A description that builds a network for a table; a class of your own with ``build`` is one too."""

    @property
    def linear(self) -> bool:
        """Whether there is no hidden layer: columns are then scaled but never bent."""
        return False

    @abc.abstractmethod
    def build(self, cardinalities: tuple[int, ...], outputs: int) -> Network:
        """The network for a table whose categorical columns have these numbers of codes, with so many raw outputs."""


def activations(given: str | tuple[str, ...], hidden: tuple[int, ...], owner: str) -> tuple[str, ...]:
    """The activation of each hidden layer: one name for all, or one for each.

    >>> activations("tanh", (64, 32), "MLP"), activations(("tanh", "relu"), (64, 32), "MLP")
    (('tanh', 'tanh'), ('tanh', 'relu'))
    """
    names = (given,) * len(hidden) if isinstance(given, str) else tuple(given)
    if len(names) != len(hidden):
        raise ValueError(
            f"activation={given!r} of {owner} names {len(names)} functions for {len(hidden)} hidden layers; give one "
            "name, or one for each."
        )
    for name in names:
        activation_layer(name)
    return names
