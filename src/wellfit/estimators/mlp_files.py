"""What of an ``MLPClassifier`` or ``MLPRegressor`` goes into a model file, and back."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.preprocessing import LabelBinarizer

from wellfit.files.specs import from_json, to_json

LEARNT = (
    "loss_", "best_loss_", "loss_curve_", "validation_scores_", "validation_loss_curve_", "best_validation_score_",
    "t_", "n_iter_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_", "status_",
    "_no_improvement_count",
)  # fmt: skip


def document(model: Any, tree: Callable[[Any, str], Any]) -> dict[str, Any]:
    """The learnt parts as JSON values; ``tree(value, name)`` takes arrays out. Solvers' moments are left behind."""
    found = {
        "learnt": {name: tree(getattr(model, name), f"learnt/{name}") for name in LEARNT if hasattr(model, name)},
        "family": to_json(model.family_),
        "coefs": tree(model.coefs_, "coefs"),
        "intercepts": tree(model.intercepts_, "intercepts"),
    }
    if hasattr(model, "classes_"):
        found["classes"] = tree(model.classes_, "classes")
        found["multilabel"] = model._multilabel
    return found


def restore(model: Any, document: dict[str, Any], grown: Callable[[Any], Any], trusted: bool) -> None:
    """Give a fresh ``model`` what ``document`` holds."""
    for name, value in document["learnt"].items():
        setattr(model, name, grown(value))
    model.family_ = from_json(document["family"], trusted)
    model.coefs_, model.intercepts_ = grown(document["coefs"]), grown(document["intercepts"])
    if "classes" in document:
        model.classes_ = grown(document["classes"])
        several = document["multilabel"]
        model._labels = LabelBinarizer().fit(np.eye(len(model.classes_), dtype=int) if several else model.classes_)
    model._memory, model._permutation = None, None
