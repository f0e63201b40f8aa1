"""The figures of a fitted model on some rows: what a person wants to read after a fit."""

from typing import Any

import numpy as np

from wellfit.functions.metrics import accuracy, r2


def figures(model: Any, z: np.ndarray, encoded: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """Weighted figures of raw outputs z (P, n, outputs) against encoded targets, in y's own units.

    Classes: log loss (nats) and accuracy, of honest probabilities; flags: log loss per label, accuracy of whole rows;
    numbers: RMSE, MAE and R2; counts also the loss per row.
    """
    mean = np.mean([model.family_.mean(own) for own in z], axis=0)
    kind = model._target.kind
    if kind == "classes":
        p = model._honest(mean)
        picked = p[np.arange(len(encoded)), encoded.astype(int)]
        return {
            "log_loss": float(-np.average(np.log(np.maximum(picked, 1e-15)), weights=w)),
            "accuracy": accuracy(mean.argmax(axis=1), encoded, w),
        }
    if kind == "flags":
        p = np.clip(mean, 1e-15, 1 - 1e-15)
        loss = -(encoded * np.log(p) + (1 - encoded) * np.log1p(-p)).mean(axis=1)
        return {
            "log_loss": float(np.average(loss, weights=w)),
            "accuracy": accuracy(mean > 0.5, encoded > 0.5, w),
        }
    predicted = np.mean([model.family_.predict(own) for own in z], axis=0)
    predicted, y = (model._target.decode(values).reshape(len(w), -1) for values in (predicted, encoded))
    error = y - predicted
    found = {
        "rmse": float(np.sqrt(np.mean(np.average(error**2, axis=0, weights=w)))),
        "mae": float(np.mean(np.average(np.abs(error), axis=0, weights=w))),
        "r2": r2(predicted, y, w),
    }
    if kind == "counts":
        loss = np.mean([model.family_.loss(own, encoded) for own in z], axis=0)
        found["loss_per_row"] = float(np.average(loss, weights=w))
    return found
