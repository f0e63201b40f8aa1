"""Saving and loading of fitted estimators: descriptions as JSON, arrays as tensors, nothing executable."""

import os
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from wellfit.core.errors import ModelFileError
from wellfit.core.spec import is_spec
from wellfit.data.tables import TableCodec
from wellfit.data.targets import codec_from_state
from wellfit.estimators import mlp_files
from wellfit.files import store
from wellfit.files.specs import from_json, to_json

ESTIMATORS = ("MLPClassifier", "MLPRegressor", "NeuralClassifier", "NeuralRegressor")

LEARNT = (
    "history_",
    "n_iter_",
    "best_epoch_",
    "loss_",
    "status_",
    "reasons_",
    "fit_seconds_",
    "n_features_in_",
    "figures_",
    "target_names_",
    "members_",
    "oob_score_",
    "calibration_",
    "conformal_",
    "prior_shift_",
    "_regularisers",
)


def save(model: Any, path: str | os.PathLike[str]) -> None:
    """Write a fitted estimator to one file."""
    import wellfit

    classic = hasattr(model, "coefs_")
    if not classic and not hasattr(model, "params_"):
        raise ValueError(f"this {type(model).__name__} is not fitted yet; call fit before save.")
    arrays: dict[str, np.ndarray] = {}
    document = {
        "wellfit": wellfit.__version__,
        "estimator": type(model).__name__,
        "parameters": {name: _parameter(name, value) for name, value in model.get_params(deep=False).items()},
    }

    def tree(value: Any, name: str) -> Any:
        return _tree(value, name, arrays)

    document |= mlp_files.document(model, tree) if classic else _document(model, tree)
    if hasattr(model, "feature_names_in_"):
        document["feature_names_in"] = [str(name) for name in model.feature_names_in_]
    if isinstance(getattr(model, "class_weight", None), dict):
        document["class_weight_by_number"] = _by_number(model.class_weight, model.classes_)
    store.write(path, document, arrays)


def _by_number(class_weight: dict[Any, float], classes: Any) -> list[list[float]]:
    """Pairs (number of the class, weight): labels of any type are kept once, in ``classes_``."""
    return [[place, float(w)] for label, w in class_weight.items() for place, own in enumerate(classes) if own == label]


def _document(model: Any, tree: Callable[[Any, str], Any]) -> dict[str, Any]:
    return {
        "learnt": {name: tree(getattr(model, name), f"learnt/{name}") for name in LEARNT if hasattr(model, name)},
        "network": to_json(model.network_),
        "family": to_json(model.family_),
        "families": [to_json(family) for family in model._families],
        "dtype": str(model._dtype),
        "target": tree(model._target.to_state(), "target"),
        "table": tree(model._table.to_state(), "table"),
        "params": tree(list(model.params_), "params"),
        "statistics": tree(list(model._statistics), "statistics"),
        "class_weight": tree(model.class_weight_, "class_weight"),
    }


def load(path: str | os.PathLike[str], *, trusted: bool = False) -> Any:
    """Read a fitted estimator that ``save`` wrote.

    ``trusted`` allows classes of your own modules (a family, a layer) to be imported by their path; leave it False for
    files of others. Raises ``ModelFileError`` for a damaged, foreign or later file.
    """
    document, arrays = store.read(path)
    try:
        return _restored(document, arrays, str(path), trusted)
    except (KeyError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{str(path)!r} lacks a part of a model ({error}); save the model again.") from None


def _restored(document: dict[str, Any], arrays: dict[str, np.ndarray], name: str, trusted: bool) -> Any:
    import wellfit

    if document["estimator"] not in ESTIMATORS:
        raise ModelFileError(f"{name!r} holds a {document['estimator']}, which this version does not know.")
    kind = getattr(wellfit, document["estimator"])
    model: Any = kind(**{k: from_json(v, trusted) for k, v in document["parameters"].items()})
    if "feature_names_in" in document:
        model.feature_names_in_ = np.array(document["feature_names_in"], dtype=object)
    if "coefs" in document:
        mlp_files.restore(model, document, lambda value: _grown(value, arrays), trusted)
    else:
        _restore(model, document, arrays, trusted)
    if "class_weight_by_number" in document:
        labels = dict(enumerate(model.classes_ if model.classes_.dtype.kind in "mM" else model.classes_.tolist()))
        model.class_weight = {labels[place]: weight for place, weight in document["class_weight_by_number"]}
    return model


def _restore(model: Any, document: dict[str, Any], arrays: dict[str, np.ndarray], trusted: bool) -> None:
    for name, value in document["learnt"].items():
        setattr(model, name, _grown(value, arrays))
    model.network_ = from_json(document["network"], trusted)
    model.family_ = from_json(document["family"], trusted)
    model._families = [from_json(family, trusted) for family in document["families"]]
    model._dtype = np.dtype(document["dtype"])
    model._target = codec_from_state(_grown(document["target"], arrays))
    model._table = TableCodec.from_state(_grown(document["table"], arrays))
    model.params_ = tuple(_grown(document["params"], arrays))
    model._statistics = tuple(_grown(document["statistics"], arrays))
    model.class_weight_ = _grown(document["class_weight"], arrays)
    if model._target.kind == "classes":
        model.classes_ = model._target.classes
    elif model._target.kind == "flags":
        model.classes_ = [np.array([0, 1])] * model._target.k


def _parameter(name: str, value: Any) -> Any:
    """A constructor's argument; what cannot travel (functions, random states, optax objects) is left at its default."""
    if name == "random_state" and not isinstance(value, int | np.integer | type(None)):
        return None
    if name == "callbacks" or (name == "vary" and isinstance(value, dict)):
        return None  # a distribution has no plain description, and what it gave is in ``members_``
    if name == "class_weight" and isinstance(value, dict):
        return None  # a dict from labels of any type is not JSON: see ``_by_number``
    if name == "optimizer" and not isinstance(value, str) and not is_spec(value):
        return "adamw"
    if isinstance(value, type):
        return to_json(value())
    return to_json(value)


def _tree(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """Nested lists and dicts with arrays taken out into ``arrays``; arrays of texts stay in the document."""
    if isinstance(value, jax.Array):
        value = np.asarray(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "OU":
            return {
                "texts": [str(item) for item in value.tolist()],
                "dtype": "object" if value.dtype == object else "str",
            }
        if value.dtype.kind in "mM":  # dates and durations are counts of their unit
            arrays[name] = np.ascontiguousarray(value).view(np.int64)
            return {"tensor": name, "dtype": str(value.dtype)}
        arrays[name] = value
        return {"tensor": name}
    if isinstance(value, dict):
        return {"dict": {str(k): _tree(v, f"{name}/{k}", arrays) for k, v in value.items()}}
    if isinstance(value, tuple | list):
        return [_tree(item, f"{name}/{index}", arrays) for index, item in enumerate(value)]
    return to_json(value)


def _grown(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(value, list):
        return [_grown(item, arrays) for item in value]
    if not isinstance(value, dict):
        return value
    if "tensor" in value:
        found = arrays[value["tensor"]]
        return found.view(value["dtype"]) if "dtype" in value else found
    if "texts" in value:
        return np.array(value["texts"], dtype=object if value["dtype"] == "object" else None)
    if "dict" in value:
        return {name: _grown(item, arrays) for name, item in value["dict"].items()}
    return from_json(value)
