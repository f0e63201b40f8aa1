"""The learning-rate range test: one short training in which the rate rises, and the rate that it proposes."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from sklearn.base import clone

from wellfit.core.spec import numbers_as
from wellfit.estimators.base import NeuralBase
from wellfit.estimators.task import Task
from wellfit.functions.schedules import Exponential
from wellfit.training.loop import train
from wellfit.training.members import history_length
from wellfit.training.orders import FOREVER
from wellfit.training.plan import Orders, Plan, Rows
from wellfit.training.rows import arrays
from wellfit.training.rungs import rung
from wellfit.training.sweep import Sweep

MARGIN = 3.0
"""How far below the rate of the smallest loss the proposal lies. On diabetes, breast cancer and digits, with AdamW, SGD
and momentum, a third came closer to the best rate of a grid than the often used tenth."""

WIDTH = 0.15
"""Decades of the learning rate that smoothing spreads a loss over (a standard deviation)."""


@dataclass(frozen=True)
class LearningRateRange:
    """What a range test found, ready to be drawn: ``losses`` and ``smoothed`` against ``rates``, on a logarithmic axis.

    rates, losses, smoothed : (S,) float64, in the order of the steps, the training loss in nats before each step's
    change; a test that ends early has fewer;  proposal : the learning rate it proposes;  lowest_loss_at : the rate at
    which the smoothed loss is smallest;  ended_at : the rate at which the loss was no number any more, or None.
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    proposal: float
    lowest_loss_at: float
    ended_at: float | None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    def __str__(self) -> str:
        ended = "" if self.ended_at is None else f", no number any more at {self.ended_at:.2g}"
        return (
            f"learning_rate={self.proposal:.2g} (loss smallest at {self.lowest_loss_at:.2g}{ended}; "
            f"{len(self.rates)} steps from {self.rates[0]:.2g} to {self.rates[-1]:.2g})"
        )


def learning_rate_range(
    estimator: NeuralBase,
    X: Any,
    y: Any,
    sample_weight: Any = None,
    *,
    lowest: float = 1e-6,
    highest: float = 10.0,
    steps: int = 200,
) -> LearningRateRange:
    """Train for ``steps`` steps while the learning rate rises by equal factors, and propose a rate (Smith 2017).

    At small rates nothing is learnt, at large ones the loss rises; between lies a valley. The proposal is a third of
    the rate at which the smoothed loss is smallest. The estimator itself is not changed; its network, family, optimizer
    (but for the rate), batch size, priors and noise are those of a fit, and all steps are one compiled program.

    Parameters
    ----------
    estimator : NeuralClassifier or NeuralRegressor
        Not with a method that searches along a line (lbfgs, conjugate_gradient): it has no rate to choose.
    X, y, sample_weight
        As for ``fit``.
    lowest, highest : number
        The rates at the first step and, all but reached, at the last.
    steps : int
        At least 20.

    Returns
    -------
    LearningRateRange
        With ``proposal``, and the curve as ``rates``, ``losses`` and ``smoothed``.

    Raises
    ------
    ValueError
        One sentence for a number that cannot be, or a method without a rate of its own.

    Examples
    --------
    >>> from wellfit import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(200, 3))
    >>> model = NeuralRegressor(hidden=16, random_state=0)
    >>> found = learning_rate_range(model, X, X[:, 0] - X[:, 1])
    >>> bool(1e-4 < found.proposal < 1)
    True
    >>> model = model.set_params(learning_rate=found.proposal).fit(X, X[:, 0] - X[:, 1])
    """
    _check(estimator, lowest, highest, steps)
    twin: Any = clone(estimator)
    task: Task = twin._prepare(X, y, sample_weight, None, None, None)
    if task.plan.optimizer.full_batch:
        raise ValueError(
            f"optimizer={estimator.optimizer!r} searches for the length of every step and has no learning rate to "
            "choose; use a method such as 'adam' or 'sgd'."
        )
    dtype, train_rows = twin._dtype, task.split[0]
    weight = float(task.w_fit[train_rows].sum())
    plan = _rising(task.plan, lowest, highest, steps, weight, dtype)
    with jax.enable_x64(task.exact):
        data, rows = arrays(task.x, task.encoded, task.w_fit, (train_rows, train_rows[:0]), dtype)
        if not plan.full_batch:
            rows = _one_batch_each(rows, train_rows, plan.batch_size, steps, task.seed, weight)
        state = twin._start(
            plan, 0, task.seed, task.x, task.encoded, task.w_fit, train_rows, False, history_length(steps), None
        )
        trained = train(plan, data, rows, [state])
    done = int(trained.state.epoch[0])
    losses = np.asarray(trained.state.history["loss"][0, :done], np.float64)
    return found_in(lowest * (highest / lowest) ** (np.arange(done) / steps), losses)


def _check(estimator: Any, lowest: float, highest: float, steps: int) -> None:
    if not isinstance(estimator, NeuralBase):
        raise ValueError(f"estimator must be a NeuralClassifier or a NeuralRegressor, got {estimator!r}.")
    if not (np.isfinite([lowest, highest]).all() and 0 < lowest < highest):
        raise ValueError(f"lowest={lowest!r} and highest={highest!r} must be numbers with 0 < lowest < highest.")
    if not isinstance(steps, int | np.integer) or isinstance(steps, bool) or steps < 20:
        raise ValueError(f"steps={steps!r} must be an integer >= 20.")


def _rising(plan: Plan, lowest: float, highest: float, steps: int, weight: float, dtype: Any) -> Plan:
    """The plan with a rising rate, one step an epoch."""
    method = dataclasses.replace(plan.optimizer, learning_rate=Exponential(highest, lowest))  # type: ignore[type-var]
    changed = dataclasses.replace(plan, optimizer=method, max_epochs=steps, patience=None, rule=Sweep(weight))
    return numbers_as(changed, dtype)


def _one_batch_each(rows: Rows, train_rows: np.ndarray, size: int, steps: int, seed: int, weight: float) -> Rows:
    """Rows of which every epoch sees one batch: shuffled passes over the training rows, cut into whole batches."""
    size, n = min(size, len(train_rows)), len(train_rows)
    rng, per_pass = np.random.default_rng(seed), n // size
    lines = rung(steps)  # so that similar numbers of steps share a program
    passes = [rng.permutation(train_rows)[: per_pass * size] for _ in range(-(-lines // per_pass))]
    table = np.concatenate(passes).reshape(-1, size)[:lines].astype(np.int32)
    mean = np.asarray([weight / n * size], rows.weight.dtype)
    order = Orders(table, np.int32(0), FOREVER)
    return rows._replace(train=table[:1], n_train=np.array([size], np.int32), weight=mean, order=order)


def found_in(rates: np.ndarray, losses: np.ndarray) -> LearningRateRange:
    """What a curve says: the proposal is a third of the rate where the smoothed loss is smallest."""
    finite = np.isfinite(losses)
    count = len(losses) if finite.all() else int(np.argmin(finite))
    if count < 2:
        raise ValueError(f"the loss is no number from the first step on, at lowest={rates[0]:.2g}; take a smaller one.")
    ended = None if count == len(losses) else float(rates[count])
    rates, losses = rates[:count], losses[:count]
    smoothed = _smoothed(np.log10(rates), losses)
    best = float(rates[np.argmin(smoothed)])
    return LearningRateRange(rates, losses, smoothed, best / MARGIN, best, ended)


def _smoothed(decades: np.ndarray, losses: np.ndarray) -> np.ndarray:
    """Means of the losses near each rate; an exploding loss counts as twice as bad as no learning, not as 1e30."""
    start = np.mean(losses[: max(1, len(losses) // 20)])
    bounded = np.minimum(losses, start + 2 * np.ptp(np.minimum(losses, start)) + np.abs(start))
    weights = np.exp(-0.5 * ((decades[:, None] - decades) / WIDTH) ** 2)
    return weights @ bounded / weights.sum(axis=1)
