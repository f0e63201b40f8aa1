"""Fitted models between scikit-learn's pair and ours: the same coefficients, the same predictions."""

import warnings
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from wellfit.core.errors import WellfitWarning
from wellfit.core.spec import present
from wellfit.estimators.mlp_settings import SKLEARN_ACTIVATIONS, SKLEARN_SOLVERS
from wellfit.families.table import resolve

LEARNT = (
    "loss_", "best_loss_", "loss_curve_", "validation_scores_", "best_validation_score_", "t_", "n_iter_",
    "n_layers_", "n_outputs_", "out_activation_", "n_features_in_", "feature_names_in_", "classes_",
)  # fmt: skip
TRAINING_ONLY = ("dropout", "l1", "class_weight", "max_time", "callbacks")


def from_sklearn(kind: type, estimator: Any) -> Any:
    """A model of ``kind`` with the parameters and everything learnt of scikit-learn's fitted ``estimator``."""
    if type(estimator).__name__ != kind.__name__ or not type(estimator).__module__.startswith("sklearn."):
        raise ValueError(
            f"from_sklearn takes scikit-learn's {kind.__name__}, got {type(estimator).__module__}."
            f"{type(estimator).__name__}; take the {kind.__name__} out of a pipeline or search first."
        )
    check_is_fitted(estimator, "coefs_")
    model = kind(**estimator.get_params(deep=False))
    _copy(estimator, model)
    binarizer = getattr(estimator, "_label_binarizer", None)
    if binarizer is not None:
        model._labels = binarizer
        several = binarizer.y_type_.startswith("multilabel")
        target, k = ("flags", model.n_outputs_) if several else ("classes", max(len(model.classes_), 2))
    else:
        target, k = "reals", model.n_outputs_
    model.family_ = resolve("log_loss" if binarizer is not None else estimator.loss, target, k)
    model.validation_loss_curve_ = None
    model._memory, model._permutation, model.status_ = None, None, "taken_over"
    return model


def to_sklearn(model: Any) -> Any:
    """scikit-learn's estimator with the parameters that it knows and everything learnt.

    Raises ``ValueError`` where scikit-learn could not predict the same: another activation or family; warns where
    training would be another: solver, dropout, L1, class weights.
    """
    import sklearn.neural_network

    check_is_fitted(model, "coefs_")
    kind = getattr(sklearn.neural_network, type(model).__name__)
    if model.activation not in SKLEARN_ACTIVATIONS:
        raise ValueError(
            f"activation={model.activation!r} is not one of scikit-learn's {list(SKLEARN_ACTIVATIONS)}; use save()."
        )
    if model.family is not None:
        raise ValueError(f"family={model.family!r} has no counterpart in scikit-learn; use save() to keep the model.")
    known = {name: value for name, value in model.get_params(deep=False).items() if name in kind._parameter_constraints}
    lost = [name for name in TRAINING_ONLY if present(getattr(model, name, None))]
    if model.solver not in SKLEARN_SOLVERS:
        lost.append("solver")
        del known["solver"]
    if lost:
        warnings.warn(
            f"scikit-learn has no {', '.join(lost)} like this model's: predictions stay, another fit will differ.",
            WellfitWarning,
            stacklevel=3,
        )
    other = kind(**known)
    _copy(model, other)
    if hasattr(model, "_labels"):
        other._label_binarizer = model._labels
    if hasattr(model, "_drawn"):
        model._catch_up()
        other._random_state = model._drawn.generator()
    return other


def _copy(source: Any, target: Any) -> None:
    for name in ("coefs_", "intercepts_"):
        setattr(target, name, [np.array(values) for values in getattr(source, name)])
    for name in LEARNT:
        if hasattr(source, name):
            value = getattr(source, name)
            setattr(target, name, list(value) if isinstance(value, list) else value)
    target._no_improvement_count = getattr(source, "_no_improvement_count", 0)
