"""The figures of a fitted model on some rows: what a person wants to read after a fit."""

from typing import Any

import numpy as np

from wellfit.functions.metrics import accuracy, r2

LEAST_LOG = float(np.log(1e-15))
"""A class that was said to be impossible costs no more than this."""


def figures(model: Any, z: np.ndarray, encoded: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """Weighted figures of raw outputs z (P, n, outputs) against encoded targets, in y's own units.

    Classes: log loss (nats) and accuracy, of calibrated, honest probabilities; flags: log loss per label, accuracy of
    whole rows; numbers: RMSE, MAE and R2; counts also the loss per row.
    """
    kind = model._target.kind
    if kind in ("classes", "flags"):
        log_p = model._log_proba(z)
        happened = np.asarray(encoded, int)
        loss = -np.maximum(np.take_along_axis(log_p, happened[..., None], axis=-1)[..., 0], LEAST_LOG)
        return {
            "log_loss": float(np.average(loss if loss.ndim == 1 else loss.mean(axis=1), weights=w)),
            "accuracy": accuracy(model._decide(log_p), happened, w),
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
