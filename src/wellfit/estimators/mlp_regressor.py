"""``MLPRegressor``: scikit-learn's, on wellfit's engine."""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted, validate_data

from wellfit.data.targets import Counts
from wellfit.estimators.mlp import MLPBase
from wellfit.estimators.mlp_settings import CONSTRAINTS, takes_steps
from wellfit.families.base import Family
from wellfit.families.table import resolve


class MLPRegressor(RegressorMixin, MLPBase):
    """A multi-layer perceptron for numbers, with scikit-learn's parameters, algorithm and attributes.

    Minimises ½ Σ (y - ŷ)² or half the Poisson deviance, as a mean over rows, + ½ alpha Σ w² / (sum of weights), by
    batches. y is used as it is, not rescaled. With the same ``random_state`` it starts from scikit-learn's weights and
    sees the rows in scikit-learn's order.

    Parameters
    ----------
    loss : {"squared_error", "poisson"}
        "poisson" predicts exp of the raw output and needs y >= 0.
    hidden_layer_sizes ... max_fun
        As in ``MLPClassifier``; ``early_stopping`` judges by R2.
    dropout, l1, max_time, callbacks
        As in ``MLPClassifier``.
    family : str, Family or None
        Another likelihood than ``loss``: "laplace", "huber", "quantile", "negative_binomial", ...

    Attributes
    ----------
    As ``MLPClassifier``'s, without ``classes_``. With several targets ``loss_`` is the average over targets of the
    squared error, as in scikit-learn; what is minimised is their sum, whose gradient scikit-learn uses too.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = MLPRegressor(hidden_layer_sizes=(10,), solver="lbfgs", max_iter=1000, random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.5)
    True
    """

    _parameter_constraints: ClassVar[dict] = {**CONSTRAINTS, "loss": [StrOptions({"squared_error", "poisson"})]}
    _score_name = "r2"

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: Any = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: Any = 10,
        max_fun: int = 15000,
        dropout: float | None = None,
        l1: float | None = None,
        family: Any = None,
        max_time: float | None = None,
        callbacks: Any = None,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun
        self.dropout = dropout
        self.l1 = l1
        self.family = family
        self.max_time = max_time
        self.callbacks = callbacks

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, d), dense or sparse, and numbers y (n,) or (n, k)."""
        return self._fit(X, y, sample_weight, False)

    @available_if(takes_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One epoch over these rows."""
        return self._fit(X, y, sample_weight, True)

    def predict(self, X: Any) -> np.ndarray:
        """Predictions (n,) or (n, k), in the units of y."""
        check_is_fitted(self)
        found = np.asarray(self.family_.predict(self._raw(X)))
        return found[:, 0] if found.shape[1] == 1 else found

    # -- what depends on numbers -----------------------------------------------------------------------------------

    def _validated(self, X: Any, y: Any, incremental: bool, first: bool) -> tuple[Any, np.ndarray]:
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, y_numeric=True,
            dtype=(np.float64, np.float32), reset=first,
        )  # fmt: skip
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        return X, y

    def _encode(self, y: np.ndarray) -> np.ndarray:
        """y as it is, (n, k) in float64."""
        values = np.asarray(y, np.float64).reshape(len(y), -1)
        self.n_outputs_ = values.shape[1]
        return values

    def _family(self, y: np.ndarray) -> Family:
        family = resolve(self.loss if self.family is None else self.family, "reals", self.n_outputs_)
        if self.family is not None and family.target == "counts":
            Counts(self.n_outputs_, False).encode(y)
        if self.family is None and self.loss == "poisson" and (y < 0).any():
            row, column = np.argwhere(y < 0)[0]
            raise ValueError(f"loss='poisson' requires y >= 0, got {y[row, column]:g} at row {row}.")
        return family

    def _reporting(self) -> dict[str, Any]:
        """scikit-learn reports half the squared error averaged over targets, or half the deviance summed over them."""
        if self.family is not None:
            return {}
        return {"averaged": self.n_outputs_ if self.loss == "squared_error" else 1, "excess": True}

    def _out_activation(self) -> str:
        return "exp" if self.family_.target == "counts" else "identity"

    def _strata(self, y: np.ndarray) -> None:
        return None

    def _cost(self, y: np.ndarray, incremental: bool) -> float:
        return 1.0

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
