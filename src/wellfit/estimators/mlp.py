"""The base of ``MLPClassifier`` and ``MLPRegressor``: scikit-learn's algorithm on wellfit's program.

With the same ``random_state`` the starting weights, the rows held out and the order of the rows are scikit-learn's
own, so that the two differ by rounding alone for as long as rounding stays small.
"""

import warnings
from numbers import Integral
from typing import Any, Self

import jax
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils.optimize import _check_optimize_result
from sklearn.utils.validation import validate_data

from wellfit.core.sharing import Draws
from wellfit.core.spec import numbers_as, present
from wellfit.core.turns import turn
from wellfit.core.types import Tree
from wellfit.data.weights import check_weights
from wellfit.estimators.callbacks import CallbackSupportMixin, Watchers, with_callbacks
from wellfit.estimators.mlp_describe import (
    coefficients,
    describe_activations,
    describe_network,
    describe_solver,
    hidden_sizes,
    initial_coefficients,
    parameters,
)
from wellfit.estimators.mlp_exchange import from_sklearn, to_sklearn
from wellfit.estimators.mlp_verbose import Printer, tell
from wellfit.estimators.parameter_names import ParameterNames
from wellfit.families.base import Family
from wellfit.training.classic import Classic
from wellfit.training.loop import Progress, Trained, train
from wellfit.training.members import history_length
from wellfit.training.native_forward import by_kernel, outputs_by_kernel
from wellfit.training.orders import EpochOrders
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.quasi_newton import minimise
from wellfit.training.rows import arrays, padded
from wellfit.training.sparse import SparseBlock
from wellfit.training.state import State, start
from wellfit.training.status import Status

AUTO_BATCH = 200
FOR_KERNEL = 128
"""Rows from which numpy's passes over memory, one for each operation, take longer than the way to a kernel."""

PLAIN_ROWS = 4096
"""Beyond these the checks take less time than the prediction."""


class MLPBase(ParameterNames, CallbackSupportMixin, BaseEstimator):
    """What the pair shares: one fit, from the door to the learnt attributes."""

    coefs_: list[np.ndarray]
    intercepts_: list[np.ndarray]
    family_: Family

    # -- fitting -------------------------------------------------------------------------------------------------

    @with_callbacks
    def _fit(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> Self:
        with turn():
            self._validate_params()
            sizes = hidden_sizes(self.hidden_layer_sizes)
            describe_activations(self.activation, len(sizes))
            first = not hasattr(self, "coefs_") or (not self.warm_start and not incremental)
            X, y = self._validated(X, y, incremental, first)
            w = check_weights(sample_weight, X.shape[0]) * self._cost(y, incremental)
            encoded = self._encode(y)
            if first or not hasattr(self, "family_"):
                self.family_ = self._family(encoded)
            draws = self._draws(incremental)
            if first:
                self._begin(draws, [X.shape[1], *sizes, self.family_.outputs], X.dtype)
            if self.solver == "lbfgs":
                self._fit_whole(X, encoded, w)
            else:
                self._fit_steps(X, encoded, w, draws, incremental)
            if not all(np.isfinite(array).all() for array in (*self.coefs_, *self.intercepts_)):
                raise ValueError(
                    "Solver produced non-finite parameter weights. The input data may contain large values and need "
                    "to be preprocessed."
                )
            return self

    def _draws(self, incremental: bool) -> Draws:
        """``partial_fit`` goes on with the generator of the call before: so 100 calls are a fit of 100 epochs."""
        if not incremental or not hasattr(self, "_drawn"):
            self._drawn, self._permutation, self._ahead = Draws(self.random_state), None, None
        self._catch_up()
        return self._drawn

    def _catch_up(self) -> None:
        """Leave the generator after the epochs that were run; an integer seed's is nobody's until it is asked for."""
        if self._ahead is not None:
            self._permutation, self._ahead = self._ahead.finish(), None

    def _begin(self, draws: Draws, units: list[int], dtype: Any) -> None:
        self.coefs_, self.intercepts_ = draws(initial_coefficients, tuple(units), self.activation, np.dtype(dtype).str)
        self.n_iter_, self.t_ = 0, 0
        self.n_layers_ = len(units)
        self.out_activation_ = self._out_activation()
        self._memory = None
        if self.solver == "lbfgs":
            return
        self.loss_curve_: list[float] = []
        self._no_improvement_count = 0
        held = self.early_stopping
        self.validation_scores_: list[float] | None = [] if held else None
        self.validation_loss_curve_: list[float] | None = [] if held else None
        self.best_validation_score_ = -np.inf if held else None
        self.best_loss_ = None if held else np.inf

    def _plan(self, *, n_train: int, rule: Classic, dtype: Any) -> Plan:
        batch, full = self._batch(n_train)
        plan = Plan(
            network=describe_network(self, self.family_.outputs),
            family=self.family_,
            optimizer=describe_solver(self, n_train),
            max_epochs=int(self.max_iter),
            l1=self.l1 if present(self.l1) else None,
            l2=self.alpha if present(self.alpha) else None,
            rule=rule,
            batch_size=batch,
            full_batch=full,
        )
        return numbers_as(plan, dtype)

    def _batch(self, n: int) -> tuple[int, bool]:
        """Rows in a batch, and whether that is all of them."""
        if self.batch_size == "auto":
            size = min(AUTO_BATCH, n)
        else:
            if self.batch_size > n:
                warnings.warn(
                    "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=6
                )
            size = int(np.clip(self.batch_size, 1, n))
        return (128, True) if size == n else (size, False)

    # -- in steps: adam, sgd and the rest ------------------------------------------------------------------------

    def _fit_steps(self, X: Any, y: np.ndarray, w: np.ndarray, draws: Draws, incremental: bool) -> None:
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        split = self._split(y, draws) if self.early_stopping else (np.arange(len(w)), np.zeros(0, np.int64))
        n_train = len(split[0])
        rule = Classic(
            self.tol, float(self.n_iter_no_change),
            score=self._score_name if self.early_stopping else "loss",
            adaptive=self.solver == "sgd" and self.learning_rate == "adaptive", once=incremental,
            **self._reporting(),
        )  # fmt: skip
        dtype = X.dtype
        plan = self._plan(n_train=n_train, rule=rule, dtype=dtype)
        with jax.enable_x64(dtype == np.float64):
            numbers = tuple(part.astype(np.int32) for part in split)
            x = _block(X, dtype)
            data, rows = arrays(x, y, w, numbers, dtype, in_batches=not plan.full_batch)
            orders = EpochOrders(
                draws, split[0], rows.train.shape[1], self._permutation, bool(self.shuffle),
                most=1 if incremental else int(self.max_iter),
            )  # fmt: skip
            state = self._start(plan, dtype, draws, incremental)
            trained = self._train(plan, data, rows, state, None if plan.full_batch else orders, X, y)
        self._ahead = orders.ended(int(trained.state.epoch[0]))
        if not isinstance(self.random_state, Integral):
            self._catch_up()
        self._keep(trained, n_train, incremental)

    def _split(self, y: np.ndarray, draws: Draws) -> tuple[np.ndarray, np.ndarray]:
        """Rows that train and rows that judge, as scikit-learn's own ``train_test_split`` draws them."""
        train, held = draws(_held_out, len(y), self._strata(y), self.validation_fraction)
        if len(held) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        return train, held

    def _start(self, plan: Plan, dtype: Any, draws: Draws, incremental: bool) -> State:
        """The state to train from: the present coefficients, and what earlier calls remember."""
        network = plan.network
        # A draw for dropout's noise only where there is dropout: else the generator stays in step with scikit-learn's.
        seed = draws(_seed) if present(self.dropout) else 0
        state = start(
            plan, parameters(network, self.coefs_, self.intercepts_), ({},) * len(network.layers),
            seed=seed, validate=bool(self.early_stopping), epochs=history_length(self.max_iter), dtype=dtype,
        )  # fmt: skip
        best = self.best_validation_score_ if self.early_stopping else self.best_loss_
        worst = plan.rule.worst
        state = state._replace(
            best_score=np.asarray(worst if best is None else best, dtype),
            waited=np.asarray(self._no_improvement_count, np.int32),
        )
        if not incremental or self._memory is None:
            return state
        opt_state, schedule, factor = self._memory
        if jax.tree.structure(opt_state) != jax.tree.structure(state.moving.opt_state):
            return state
        return state._replace(
            moving=state.moving._replace(opt_state=jax.tree.map(np.copy, opt_state)),
            memory=schedule,
            factor=factor,
            fresh=np.asarray(False),
        )

    def _train(self, plan: Plan, data: Data, rows: Rows, state: State, orders: Any, X: Any, y: Any) -> Trained:
        watchers = Watchers(
            self, X, y, int(self.max_iter), lambda: {"coefs_": self.coefs_, "intercepts_": self.intercepts_}, bar=False
        )
        printer = Printer(self) if self.verbose else None

        def watch(progress: Progress) -> bool:
            if printer is not None:
                printer(progress)
            return watchers(progress)

        def keep(params: Tree, _: Tree) -> None:
            self.coefs_, self.intercepts_ = coefficients(params, 0)

        try:
            trained = train(
                plan, data, rows, [state], watch=watch, every_epoch=watchers.needed or printer is not None,
                max_time=None if self.max_time is None else float(self.max_time), orders=orders,
                keep=keep if watchers.context else None,
            )  # fmt: skip
        finally:
            watchers.close()
        if printer is not None:
            printer.close(Status(int(trained.state.status[0])))
        return trained

    def _keep(self, trained: Trained, n_train: int, incremental: bool) -> None:
        """The learnt attributes, from the final state."""
        state = trained.state
        epochs = int(state.epoch[0])
        params = state.best[0] if state.best else state.moving.params
        self.coefs_, self.intercepts_ = coefficients(params, 0)
        told = {name: [float(v) for v in values[0, :epochs]] for name, values in state.history.items()}
        self.loss_curve_ += told["loss"]
        self.n_iter_ = epochs
        self.t_ += epochs * n_train
        if self.loss_curve_:
            self.loss_ = self.loss_curve_[-1]
        if self.early_stopping:
            self.validation_scores_ = [*(self.validation_scores_ or []), *told["validation_score"]]
            self.validation_loss_curve_ = [*(self.validation_loss_curve_ or []), *told["validation_loss"]]
            self.best_validation_score_ = float(state.best_score[0])
        else:
            self.best_loss_ = float(state.best_score[0])
        self._no_improvement_count = int(state.waited[0])
        self._memory = tuple(
            jax.tree.map(lambda leaf: leaf[0], part) for part in (state.moving.opt_state, state.memory, state.factor)
        )
        self._ending(trained, incremental)

    def _ending(self, trained: Trained, incremental: bool) -> None:
        status = Status(int(trained.state.status[0]))
        self.status_ = status.name.lower()
        if trained.interrupted:
            self.status_ = "interrupted"
            warnings.warn("Training interrupted by user.", stacklevel=7)
        elif trained.timed_out:
            self.status_ = "timed_out"
        elif trained.stopped_by_callback:
            self.status_ = "stopped_by_callback"
        elif status == Status.FINISHED and not incremental:
            warnings.warn(
                f"Stochastic Optimizer: Maximum iterations ({int(self.max_iter)}) reached and the optimization hasn't "
                "converged yet.",
                ConvergenceWarning,
                stacklevel=7,
            )

    # -- on the whole: lbfgs -------------------------------------------------------------------------------------

    def _fit_whole(self, X: Any, y: np.ndarray, w: np.ndarray) -> None:
        for name in ("dropout", "l1"):
            if present(getattr(self, name)):
                raise ValueError(
                    f"{name}={getattr(self, name)!r} needs steps on batches, and solver='lbfgs' minimises one smooth "
                    f"function; use solver='adam' or 'sgd', or {name}=None."
                )
        dtype = np.dtype(np.float64)
        n = len(w)
        plan = self._plan(n_train=n, rule=Classic(self.tol, np.inf, **self._reporting()), dtype=dtype)
        watchers = Watchers(self, X, y, int(self.max_iter), lambda: {"coefs_": self.coefs_}, bar=False)

        def watch(iteration: int, loss: float) -> bool:
            if self.verbose:
                tell(f"Iteration {iteration}, loss = {loss:.8f}")
            if not watchers.needed:
                return False
            nan = float("nan")
            return watchers(Progress(np.array([iteration]), int(self.max_iter), loss, nan, 0, nan, {"loss": loss}))

        with jax.enable_x64(True):
            everything = (np.arange(n, dtype=np.int32), np.zeros(0, np.int32))
            data, _ = arrays(_block(X, dtype), y, w, everything, dtype)
            try:
                params, result, ending = minimise(
                    plan, padded(data), n, parameters(plan.network, self.coefs_, self.intercepts_),
                    max_iter=int(self.max_iter), max_fun=int(self.max_fun), tol=float(self.tol),
                    max_time=None if self.max_time is None else float(self.max_time), watch=watch,
                )  # fmt: skip
            finally:
                watchers.close()
        self.coefs_, self.intercepts_ = coefficients(params, None, X.dtype)
        self.loss_ = float(result.fun)
        self.status_ = ending or ("stopped_early" if result.status == 0 else "finished")
        if ending:
            self.n_iter_ = int(result.nit)
            if ending == "interrupted":
                warnings.warn("Training interrupted by user.", stacklevel=6)
        else:
            self.n_iter_ = int(_check_optimize_result("lbfgs", result, self.max_iter))

    # -- predicting ------------------------------------------------------------------------------------------------

    def _raw(self, X: Any) -> np.ndarray:
        """Raw outputs (n, outputs) in numpy, in X's precision or the coefficients', whichever is wider."""
        with turn():
            if not self._plain(X):
                X = validate_data(self, X, accept_sparse=["csr", "csc"], reset=False)
            network = describe_network(self, self.intercepts_[-1].shape[0])
            params = parameters(network, self.coefs_, self.intercepts_)
            if X.shape[0] >= FOR_KERNEL:
                stacked = jax.tree.map(lambda leaf: leaf[None], params)
                if by_kernel(network, stacked, X):
                    return outputs_by_kernel(network, stacked, X)[0]
            return network.apply(params, ({},) * len(network.layers), X)[0]

    def _plain(self, X: Any) -> bool:
        """Whether scikit-learn's checks, which take longer than a small prediction, would find nothing to say."""
        return (
            type(X) is np.ndarray
            and X.dtype in (np.float32, np.float64)
            and X.ndim == 2
            and 0 < len(X) <= PLAIN_ROWS
            and X.shape[1] == self.n_features_in_
            and not hasattr(self, "feature_names_in_")
            and bool(np.isfinite(X).all())
        )

    # -- to and from elsewhere -----------------------------------------------------------------------------------

    @classmethod
    def from_sklearn(cls, estimator: Any) -> Self:
        """This model with the parameters and everything learnt of scikit-learn's fitted ``estimator``.

        Predictions are the same to rounding; ``partial_fit`` goes on from its coefficients, with fresh moments.
        """
        return from_sklearn(cls, estimator)

    def to_sklearn(self) -> Any:
        """scikit-learn's fitted estimator that predicts the same; ``ValueError`` where it has no such model."""
        return to_sklearn(self)

    def save(self, path: Any) -> None:
        """Write the fitted model to one safe file (no pickle); ``wellfit.load`` reads it."""
        from wellfit.estimators.files import save

        save(self, path)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _seed(rng: np.random.RandomState) -> int:
    return int(rng.randint(2**31 - 1))


def _held_out(rng: np.random.RandomState, n: int, strata: Any, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's draw of n row numbers: those that train, and a fraction that is held out."""
    numbers = np.arange(n)
    try:
        train, held = train_test_split(numbers, random_state=rng, test_size=fraction, stratify=strata)
    except ValueError:  # scikit-learn stratifies by a column of labels, which takes longer and is in its message
        train_test_split(numbers, test_size=fraction, stratify=None if strata is None else strata[:, None])
        raise
    return np.asarray(train), np.asarray(held)


def _block(X: Any, dtype: Any) -> Any:
    """X as the program takes it: an array, or compressed sparse rows."""
    return SparseBlock.of(X.tocsr(), dtype) if hasattr(X, "tocsr") else X.astype(dtype, copy=False)
