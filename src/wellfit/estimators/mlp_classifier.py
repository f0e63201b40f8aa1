"""``MLPClassifier``: scikit-learn's, on wellfit's engine."""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import check_consistent_length, column_or_1d, compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from wellfit.core.sharing import all_strings, once
from wellfit.estimators.mlp import MLPBase
from wellfit.estimators.mlp_settings import CONSTRAINTS, takes_steps
from wellfit.families.base import Family
from wellfit.families.table import resolve
from wellfit.functions.metrics import accuracy

SMALL = 1e-30
"""Logs of smaller probabilities come from the raw outputs."""


class MLPClassifier(ClassifierMixin, MLPBase):
    """A multi-layer perceptron for classes, with scikit-learn's parameters, algorithm and attributes.

    Minimises mean loss + ½ alpha Σ w² / (sum of weights), by batches. With the same ``random_state`` it starts from
    scikit-learn's weights and sees the rows in scikit-learn's order. The parameters that scikit-learn has mean what
    they mean there; those after ``max_fun`` are wellfit's and do nothing by default.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int or int, default (100,)
        Units of each hidden layer.
    activation : {"identity", "logistic", "tanh", "relu"}, any of wellfit's, or one name per hidden layer
    solver : {"adam", "sgd", "lbfgs"}, any of wellfit's optimizers by name or as an object
        ``lbfgs`` works in float64 whatever X has.
    alpha : float, default 1e-4
        Strength of the L2 penalty.
    batch_size : int or "auto", default min(200, n)
    learning_rate : {"constant", "invscaling", "adaptive"}
        For ``solver="sgd"``: constant; learning_rate_init / (1 + rows seen) ^ power_t; or divided by 5 where training
        would stop.
    learning_rate_init : float, default 1e-3
    power_t : float, default 0.5
    max_iter : int, default 200
        Epochs, or iterations of ``lbfgs``.
    shuffle : bool, default True
    random_state : int, RandomState or None
        The same int gives the same bits on the same machine and versions.
    tol : float, default 1e-4
    verbose : bool, default False
    warm_start : bool, default False
    momentum, nesterovs_momentum
        For ``solver="sgd"``.
    early_stopping : bool, default False
        Holds ``validation_fraction`` of the rows out, stops on their accuracy and keeps the best epoch's weights.
    validation_fraction : float, default 0.1
    beta_1, beta_2, epsilon
        For ``solver="adam"``.
    n_iter_no_change : int, default 10
    max_fun : int, default 15000
        Evaluations of ``lbfgs`` at most.
    dropout : float or None
        Probability of dropping each hidden unit in a step.
    class_weight : dict, "balanced" or None
        Weights of classes, multiplied with ``sample_weight``; the probabilities are then those of the weighted data.
    l1 : float or None
        Strength of an L1 penalty: l1 Σ |w| / (sum of weights), by steps that set weights to exactly 0.
    family : str, Family or None
        Another likelihood than the cross-entropy.
    max_time : float or None
        Seconds after which training ends.
    callbacks : function or list
        Called after every epoch with the progress; returning True ends training.

    Attributes
    ----------
    classes_, coefs_, intercepts_, loss_, best_loss_, loss_curve_, validation_scores_, best_validation_score_, t_,
    n_iter_, n_layers_, n_outputs_, n_features_in_, feature_names_in_, out_activation_ : as scikit-learn's
    validation_loss_curve_ : list
        The loss on the held-out rows, epoch by epoch.
    status_ : str
        How training ended.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = MLPClassifier((20,), solver="lbfgs", random_state=0).fit(X, y)
    >>> model.predict(X[:2]), [weights.shape for weights in model.coefs_]
    (array([0, 0]), [(4, 20), (20, 3)])
    """

    _parameter_constraints: ClassVar[dict] = {**CONSTRAINTS, "class_weight": [None, dict, str]}
    _score_name = "accuracy"

    def __init__(
        self,
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
        class_weight: Any = None,
        l1: float | None = None,
        family: Any = None,
        max_time: float | None = None,
        callbacks: Any = None,
    ) -> None:
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
        self.class_weight = class_weight
        self.l1 = l1
        self.family = family
        self.max_time = max_time
        self.callbacks = callbacks

    @property
    def loss(self) -> str:
        """scikit-learn's name of what is minimised."""
        return "log_loss"

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit to X (n, d), dense or sparse, and labels y (n,) or indicators (n, labels)."""
        return self._fit(X, y, sample_weight, False)

    @available_if(takes_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """One epoch over these rows; the first call needs all ``classes``, unless y is indicators."""
        if _check_partial_fit_first_call(self, classes):
            self._labels = LabelBinarizer().fit(y if type_of_target(y).startswith("multilabel") else classes)
        return self._fit(X, y, sample_weight, True)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable label (n,), or indicators (n, labels)."""
        check_is_fitted(self)
        found = self.family_.predict(self._raw(X))
        if self._multilabel:
            return found.astype(int)
        return self.classes_[np.minimum(found, len(self.classes_) - 1)]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The weighted share of rows predicted right (of a multi-label row: every label)."""
        plain = isinstance(y, np.ndarray) and y.ndim == 1 and sample_weight is None
        if not plain or y.dtype.kind != self.classes_.dtype.kind or not (y.dtype.kind in "biuU" or all_strings(y)):
            return super().score(X, y, sample_weight)
        predicted = self.predict(X)  # the same number, without scikit-learn's half a millisecond of checks
        check_consistent_length(y, predicted)
        return accuracy(predicted, y, np.ones(len(y)))

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n, classes) in the order of ``classes_``; of indicators, each label's own (n, labels)."""
        check_is_fitted(self)
        return self.family_.mean(self._raw(X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Logs of ``predict_proba``, finite also where the probabilities round to 0."""
        check_is_fitted(self)
        z = self._raw(X)
        p = self.family_.mean(z)
        small = p < SMALL
        return np.where(small, self.family_.log_mean(z), np.log(np.where(small, 1, p)))

    # -- what depends on labels ------------------------------------------------------------------------------------

    @property
    def _multilabel(self) -> bool:
        return self._labels.y_type_.startswith("multilabel")

    def _validated(self, X: Any, y: Any, incremental: bool, first: bool) -> tuple[Any, np.ndarray]:
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, dtype=(np.float64, np.float32), reset=first
        )
        y = y.toarray() if hasattr(y, "toarray") else y
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if not hasattr(self, "classes_") or (not self.warm_start and not incremental):
            self._labels = once(_labels, y)
            self.classes_ = self._labels.classes_
        else:
            classes = unique_labels(y)
            if self.warm_start:
                if set(classes) != set(self.classes_):
                    raise ValueError(
                        "warm_start can only be used where `y` has the same classes as in the previous call to fit. "
                        f"Previously got {self.classes_}, `y` has {classes}"
                    )
            elif len(np.setdiff1d(classes, self.classes_, assume_unique=True)):
                raise ValueError(
                    f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. 'y' has {classes}."
                )
        return X, y

    def _encode(self, y: np.ndarray) -> np.ndarray:
        """Indicators as floats, class indices, or for two classes whether it is the second."""
        if self._multilabel:
            self.n_outputs_ = y.shape[1]
            return y.astype(np.float64)
        codes = np.searchsorted(self.classes_, y).astype(np.int32)
        self.n_outputs_ = len(self.classes_) if len(self.classes_) > 2 else 1
        return codes if len(self.classes_) > 2 else codes.astype(np.float64)

    def _family(self, y: np.ndarray) -> Family:
        kind, k = ("flags", self.n_outputs_) if self._multilabel else ("classes", max(len(self.classes_), 2))
        return resolve("log_loss" if self.family is None else self.family, kind, k)

    def _reporting(self) -> dict[str, Any]:
        return {}

    def _out_activation(self) -> str:
        return "softmax" if self.family_.outputs > 1 and not self._multilabel else "logistic"

    def _strata(self, y: np.ndarray) -> np.ndarray | None:
        """scikit-learn stratifies two classes, not more and not labels; so do we, to hold out the same rows."""
        return y.astype(bool) if self.n_outputs_ == 1 and y.ndim == 1 else None

    def _cost(self, y: np.ndarray, incremental: bool) -> np.ndarray | float:
        if self.class_weight is None:
            return 1.0
        if incremental and self.class_weight == "balanced":
            raise ValueError(
                "class_weight='balanced' is not known in partial_fit, which sees some rows only; give a dict of "
                "weights, for example from sklearn.utils.class_weight.compute_class_weight on all labels."
            )
        return compute_sample_weight(self.class_weight, y)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _labels(y: np.ndarray) -> LabelBinarizer:
    """What scikit-learn makes of labels."""
    return LabelBinarizer().fit(y)
