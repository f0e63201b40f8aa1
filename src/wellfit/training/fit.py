"""``wellfit.fit``: a network, a family and arrays, without an estimator around them."""

import dataclasses
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from wellfit.core.errors import ConvergenceWarning
from wellfit.core.spec import numbers_as, present
from wellfit.core.types import Tree
from wellfit.families.base import Family
from wellfit.functions.penalties import Lp
from wellfit.functions.products import MATMUL_PRECISIONS
from wellfit.functions.schedules import scheduled
from wellfit.networks.network import Network, check_outputs, check_trainable
from wellfit.optimizers.clipping import check_clipping
from wellfit.optimizers.table import resolve as resolve_optimizer
from wellfit.training.devices import division
from wellfit.training.encoded import bound, check_rows, check_target, check_weights
from wellfit.training.forward import crowd_outputs
from wellfit.training.loop import Progress, train
from wellfit.training.members import fresh_params, history_length, starting_rows
from wellfit.training.memory import check_memory
from wellfit.training.outcome import outcome
from wellfit.training.plan import Plan
from wellfit.training.rows import arrays, shape_of
from wellfit.training.rungs import rung
from wellfit.training.state import start


@dataclass(frozen=True)
class Fitted:
    """What ``wellfit.fit`` found: plain numpy arrays stacked (P, ...) over members, and how it went.

    history : ``loss`` and, with held-out rows, ``validation_loss``, averaged over members, one number an epoch
    status : "finished", "stopped_early", "diverged", "timed_out", "interrupted" or "stopped_by_callback"
    """

    network: Network
    family: Family
    params: Tree
    statistics: Tree
    history: dict[str, list[float]]
    status: str
    n_iter: int
    best_epoch: int
    seconds: float
    dtype: Any
    shape: Any  # of one row of X
    flat: bool  # whether y was (n,): predictions then are, too

    def raw_outputs(self, X: Any) -> np.ndarray:
        """The members' raw outputs z in float64: (P, n, outputs)."""
        x = check_rows(X, self.dtype, "X")
        if shape_of(x) != self.shape:
            raise ValueError(f"X has rows of shape {shape_of(x)}, and the fit was to rows of shape {self.shape}.")
        return crowd_outputs(self.network, self.params, self.statistics, x, self.dtype)

    def mean(self, X: Any) -> np.ndarray:
        """E[y] or the class probabilities, averaged over members: (n, k), or (n,) for a flat y of numbers."""
        found = np.mean([self.family.mean(z) for z in self.raw_outputs(X)], axis=0)
        return found[:, 0] if self.flat else found

    def predict(self, X: Any) -> np.ndarray:
        """Class numbers (n,), flags (n, k), or values in y's shape; of several members by their averages."""
        if self.family.target == "classes":
            return self.mean(X).argmax(axis=-1).astype(np.int32)
        if self.family.target == "flags":
            return (self.mean(X) > 0.5).astype(np.int32)
        found = np.mean([self.family.predict(z) for z in self.raw_outputs(X)], axis=0)
        return found[:, 0] if self.flat else found


def fit(
    network: Network,
    family: Family | str,
    X: Any,
    y: Any,
    *,
    weights: Any = None,
    optimizer: Any = "adamw",
    learning_rate: Any = None,
    schedule: Any = None,
    batch_size: int | str = 32,
    max_epochs: int = 100,
    patience: int | None = None,
    validation: tuple | None = None,
    clip_norm: float | None = None,
    clip_value: float | None = None,
    l1: float | None = None,
    l2: float | None = None,
    lp: Lp | None = None,
    max_norm: float | None = None,
    weight_noise: float | None = None,
    members: int = 1,
    seed: int = 0,
    max_time: float | None = None,
    callback: Callable[[Progress], bool] | None = None,
    devices: str | None = None,
    matmul_precision: str = "float32",
    dtype: Any = np.float32,
) -> Fitted:
    """Fit a network to encoded arrays by a family's likelihood: what the estimators do, without the tables.

    Minimises Σ w loss(z, y) / Σ w + (l1 Σ|θ| + ½ l2 Σθ²) / Σ w, in nats; nothing is scaled, split or chosen. The same
    structure and similar shapes compile once, whatever the numbers.

    Parameters
    ----------
    network : Network
        Its last layer gives the family's raw outputs.
    family : str or Family
        By name ("normal", "categorical", ...) or as an object; it is bound to y.
    X : array (n, ...) or pytree of them
        Floats become ``dtype``, integers (codes) int32.
    y : array
        As the family takes it: class numbers (n,) from 0, probabilities, flags (n, k), values or counts (n,) or (n, k).
    weights : array (n,) or None
        Frequencies: 2 is the row twice.
    optimizer, learning_rate, schedule
        A name or an Optimizer (or optax transformation); None keeps its own learning rate. The schedule's peak is the
        learning rate.
    batch_size : int or "full"
        Methods with a line search ("lbfgs") see all rows in every step.
    max_epochs, patience
        Most passes over the rows; epochs without a better validation loss after which training stops (None: never).
    validation : (X, y), (X, y, weights) or None
        Held-out rows: the epoch with their best loss is kept.
    clip_norm, clip_value : number or None
        The largest norm of the gradient, over all parameters, and the largest size of each of its numbers.
    l1, l2, lp
        Priors on weights and embeddings, never on biases: numbers, and an ``Lp(p, strength)``; None for none.
    max_norm, weight_noise : number or None
        The largest norm of the weights into a unit; the standard deviation of noise on the weights in training.
    members, seed
        Networks trained side by side, which differ by their seed; the same seed gives the same bits.
    max_time, callback
        Seconds; a function of the ``Progress`` after every epoch, which ends training by returning True.
    devices : None or "all"
        "all" divides the rows of X among all of JAX's devices, those of all processes joined by
        ``jax.distributed.initialize`` too: each calls ``fit`` with rows of its own and gets the same parameters.
    matmul_precision : "float32", "tensorfloat32" or "bfloat16"
        What the factors of training's large matrix products are rounded to on an accelerator; sums, weights and
        everything else are float32, and so are products on a CPU.
    dtype : numpy.float32 or numpy.float64

    Returns
    -------
    Fitted
        With ``params``, ``history``, ``status``, ``raw_outputs(X)``, ``mean(X)``, ``predict(X)``.

    Raises
    ------
    ValueError
        One sentence for a shape or number that cannot be.
    MemoryError
        Before anything is allocated that cannot fit.

    Examples
    --------
    >>> from wellfit.layers.dense import Dense
    >>> X = np.linspace(-1, 1, 50)[:, None]
    >>> line = fit(Network((Dense(1),)), "normal", X, 3 * X[:, 0] + 1, optimizer="lbfgs", max_epochs=50)
    >>> line.predict(np.array([[2.0]])).round(3)
    array([7.])
    """
    dtype = np.dtype(dtype)
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"dtype={dtype.name!r} must be float32 or float64.")
    _check_matmul_precision(matmul_precision, dtype)
    x, y, w, flat = _rows(X, y, weights, dtype, "X", "y")
    group = division(devices, max_time)
    family = bound(family, y if group is None else np.concatenate(group.gathered(np.asarray(y, np.float64))))
    y = check_target(family, y, "y")
    split = (np.arange(len(w), dtype=np.int32), np.zeros(0, np.int32))
    if validation is not None:
        x, y, w, split = _with_validation(family, x, y, w, validation, dtype)
    shape = shape_of(x)
    check_outputs(network, shape, family.outputs)
    check_trainable(network, shape)
    method = _method(optimizer, learning_rate, schedule)
    _check_numbers(batch_size, max_epochs, patience, validation, members, seed)
    _check_regularisers(method, lp, l1=l1, l2=l2, max_norm=max_norm, weight_noise=weight_noise, max_time=max_time)
    check_clipping(method, clip_norm=clip_norm, clip_value=clip_value)
    full = batch_size == "full" or method.full_batch
    n = len(split[0]) if group is None else sum(map(len, group.gathered(split[0])))
    plan = Plan(
        network=network,
        family=family,
        optimizer=method,
        max_epochs=max_epochs,
        patience=patience,
        clip_norm=clip_norm,
        clip_value=clip_value,
        l1=l1 if present(l1) else None,
        l2=l2 if present(l2) else None,
        lp=lp if lp is not None and present(lp.strength) else None,
        max_norm=max_norm if present(max_norm) else None,
        weight_noise=weight_noise if present(weight_noise) else None,
        batch_size=128 if full else min(int(batch_size), rung(n)),
        full_batch=full,
        matmul_precision=matmul_precision,
    )
    plan = numbers_as(plan, dtype)
    validate = validation is not None
    with jax.enable_x64(dtype == np.float64):
        data, rows = arrays(x, y, w, split, dtype)
        check_memory(plan, data, shape, members, validate=validate, dtype=dtype)
        own, own_w = y[split[0]], w[split[0]]
        seen = starting_rows(network, x, w, split[0])
        if group is not None:
            group.check_start(seen)
            data, rows, own, own_w = group.arrays(x, y, w, split, dtype)
        states = [
            start(
                plan,
                fresh_params(network, family, shape, own, own_w, seed=seed, member=member, rows=seen),
                network.statistics(shape),
                seed=seed,
                member=member,
                validate=validate,
                epochs=history_length(max_epochs),
                dtype=dtype,
            )
            for member in range(members)
        ]
        trained = train(
            plan, data, rows, states, max_time=max_time, watch=callback, every_epoch=callback is not None,
            in_step=group is not None,
        )  # fmt: skip
    found = outcome(trained)
    if found.warning:
        warnings.warn(found.warning, ConvergenceWarning, stacklevel=2)
    params, statistics = jax.tree.map(np.asarray, (trained.params, trained.statistics))
    return Fitted(
        network, family, params, statistics, found.history, found.status, found.n_iter, found.best_epoch,
        trained.seconds, dtype, shape, flat and family.target not in ("classes", "flags"),
    )  # fmt: skip


def _rows(X: Any, y: Any, weights: Any, dtype: Any, name_X: str, name_y: str) -> tuple[Tree, np.ndarray, Any, bool]:
    """X, y and weights of the rows that count (weight 0 is not there), and whether y was flat."""
    x = check_rows(X, dtype, name_X)
    n = len(jax.tree.leaves(x)[0])
    y = np.asarray(y)
    if y.ndim not in (1, 2) or len(y) != n:
        raise ValueError(f"{name_y} must have shape ({n},) or ({n}, k), one row for each of {name_X}, got {y.shape}.")
    w = check_weights(weights, n)
    used = w > 0
    if not used.all():
        x, y, w = jax.tree.map(lambda leaf: leaf[used], x), y[used], w[used]
    return x, y, w, y.ndim == 1


def _with_validation(family: Family, x: Tree, y: np.ndarray, w: np.ndarray, validation: Any, dtype: Any) -> tuple:
    """Training rows and then held-out rows, and the numbers of both."""
    if not isinstance(validation, tuple | list) or len(validation) not in (2, 3):
        raise ValueError("validation must be (X, y) or (X, y, weights).")
    weights = validation[2] if len(validation) == 3 else None
    xv, yv, wv, _ = _rows(validation[0], validation[1], weights, dtype, "validation's X", "validation's y")
    if shape_of(xv) != shape_of(x):
        raise ValueError(f"validation's X has rows of shape {shape_of(xv)}, and X of {shape_of(x)}.")
    yv = check_target(family, yv, "validation's y")
    if yv.shape[1:] != y.shape[1:]:
        raise ValueError(f"validation's y has rows of shape {yv.shape[1:]}, and y of {y.shape[1:]}.")
    index = np.arange(len(w) + len(wv), dtype=np.int32)
    both = jax.tree.map(lambda a, b: np.concatenate([a, b]), x, xv)
    return both, np.concatenate([y, yv]), np.concatenate([w, wv]), (index[: len(w)], index[len(w) :])


def _method(optimizer: Any, learning_rate: Any, schedule: Any) -> Any:
    """The optimizer with its learning rate and schedule; a line search keeps the number it has."""
    method = resolve_optimizer(optimizer)
    rate = method.learning_rate if learning_rate is None else learning_rate
    return resolve_optimizer(
        dataclasses.replace(method, learning_rate=rate if method.full_batch else scheduled(rate, schedule))  # type: ignore[type-var]
    )


def _check_regularisers(method: Any, lp: Any, **numbers: Any) -> None:
    """One sentence for the first number that is not None and not one of at least 0, or that cannot be combined."""
    for name, value in numbers.items():
        if not (value is None or (np.ndim(value) == 0 and 0 <= value < np.inf)):
            raise ValueError(f"{name} must be None or a number >= 0, got {value!r}.")
    if not (lp is None or (isinstance(lp, Lp) and lp.p >= 1 and 0 <= lp.strength < np.inf)):
        raise ValueError(f"lp must be None or Lp(p, strength) with p >= 1 and strength >= 0, got {lp!r}.")
    if present(numbers["max_norm"]) and method.full_batch:
        raise ValueError(
            f"max_norm={numbers['max_norm']!r} moves weights after the step that a line search has found; use an "
            "optimizer without one, such as 'adam'."
        )


def _check_matmul_precision(value: Any, dtype: Any) -> None:
    """One sentence where it is none of the names, or would shorten numbers that were asked to be long."""
    if value not in MATMUL_PRECISIONS:
        raise ValueError(f"matmul_precision={value!r} must be one of {', '.join(map(repr, MATMUL_PRECISIONS))}.")
    if value != "float32" and dtype == np.float64:
        raise ValueError(f"matmul_precision={value!r} is for dtype=float32, got float64; leave out one of the two.")


def _check_numbers(batch_size: Any, max_epochs: Any, patience: Any, validation: Any, members: Any, seed: Any) -> None:
    """One sentence for the first keyword that is not what it may be."""

    def whole(value: Any, least: int) -> bool:
        return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(value >= least)

    rules = {
        "batch_size": (batch_size, whole(batch_size, 1) or batch_size == "full", "an integer >= 1 or 'full'"),
        "max_epochs": (max_epochs, whole(max_epochs, 1), "an integer >= 1"),
        "patience": (patience, patience is None or whole(patience, 1), "None or an integer >= 1"),
        "members": (members, whole(members, 1), "an integer >= 1"),
        "seed": (seed, whole(seed, 0), "an integer >= 0"),
    }
    for name, (value, fine, words) in rules.items():
        if not fine:
            raise ValueError(f"{name} must be {words}, got {value!r}.")
    if patience is not None and validation is None:
        raise ValueError(f"patience={patience} needs held-out rows: give validation=(X, y), or leave patience out.")
