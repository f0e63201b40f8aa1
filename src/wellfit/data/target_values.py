"""Values of a target as arrays, what is known of them, and one sentence about those that cannot be."""

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.validation import check_array

from wellfit.core import weighted

NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)


@dataclass(frozen=True)
class Facts:
    """What is known of a target, weighted: what the choice of a family needs."""

    kind: str
    k: int
    rows: float = 0.0
    n_distinct: int = 0
    minimum: float = 0.0
    integral: bool = False
    has_zero: bool = False
    mean: float = 0.0
    variance: float = 0.0

    @property
    def n_classes(self) -> int:
        return self.k

    @property
    def n_targets(self) -> int:
        return self.k


def facts_of_numbers(y: Any, w: np.ndarray) -> Facts:
    """What the values of a numeric y say; weights are frequencies."""
    values = numbers(y)
    values = values.reshape(len(values), -1)
    with np.errstate(over="ignore"):  # of 1e200, which no family of counts will see
        variance = float(np.mean(weighted.std(values, w) ** 2))
    return Facts(
        kind="reals",
        k=values.shape[1],
        rows=float(np.sum(w)),
        n_distinct=int(min(len(np.unique(column)) for column in values.T)),
        minimum=float(values.min()),
        integral=bool((values == np.floor(values)).all()),
        has_zero=bool((values == 0).any(axis=0).all()),
        mean=float(np.mean(weighted.mean(values, w))),
        variance=variance,
    )


def column(y: Any) -> np.ndarray:
    """y as one column of labels (n,); a column vector is accepted with scikit-learn's warning."""
    y = np.asarray(y)
    if y.dtype.kind == "c":
        raise ValueError("Complex data not supported: y holds complex numbers.")
    if y.ndim == 2 and y.shape[1] == 1:
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to "
            "(n_samples,), for example using ravel().",
            DataConversionWarning,
            stacklevel=4,
        )
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {y.shape} instead.")
    if y.dtype == object and len(y):  # numbers in a column of objects are numbers; True among them is not 1
        types = {type(label) for label in y}
        if types == {bool} or (bool not in types and all(issubclass(kind, NUMBERS) for kind in types)):
            return np.array(y.tolist())
    return y


def numbers(y: Any) -> np.ndarray:
    """y as floats (n,) or (n, k), finite."""
    if np.asarray(y).dtype.kind == "c":
        raise ValueError("Complex data not supported: y holds complex numbers.")
    if np.asarray(y).dtype.kind in "OUS":
        y = _spelled(np.asarray(y, dtype=object))
    y = check_array(y, dtype="float64", ensure_2d=False, input_name="y", ensure_min_samples=0)
    if y.ndim == 2 and y.shape[1] == 1:
        y = column(y)
    if y.ndim > 2:
        raise ValueError(f"y must have shape (n,) or (n, k), got {y.shape}.")
    return y


def _spelled(y: np.ndarray) -> np.ndarray:
    """Objects as numbers, or one sentence about the first that is none."""
    for row, value in enumerate(y.ravel()):
        try:
            float(math.nan if value is None or type(value).__name__ == "NAType" else value)
        except (TypeError, ValueError):
            raise ValueError(
                f"y holds {value!r} at row {row}, which is no number; families of numbers (normal, poisson, ...) need "
                "numbers, classes need NeuralClassifier."
            ) from None
    return np.array([math.nan if type(v).__name__ in ("NAType", "NoneType") else float(v) for v in y.ravel()]).reshape(
        y.shape
    )


def shaped(values: np.ndarray, k: int) -> np.ndarray:
    values = values.reshape(len(values), -1)
    if values.shape[1] != k:
        raise ValueError(f"y has {values.shape[1]} targets, the model was fitted on {k}.")
    return values


def refuse(values: np.ndarray, wrong: np.ndarray, allowed: str, remedy: str) -> None:
    """One sentence about the first value (n, k) that is none of those allowed."""
    if wrong.any():
        row, place = np.argwhere(wrong)[0]
        raise ValueError(f"y must hold {allowed}, got {values[row, place]:g} at row {row}; {remedy}.")
