"""What a fit is: its whole description as data, and the arrays it works on."""

from typing import Any, NamedTuple

from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Tree
from wellfit.families.base import Family
from wellfit.functions.penalties import Lp
from wellfit.networks.network import Network
from wellfit.optimizers.base import Optimizer


@spec
class Plan:
    """Everything that decides a fit except the rows and the seed.

    Parameters
    ----------
    network, family, optimizer
        What is fitted, by which likelihood, by which method.
    max_epochs : number
        Passes over the training rows.
    patience : number or None
        Epochs without a better validation loss after which training stops; None trains to the end.
    patience_share : number or None
        Patience is at least this share of the best epoch: who was long in getting better is waited for longer.
    l1, l2 : number, tuple or None
        The priors: (l1 Σ|w| + ½ l2 Σw²) / sum of weights is added to the mean loss (weights, never biases). A tuple has
        an entry, a number or None, for each layer with weights; embeddings go with the first.
    lp : Lp or None
        A prior besides: (strength / p) Σ|w|^p.
    max_norm : number, tuple or None
        The largest norm of the weights into a unit, kept after every step.
    weight_noise : number, schedule or None
        The standard deviation of noise on weights and embeddings, afresh in every step of training.
    clip_norm, clip_value : number or None
        The largest norm of the gradient, over all parameters, and the largest size of each of its numbers.
    rate_factors : dict or None
        Label of parameters -> factor of their learning rate.
    rule : spec or None
        What a batch is divided by and what happens at an epoch's end, where that is not wellfit's own way
        (``wellfit.training.classic``); None keeps the best epoch and rolls back.
    batch_size : int
        Rows in a batch; ignored with ``full_batch``.
    full_batch : bool
        Whether every step sees all training rows.
    matmul_precision : str
        What the factors of training's large matrix products are rounded to, where the device can
        (``functions.products``).
    """

    network: Network
    family: Family
    optimizer: Optimizer
    max_epochs: Any = 100
    patience: Any = None
    patience_share: Any = None
    l1: Any = None
    l2: Any = None
    lp: Lp | None = None
    max_norm: Any = None
    weight_noise: Any = None
    clip_norm: Any = None
    clip_value: Any = None
    rate_factors: Any = None
    rule: Any = None
    batch_size: int = static(default=128)
    full_batch: bool = static(default=False)
    matmul_precision: str = static(default="float32")


STEP = 0x57E9
"""The stream of noise of the steps (dropout)."""

ROWS = "wellfit_rows"
"""The axis of a mesh of devices that rows are divided along."""


class Data(NamedTuple):
    """Encoded rows, padded to a rung; they go to the device once and stay.

    x : pytree of arrays (n, ...);  y : (n, ...);  w : (n,) frequencies, 0 for padding.
    """

    x: Tree
    y: Array
    w: Array


class Orders(NamedTuple):
    """The order of the rows in some epochs, where the host decides it.

    table : (K, R) int32, row numbers epoch by epoch, n of them used;  first : int32, the epoch of the table's first
    line;  until : int32, the first epoch that the table does not cover (its last line serves from K - 1 on).
    """

    table: Array
    first: Array
    until: Array


class Rows(NamedTuple):
    """F sets of row numbers (folds, bootstrap samples): which rows train, which validate; the program gets one of them.

    train : (F, R) int32, the first n_train are used;  valid : (F, V) int32, V = 0 where nothing is held out;
    n_train, n_valid : (F,) int32;  weight : (F,) the sum of the training rows' weights;  order : ``Orders``, or ()
    where the program shuffles by itself.
    """

    train: Array
    n_train: Array
    valid: Array
    n_valid: Array
    weight: Array
    order: Any = ()

    def one(self, f: int) -> "Rows":
        """Set f alone, without the first axis."""
        return self._replace(**{name: getattr(self, name)[f, ...] for name in self._fields if name != "order"})
