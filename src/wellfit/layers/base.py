"""What a layer is: a description (static) that makes arrays and applies them.

A layer holds no arrays. ``init`` makes its parameters as a dict of numpy arrays whose keys are labels
(``weight``, ``bias``, ``scale``, ``embedding``), so that penalties and learning-rate factors can tell them apart;
``apply`` is a pure function of them, written for numpy and JAX arrays alike.
"""

import abc
from typing import Any, NamedTuple

import numpy as np

from wellfit.core.types import Array, Shape
from wellfit.functions.noise import fold


class Context(NamedTuple):
    """What a layer may know beyond its input.

    training : a Python bool (structure): dropout and statistics behave differently in training.
    progress : t in [0, 1], how far training has come; numbers may be schedules of it.
    seed : uint32, differs for every step, member and layer; noise is a hash of it and of the position.
    dtype : the dtype of the network's numbers, for layers whose input has another (codes).
    weight : (B,) the rows' weights in training, 0 for rows that only pad the batch; None: every row counts once.
    matmul_precision : what the factors of large matrix products are rounded to (``wellfit.functions.products``).
    """

    training: bool = False
    progress: Array = 0.0
    seed: Array = np.uint32(0)
    dtype: Any = np.float32
    weight: Array | None = None
    matmul_precision: str = "float32"

    def at_layer(self, index: int) -> "Context":
        """The context of the ``index``-th layer: the same but for its own stream of noise."""
        return self._replace(seed=fold(self.seed, index)) if self.training else self


class Layer(abc.ABC):
    """One layer: the arrays it needs, and what it does to a batch (B, *shape)."""

    needs_rows: Any = False
    """Whether ``init`` starts from training rows; a layer may decide it by its fields, as a property."""

    flat: Any = False
    """Whether the slope of the output is 0 wherever there is one, so that layers before it cannot learn."""

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one row's output, given that of one row's input; raises ``ValueError`` if it cannot be."""
        return shape

    def init(self, rng: np.random.Generator, shape: Shape, rows: Any = None) -> dict[str, Array]:
        """The starting parameters: label -> array. ``rows`` are the layer's inputs for some training rows."""
        return {}

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        """The shapes of what ``init`` makes: known before it is allocated. A layer without parameters has none."""
        return {}

    def statistics(self, shape: Shape) -> dict[str, Array]:
        """The starting statistics kept beside the parameters (batch normalisation has some; most have none)."""
        return {}

    def check_trainable(self, shape: Shape) -> None:
        """Raise one sentence where something inside this layer could not learn by gradients."""
        return

    @abc.abstractmethod
    def apply(self, params: dict[str, Array], statistics: dict[str, Array], x: Array, context: Context) -> tuple:
        """The output for a batch and the statistics to keep: (B, *input) -> (B, *output)."""
