"""Many fits side by side: joblib's work in threads of this process, where compiled programs are shared.

Who has chosen another backend of joblib (dask, ray, loky), for more than one machine, is left to it.
"""

import contextlib
import functools
import importlib.util
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sklearn.ensemble
import sklearn.model_selection
from joblib import effective_n_jobs, parallel_config
from joblib.parallel import ThreadingBackend, get_active_backend
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _num_samples
from threadpoolctl import threadpool_limits

from wellfit.core.sharing import sharing
from wellfit.core.turns import away, taking_turns
from wellfit.native.cores import cores
from wellfit.training.interrupt import Interrupt
from wellfit.training.rungs import room_for

FEW_ROWS = 20_000
"""Beyond these a fit is all program, and one more in memory is a cost."""


class _OneMore(ThreadingBackend):
    """A thread for each core, and one more, which prepares its fit while every core runs a program."""

    def effective_n_jobs(self, n_jobs: int) -> int:
        cores = super().effective_n_jobs(n_jobs)
        return cores + 1 if cores > 1 else cores


@contextlib.contextmanager
def on_cores(X: Any) -> Iterator[None]:
    """joblib's work runs in threads of this process, on all cores unless ``n_jobs`` says otherwise.

    Fits to most of the rows of X, such as folds, share one compiled program with a fit to all of them.

    Under ``joblib.parallel_config`` with a backend of processes, here or on other machines, that one does the work; its
    ``n_jobs`` counts too.
    """
    if not _in_this_process():
        yield
        return
    _, chosen = get_active_backend()
    rows = _num_samples(X) if hasattr(X, "__len__") or hasattr(X, "shape") else 0
    backend = _OneMore() if rows <= FEW_ROWS else "threading"
    threads = parallel_config(backend=backend, n_jobs=cores() if chosen is None else chosen)
    with threads, threadpool_limits(1, "blas"), room_for(rows), sharing(), taking_turns(), away():
        yield


@contextlib.contextmanager
def in_threads(n_jobs: int | None) -> Iterator[None]:
    """joblib's work runs in so many threads of this process; ``n_jobs`` as scikit-learn means it.

    For predictions: no fit is padded otherwise meanwhile, and sums over members have the bits of scikit-learn's.
    """
    if not _in_this_process():
        yield
        return
    with parallel_config(backend="threading"):
        many = effective_n_jobs(n_jobs) > 1  # type: ignore[arg-type]  # None is allowed
        with threadpool_limits(1, "blas") if many else contextlib.nullcontext():
            yield


def _in_this_process() -> bool:
    """Whether nobody has chosen processes for joblib's work."""
    backend, _ = get_active_backend(prefer="threads")  # the wish counts only where nobody has chosen
    return bool(getattr(backend, "supports_sharedmem", False))


@contextlib.contextmanager
def progress(wanted: bool, interrupt: Interrupt) -> Iterator[None]:
    """A line on the terminal, where rich is installed, that counts the fits ``interrupt`` has seen finished."""
    if not wanted or importlib.util.find_spec("rich") is None:
        yield
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    ended = threading.Event()
    columns = (SpinnerColumn(), TextColumn("{task.completed} fits finished"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None)

        def follow() -> None:
            while not ended.wait(0.2):
                bar.update(task, completed=interrupt.finished)

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        try:
            yield
        finally:
            ended.set()
            follower.join()
            bar.update(task, completed=interrupt.finished)


def _decides(bagged: Any) -> bool:
    """Whether scikit-learn's class would offer the members' decision function."""
    return hasattr(super(BaggingClassifier, bagged), "decision_function")


class BaggingClassifier(sklearn.ensemble.BaggingClassifier):
    """Classifiers fitted to bootstrap rows: scikit-learn's, with its out-of-bag score; ``n_jobs`` means cores.

    Members are fitted and asked in threads of this process. None is all cores for fits, and for predictions one, as in
    scikit-learn: the last bits of a sum over members depend on how many threads share it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from wellfit import MLPClassifier
    >>> model = MLPClassifier((8,), solver="lbfgs", max_iter=1000, random_state=0)
    >>> bagged = BaggingClassifier(model, 5, random_state=0).fit(*load_iris(return_X_y=True))
    >>> bagged.predict([[5.1, 3.5, 1.4, 0.2]])
    array([0])
    """

    def _fit(self, X: Any, *args: Any, **params: Any) -> Any:
        with on_cores(X):
            return super()._fit(X, *args, **params)

    def predict_proba(self, X: Any, **params: Any) -> np.ndarray:
        """The members' mean probabilities (n, K); arguments as in scikit-learn."""
        with in_threads(self.n_jobs):
            return super().predict_proba(X, **params)

    def predict_log_proba(self, X: Any, **params: Any) -> np.ndarray:
        """The logarithm of ``predict_proba`` (n, K); arguments as in scikit-learn."""
        with in_threads(self.n_jobs):
            return super().predict_log_proba(X, **params)

    @available_if(_decides)
    def decision_function(self, X: Any, **params: Any) -> np.ndarray:
        """The members' mean decision function, where they have one; arguments as in scikit-learn."""
        with in_threads(self.n_jobs):
            return super().decision_function(X, **params)


class BaggingRegressor(sklearn.ensemble.BaggingRegressor):
    """Regressors fitted to bootstrap rows: scikit-learn's, with its out-of-bag score; ``n_jobs`` means cores.

    Members are fitted and asked in threads of this process, as those of ``BaggingClassifier`` are.
    """

    def _fit(self, X: Any, *args: Any, **params: Any) -> Any:
        with on_cores(X):
            return super()._fit(X, *args, **params)

    def predict(self, X: Any, **params: Any) -> np.ndarray:
        """The members' mean prediction (n,); arguments as in scikit-learn."""
        with in_threads(self.n_jobs):
            return super().predict(X, **params)


def _threaded(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapped(estimator: Any, X: Any, *args: Any, **params: Any) -> Any:
        with on_cores(X):
            return function(estimator, X, *args, **params)

    wrapped.__doc__ = f"scikit-learn's ``{function.__name__}``; ``n_jobs`` means cores of this process, None all."
    return wrapped


cross_validate = _threaded(sklearn.model_selection.cross_validate)
cross_val_score = _threaded(sklearn.model_selection.cross_val_score)
cross_val_predict = _threaded(sklearn.model_selection.cross_val_predict)
learning_curve = _threaded(sklearn.model_selection.learning_curve)
validation_curve = _threaded(sklearn.model_selection.validation_curve)
