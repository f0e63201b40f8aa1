"""The base of the estimators: validate -> describe -> run -> keep. Nothing here knows what y is: the family does."""

import dataclasses
import warnings
from typing import Any, Self

import jax
import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted, check_random_state

from wellfit.core.errors import ConvergenceWarning
from wellfit.core.spec import is_spec, numbers_as, with_params
from wellfit.core.turns import turn
from wellfit.core.types import Tree
from wellfit.data.continuous import continuous
from wellfit.data.contract import Contract
from wellfit.data.encoded import Encoded
from wellfit.data.frames import is_sparse, rows_of
from wellfit.data.tables import TableCodec
from wellfit.data.weights import check_weights
from wellfit.estimators.bootstrap import draw, evened, in_bags, measure_out_of_bag
from wellfit.estimators.callbacks import CallbackSupportMixin, Watchers, with_callbacks
from wellfit.estimators.describe import clipping, describe, describe_optimizer, is_linear
from wellfit.estimators.door import check_X, checked
from wellfit.estimators.ensembles import (
    check_selection,
    draw_numbers,
    keep_best,
    plans_of,
    size,
    starts_constant,
    with_numbers,
)
from wellfit.estimators.figures import figures
from wellfit.estimators.held_out import hold_out
from wellfit.estimators.parameter_names import ParameterNames
from wellfit.estimators.plans import FitPlan, planned
from wellfit.estimators.reasons import reasons
from wellfit.estimators.recipe import Recipe, chosen, exact_recipe, patience, recipe
from wellfit.estimators.regularisers import is_random, priors_of, regularisers, remembered
from wellfit.estimators.settings import EXACT_ROWS, check_settings
from wellfit.estimators.task import Task
from wellfit.estimators.unseen import measure
from wellfit.families.base import Family
from wellfit.functions.schedules import Schedule
from wellfit.insight.priors import Priors
from wellfit.networks.network import Network
from wellfit.training.forward import crowd_outputs
from wellfit.training.loop import Trained
from wellfit.training.members import fresh_params, history_length, starting_rows
from wellfit.training.memory import check_memory
from wellfit.training.outcome import of_cycles
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.rows import arrays, shape_of
from wellfit.training.rungs import rung, shared_rung
from wellfit.training.snapshots import train_in_cycles
from wellfit.training.state import State, stack, start

DENSE_ROWS = 1024
"""Rows of a sparse matrix that are dense at a time when the network predicts them."""


class NeuralBase(ParameterNames, CallbackSupportMixin, BaseEstimator):
    """What ``NeuralClassifier`` and ``NeuralRegressor`` share."""

    network_: Network
    family_: Family
    params_: Tree

    # -- fitting -------------------------------------------------------------------------------------------------

    @with_callbacks
    def _fit(
        self, X: Any, y: Any, sample_weight: Any, validation_data: Any, groups: Any = None, time: Any = None
    ) -> Self:
        with turn():
            task = self._prepare(X, y, sample_weight, validation_data, groups, time)
            given = jax.tree.map(lambda leaf: leaf[-task.members :], self.params_) if task.again else None
            with jax.enable_x64(task.exact):
                in_batches = not task.plan.full_batch
                data, rows = arrays(task.whole, task.encoded, task.w_fit, task.split, self._dtype, in_batches)
                if task.bags is not None:
                    rows = in_bags(rows, task.bags, task.w_fit)
                check_memory(task.plan, data, shape_of(task.x), task.members, validate=task.validate, dtype=self._dtype)
                epochs = history_length(task.plan.max_epochs)
                states = [
                    self._start(
                        task.plan, m, task.seed, task.x, task.encoded, task.w_fit, task.trained_on(m), task.validate,
                        epochs, given, row_set=0 if task.bags is None else m,
                    )
                    for m in range(task.members)
                ]  # fmt: skip
                cycles = self._run(task.plans, data, rows, states, task.X, task.y)
                members = keep_best(self, task, np.tile(np.arange(task.members), cycles))
                self._measure(task.x, task.encoded, task.w, task.split)
                if task.bags is not None:
                    measure_out_of_bag(self, task, members, sample_weight, rows_of(X))
        return self

    def _prepare(self, X: Any, y: Any, sample_weight: Any, validation_data: Any, groups: Any, time: Any) -> Task:
        """Validate, choose, encode, hold out and describe: all of a fit before the first array goes to a device."""
        check_settings(self.get_params(deep=False), type(self).__name__)
        again, read = bool(self.warm_start) and hasattr(self, "params_"), None
        X, y, w, groups, time = checked(self, X, y, sample_weight, groups, time, reset=not again)
        rng = check_random_state(self.random_state)
        seed = int(rng.randint(2**31 - 1))
        if not again:
            self._target, self.family_, why = self._choose(y, w)
            self.reasons_ = [why]
        encoded = self._target.encode(y)
        w_train = w * self._cost(encoded, w)
        n = len(w)
        exact = self._is_exact(n, w, validation_data)
        self._dtype = np.dtype(np.float64 if exact else np.float32)
        if not again:
            self._table, read = TableCodec.learn(X, w, "standard" if is_linear(self) else "robust")
            self.reasons_ += self._table.reasons
        auto = exact_recipe(is_linear(self)) if exact else recipe(n, self._table.width, self.family_.outputs)
        whole = self._table.transform(X, self._dtype, own=not again, read=read, room=shared_rung(n, n), lazily=True)
        x = {name: block if block.shape[0] == n else block[:n] for name, block in whole.items()}
        x, encoded, w_all, split = hold_out(
            self, (x, encoded, w_train), auto,
            validation_data=validation_data, seed=seed, weights=w, groups=groups, time=time,
        )  # fmt: skip
        self._continuous = continuous(x["numeric"])
        check_selection(self, len(split[1]))
        self._check_held_out(len(split[1]))
        members = size(self, auto)
        self.members_ = draw_numbers(self, members, seed)
        if not again:
            self.network_ = with_numbers(self, self.members_)._describe_network(auto)
        plans = plans_of(self, self.members_, auto, len(split[0]))
        self._regularisers = remembered(plans, w_all[split[0]].sum())
        bags, w_fit = None, w_all
        if self.bootstrap:
            cost = self._cost(encoded, w_all, learn=False)
            bags = draw(split[0], (w_all / cost)[split[0]], members, seed)
            w_fit = evened(w_all, cost, split[0])
        self.reasons_ = [*self.reasons_, *reasons(self, exact, split, members)]
        whole = whole if validation_data is None else x
        return Task(X, y, x, whole, encoded, w_all, w_fit, split, plans, members, seed, exact, again, bags)

    def _check_y(self, y: Any) -> np.ndarray:
        return np.asarray(y)

    def _is_exact(self, n: int, w: np.ndarray, validation_data: Any) -> bool:
        """Whether the fit is exact as a whole: integer weights then equal repeated rows to 1e-7."""
        small = max(n, float(w.sum())) <= EXACT_ROWS
        judged = self.early_stopping is True or validation_data is not None or self.select is not None
        asked = judged or is_random(self) or "dropout" in (self.vary or {})
        return small and not asked and self.batch_size in ("auto", "full")

    def _check_held_out(self, n: int) -> None:
        """Raise one sentence where a parameter asks for held-out rows and there are none."""

    def _describe_network(self, auto: Recipe) -> Network:
        return describe(
            self, self._table.cardinalities, self._table.width, self.family_.outputs, auto, self._continuous
        )

    def _plan(self, auto: Recipe, *, n_train: int, passes: bool = False) -> Plan:
        """The whole fit as data, its numbers through the door; ``passes`` is a single epoch at a constant rate."""
        optimizer = describe_optimizer(self, auto)
        batch = self._batch if passes else chosen(self.batch_size, auto.batch_size)
        if passes and isinstance(optimizer.learning_rate, Schedule):
            optimizer = dataclasses.replace(optimizer, learning_rate=optimizer.learning_rate.peak)  # type: ignore[type-var]
        full = batch == "full" or optimizer.full_batch
        stops = chosen(self.early_stopping, auto.early_stopping)
        shape = {"numeric": (self._table.width,), "codes": (len(self._table.cardinalities),)}
        waits = {}
        if stops and not passes:
            steps = 1 if full else -(-n_train // int(batch))
            waits = patience(self.patience, auto, steps, optimizer.learning_rate)
        plan = Plan(
            network=self.network_,
            family=self.family_,
            optimizer=optimizer,
            max_epochs=1 if passes else max(1, int(chosen(self.max_epochs, auto.max_epochs)) // int(self.snapshots)),
            **waits,
            **regularisers(self, auto, optimizer, self.network_, shape),
            **clipping(self, optimizer),
            batch_size=128 if full else min(int(batch), rung(n_train)),
            full_batch=full,
            matmul_precision=self.matmul_precision,
        )
        return numbers_as(plan, self._dtype)

    def _start(self, plan, member, seed, x, encoded, w, train_rows, validate, epochs, given, row_set=0) -> State:
        """One member's state: fresh weights of its own seed and the best constant as output bias; or the given."""
        shape = shape_of(x)
        if given is not None:
            params = jax.tree.map(lambda leaf: leaf[member % len(leaf)], given)
        else:
            seen = starting_rows(self.network_, x, w, train_rows)
            y, w = encoded[train_rows], w[train_rows]
            params = fresh_params(
                self.network_, self.family_, shape, y, w,
                seed=seed, member=member, rows=seen, constant=starts_constant(self, member),
            )  # fmt: skip
        return start(
            plan, params, self.network_.statistics(shape),
            seed=seed, member=member, row_set=row_set, validate=validate, epochs=epochs, dtype=self._dtype,
        )  # fmt: skip

    def _run(self, plans: Plan | list[Plan], data: Data, rows: Rows, states: list[State], X: Any, y: Any) -> int:
        """Train, keep what was learnt in numpy, and say what went wrong; returns in how many cycles."""
        most = max(int(np.max(plan.max_epochs)) for plan in (plans if isinstance(plans, list) else [plans]))
        self._keep_params(stack([s.good.params for s in states]), stack([s.good.statistics for s in states]))
        watchers = Watchers(self, X, y, most * int(self.snapshots), lambda: {"params_": self.params_})
        try:
            trained = train_in_cycles(
                plans, data, rows, states, int(self.snapshots),
                max_time=None if self.max_time is None else float(self.max_time),
                watch=watchers, every_epoch=watchers.needed, keep=self._keep_params if watchers.context else None,
            )  # fmt: skip
        finally:
            watchers.close()
        self._keep(trained)
        return len(trained)

    def _keep_params(self, params: Tree, statistics: Tree) -> None:
        self.params_ = jax.tree.map(np.asarray, params)
        self._statistics = jax.tree.map(np.asarray, statistics)

    def _keep(self, cycles: list[Trained]) -> None:
        """The networks of all cycles, one cycle after another, and how training went."""
        self._keep_params(*jax.tree.map(lambda *ends: np.concatenate(ends), *[trained.kept for trained in cycles]))
        found = of_cycles(cycles)
        self.history_, self.n_iter_, self.best_epoch_ = found.history, found.n_iter, found.best_epoch
        self.loss_, self.status_ = found.loss, found.status
        self.fit_seconds_ = sum(trained.seconds for trained in cycles)
        if found.warning:
            warnings.warn(found.warning, ConvergenceWarning, stacklevel=6)

    def _measure(self, x: dict, encoded: np.ndarray, w: np.ndarray, split: tuple) -> None:
        """What only the fitted network can tell: noise scale, calibration, intervals, figures."""
        measure(self, x, encoded, w, split)

    def _judge(self, z: np.ndarray, y: np.ndarray, w: np.ndarray, held: bool) -> None:
        """Learn from raw outputs z (P, n, outputs) of rows the network was not fitted to, where ``held``."""

    def evaluate(self, X: Any, y: Any, sample_weight: Any = None) -> dict[str, float]:
        """Log loss and accuracy of classes, or RMSE, MAE and R2 of numbers, on these rows."""
        x, y = self._encoded(X), self._check_y(y)
        w = check_weights(sample_weight, len(y))
        if rows_of(X) != len(y):
            raise ValueError(f"X and y have inconsistent numbers of rows: {rows_of(X)} and {len(y)}.")
        return self._figures(self._raw(x), self._target.encode(y), w)

    def _figures(self, z: np.ndarray, encoded: np.ndarray, w: np.ndarray) -> dict[str, float]:
        """``evaluate`` of raw outputs z (P, n, outputs) and encoded targets."""
        return figures(self, z, encoded, w)

    class_weight_: Any = None
    members_: Any = None

    def _cost(self, encoded: np.ndarray, w: np.ndarray, learn: bool = True) -> np.ndarray | float:
        """The factor of each row's weight that comes from the costs of its class."""
        return 1.0

    # -- predicting ----------------------------------------------------------------------------------------------

    def _raw(self, x: dict) -> np.ndarray:
        """Raw outputs (P, n, outputs) of encoded rows; a sparse block becomes dense a few rows at a time."""
        if not is_sparse(x["numeric"]):
            with turn():
                return crowd_outputs(self.network_, self.params_, self._statistics, x, self._dtype)
        parts = (
            self._raw({"numeric": x["numeric"][first : first + DENSE_ROWS].toarray(),
                       "codes": x["codes"][first : first + DENSE_ROWS]})
            for first in range(0, len(x["codes"]), DENSE_ROWS)
        )  # fmt: skip
        return np.concatenate(list(parts), axis=1)

    def _encoded(self, X: Any, lazily: bool = True) -> dict:
        check_is_fitted(self)
        return self._table.transform(check_X(self, X, reset=False), self._dtype, lazily=lazily)

    def _encode_once(self, X: Any) -> Encoded | None:
        """X encoded, with the places of its columns, so that they can be changed; None of a model of sparse rows."""
        check_is_fitted(self)
        return (
            Encoded(self._encoded(X, lazily=False), self._table.places(X))
            if isinstance(self._table, TableCodec)
            else None
        )

    # -- before fitting ------------------------------------------------------------------------------------------

    def plan(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        validation_data: Any = None,
        groups: Any = None,
        time: Any = None,
    ) -> FitPlan:
        """What ``fit`` would choose for these rows, and what it would cost; nothing is trained or compiled.

        The arguments are those of ``fit``. Printed it is a table; ``to_dict()`` is for JSON. ``seconds`` is good to a
        factor of about two, leaves out compiling, and is for all epochs: early stopping may end training sooner.
        """
        twin: Any = clone(self)
        return planned(twin, twin._prepare(X, y, sample_weight, validation_data, groups, time))

    # -- scikit-learn --------------------------------------------------------------------------------------------

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name; ``optimizer__beta1`` puts another description in place, never changes one."""
        direct: dict[str, Any] = {}
        inner: dict[str, dict[str, Any]] = {}
        for name, value in params.items():
            head, _, tail = name.partition("__")
            if tail and is_spec(params.get(head, getattr(self, head, None))):
                inner.setdefault(head, {})[tail] = value
            else:
                direct[name] = value
        super().set_params(**direct)
        for head, changes in inner.items():
            setattr(self, head, with_params(getattr(self, head), **changes))
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = False
        tags.input_tags.sparse = True
        tags.non_deterministic = False
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "params_")

    def __repr__(self, N_CHAR_MAX: int = 700) -> str:
        text = super().__repr__(N_CHAR_MAX)
        if not hasattr(self, "history_"):
            return text
        numbers = sum(leaf[0].size for leaf in jax.tree.leaves(self.params_))
        members = len(jax.tree.leaves(self.params_)[0])
        crowd = f"{members} x " if members > 1 else ""
        return f"{text}  # fitted: {type(self.family_).__name__}, {crowd}{numbers:,} parameters, {self.n_iter_} epochs"

    def save(self, path: Any) -> None:
        """Write the fitted model to one safe file (no pickle); ``wellfit.load`` reads it."""
        from wellfit.estimators.files import save

        save(self, path)

    @property
    def contract_(self) -> Contract:
        """What each column held in fit, and what becomes of a table that differs; printed it is a table.

        >>> import numpy as np
        >>> from wellfit import NeuralRegressor
        >>> X = np.arange(20.0)[:, None]
        >>> NeuralRegressor(max_epochs=1).fit(X, X[:, 0]).contract_["x0"].high
        19.0
        """
        check_is_fitted(self)
        return self._table.contract

    @property
    def priors_(self) -> Priors:
        """The regularisers as priors, with their scale in the units of the columns; printed it is a table.

        >>> import numpy as np
        >>> from wellfit import NeuralRegressor
        >>> X = np.arange(20.0)[:, None]
        >>> model = NeuralRegressor(hidden=(), l2=0.5, weight_decay=0, family="normal", random_state=0)
        >>> [row.name for row in model.fit(X, X[:, 0] % 3).priors_.rows]
        ['l2']
        """
        check_is_fitted(self)
        return priors_of(self)

    @property
    def feature_names(self) -> list[str] | None:
        """The names of the training frame's columns, or None for an array."""
        return self._table.names
