"""Which rows train and which are held out: to stop, to calibrate, to score the members, one set for all of it."""

from typing import Any

import numpy as np
from scipy.sparse import issparse, vstack

from wellfit.data.splits import holdout
from wellfit.data.tables import rows_of
from wellfit.data.weights import check_weights
from wellfit.estimators.door import check_X
from wellfit.estimators.recipe import Recipe, chosen


def hold_out(
    model: Any,
    encoded: tuple[dict, np.ndarray, np.ndarray],
    auto: Recipe,
    *,
    validation_data: Any,
    seed: int,
    weights: np.ndarray,
    groups: Any,
    time: Any,
) -> tuple[dict, np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Encoded rows (x, y, weights with the costs of classes in them), and the row numbers (train, valid).

    The user's own ``validation_data`` are appended; else a share of the rows is held out where training stops early,
    whole ``groups`` of them or the latest in ``time``; ``weights`` are those without costs.
    """
    x, y, w = encoded
    n = len(w)
    if validation_data is not None:
        if groups is not None or time is not None:
            raise ValueError("groups and time choose which rows are held out, and validation_data already says so.")
        xv, yv, wv = _given(model, validation_data)
        x = {name: _stacked(x[name], xv[name]) for name in x}
        index = np.arange(n + len(wv), dtype=np.int32)
        return x, np.concatenate([y, yv]), np.concatenate([w, wv]), (index[:n], index[n:])
    if not chosen(model.early_stopping, auto.early_stopping):
        return x, y, w, (np.arange(n, dtype=np.int32), np.zeros(0, np.int32))
    rng = np.random.default_rng([seed, 1])
    fraction = float(chosen(model.validation_fraction, auto.validation_fraction))
    classes = y if model._target.kind == "classes" else None
    return x, y, w, holdout(n, fraction, rng, classes=classes, groups=groups, time=time, weights=weights)


def _stacked(above: Any, below: Any) -> Any:
    return vstack([above, below], format="csr") if issparse(above) else np.concatenate([above, below])


def _given(model: Any, validation_data: Any) -> tuple[dict, np.ndarray, np.ndarray]:
    """The user's own held-out rows, encoded as the training rows are."""
    if not isinstance(validation_data, tuple | list) or len(validation_data) not in (2, 3):
        raise ValueError("validation_data must be (X, y) or (X, y, sample_weight).")
    X, y, *weights = validation_data
    X, y = check_X(model, X, reset=False), model._check_y(y)
    w = check_weights(weights[0] if weights else None, rows_of(X))
    if len(y) != rows_of(X):
        raise ValueError(f"validation_data: X has {rows_of(X)} rows and y has {len(y)}.")
    y = model._target.encode(y)
    return model._table.transform(X, model._dtype), y, w * model._cost(y, w, learn=False)
