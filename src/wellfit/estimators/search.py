"""Searches over parameters: scikit-learn's, with every fit on a core of this process.

Fits of one structure share one compiled program, compiled once for all candidates and folds; other processes would
each compile it again and copy the data. Each fit is the fit that it would be alone: the same bits.
"""

import warnings
from collections.abc import Callable
from typing import Any, Self

import sklearn.experimental.enable_halving_search_cv  # noqa: F401  (scikit-learn hides the halving searches behind it)
import sklearn.model_selection as theirs

from wellfit.core.errors import ConvergenceWarning
from wellfit.estimators.cores import on_cores, progress
from wellfit.training.interrupt import Interrupt


class _Search:
    """What the searches share; to stand before scikit-learn's class."""

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Fit every candidate on every fold, then the best on all rows; arguments as in scikit-learn.

        Ctrl-C ends the search with what is finished and refits the best of it; the scores of the others are NaN.
        """
        with on_cores(X):
            return super().fit(X, y, **params)  # type: ignore[misc]

    def _run_search(self, evaluate_candidates: Callable[..., Any], callback_ctx: Any = None) -> None:
        context = {} if callback_ctx is None else {"callback_ctx": callback_ctx}
        with Interrupt(over=True) as interrupt:
            try:
                with progress(bool(self.verbose), interrupt):  # type: ignore[attr-defined]
                    super()._run_search(evaluate_candidates, **context)  # type: ignore[misc]
            except ValueError:
                if interrupt.asked and not interrupt.finished:
                    raise KeyboardInterrupt from None
                raise
            if interrupt.asked:
                warnings.warn(
                    f"The search was interrupted by the user; {interrupt.finished} fits are finished, the best of them "
                    "is kept, and the scores of the others are NaN.",
                    ConvergenceWarning,
                    stacklevel=4,
                )


class GridSearchCV(_Search, theirs.GridSearchCV):  # type: ignore[misc]
    """All combinations of a grid, on all folds: scikit-learn's ``GridSearchCV`` with its parameters and attributes.

    ``n_jobs`` means cores of this process, None all of them. With an integer ``random_state`` of the estimator the
    scores are those of fitting each candidate on each fold by itself, bit for bit on a CPU.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from wellfit import MLPClassifier
    >>> model = MLPClassifier((8,), solver="lbfgs", max_iter=1000, random_state=0)
    >>> search = GridSearchCV(model, {"alpha": [1e-4, 1.0]}, cv=3).fit(*load_iris(return_X_y=True))
    >>> bool(search.best_score_ > 0.9)
    True
    """


class RandomizedSearchCV(_Search, theirs.RandomizedSearchCV):  # type: ignore[misc]
    """Candidates drawn from distributions: scikit-learn's ``RandomizedSearchCV``; ``n_jobs`` as in ``GridSearchCV``."""


class HalvingGridSearchCV(_Search, theirs.HalvingGridSearchCV):  # type: ignore[misc]
    """A grid whose better part gets more rows in every round: scikit-learn's; ``n_jobs`` as in ``GridSearchCV``."""


class HalvingRandomSearchCV(_Search, theirs.HalvingRandomSearchCV):  # type: ignore[misc]
    """Drawn candidates whose better part gets more rows in every round; ``n_jobs`` as in ``GridSearchCV``."""
