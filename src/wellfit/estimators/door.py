"""The door of the estimators: what comes in is checked here, once, before anything is chosen."""

from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from wellfit.data.frames import is_frame, of_objects, rows_of, take_rows
from wellfit.data.splits import places
from wellfit.data.weights import check_weights


def checked(
    model: Any,
    X: Any,
    y: Any,
    sample_weight: Any,
    groups: Any = None,
    time: Any = None,
    *,
    reset: bool,
    least: int = 2,
) -> tuple[Any, Any, np.ndarray, Any, Any]:
    """X, y, weights, groups and times of the rows that count: those of weight 0 are dropped here.

    ``reset`` says whether the model learns its columns from this X; ``least`` is the fewest rows.
    """
    if y is None:
        raise ValueError(f"This {type(model).__name__} estimator requires y to be passed, but the target y is None.")
    X = check_X(model, X, reset=reset)
    n = rows_of(X)
    y = model._check_y(y)
    if len(y) != n:
        raise ValueError(f"X and y have inconsistent numbers of samples (rows): {n} and {len(y)}.")
    w = check_weights(sample_weight, n)
    if n < least:
        raise ValueError(f"fitting needs at least {least} rows, got n_samples = {n} (1 sample).")
    groups, time = (
        None if values is None else places(values, n, name) for name, values in (("groups", groups), ("time", time))
    )
    if (w == 0).any():
        used = np.flatnonzero(w > 0)
        X, y, w = take_rows(X, used), y[used], w[used]
        groups, time = (None if values is None else values[used] for values in (groups, time))
    return X, y, w, groups, time


def check_X(model: Any, X: Any, *, reset: bool) -> Any:
    """X as the table's codec takes it: a frame, an array of objects, CSR rows, or floats that may be missing."""
    if is_frame(X) or of_objects(X):
        if reset:
            validate_data(model, X, skip_check_array=True, reset=True)
        if rows_of(X) == 0:
            raise ValueError(f"Found array with 0 sample(s) (shape={np.shape(X)}) while a minimum of 1 is required.")
        return X
    return validate_data(  # type: ignore[call-overload]
        model,
        X,  # type: ignore[arg-type]
        accept_sparse="csr",
        dtype=[np.float64, np.float32],
        ensure_all_finite="allow-nan",
        reset=reset,
    )
