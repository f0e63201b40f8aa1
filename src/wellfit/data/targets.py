"""Targets: from y as people have it to an array, and back."""

import math
import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_array

from wellfit.data.weights import weighted_mean, weighted_std

NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)


@dataclass(frozen=True)
class Facts:
    """What is known of a target, weighted: what the choice of a family needs."""

    kind: str
    k: int
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


@dataclass(frozen=True)
class Classes:
    """Exclusive classes: labels of any one type <-> 0 .. K-1."""

    classes: np.ndarray
    kind: ClassVar[str] = "classes"

    @classmethod
    def fit(cls, y: Any) -> Self:
        y = column(y)
        _refuse_missing(y)
        if y.dtype == object:
            types = {type(label).__name__ for label in y}
            if len(types) > 1:
                raise ValueError(
                    f"y mixes labels of types {', '.join(sorted(types))}; turn all labels into one type, such as str."
                )
        kind = type_of_target(y, input_name="y")
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"Unknown label type: {kind}. Maybe you are trying to fit a classifier, which expects discrete "
                "classes, on a regression target with continuous values: use NeuralRegressor."
            )
        classes = np.unique(y)
        if len(classes) < 2:
            raise ValueError(
                f"y has only one class ({classes[0]!r}); a classifier needs at least two classes in the training rows."
            )
        return cls(classes)

    @property
    def k(self) -> int:
        return len(self.classes)

    def facts(self, y: Any, w: np.ndarray) -> Facts:
        return Facts("classes", self.k)

    def encode(self, y: Any) -> np.ndarray:
        """Class numbers (n,) int32."""
        y = column(y)
        known = np.isin(y, self.classes)
        if not known.all():
            unseen = sorted({str(label) for label in y[~known]})
            raise ValueError(f"y holds labels not seen in fit: {', '.join(unseen[:5])}; known are {self._listed()}.")
        return np.searchsorted(self.classes, y).astype(np.int32)

    def _listed(self) -> str:
        return ", ".join(map(str, self.classes[:10])) + (", ..." if self.k > 10 else "")

    def decode(self, predicted: np.ndarray) -> np.ndarray:
        """Labels of class numbers."""
        return self.classes[predicted]

    def to_state(self) -> dict[str, Any]:
        return {"kind": self.kind, "classes": self.classes}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(np.asarray(state["classes"]))


@dataclass(frozen=True)
class Flags:
    """Labels that may hold together: an indicator (n, k) of 0 and 1."""

    k: int
    kind: ClassVar[str] = "flags"

    @classmethod
    def fit(cls, y: Any) -> Self:
        return cls(np.asarray(y).shape[1])

    def facts(self, y: Any, w: np.ndarray) -> Facts:
        return Facts("flags", self.k)

    def encode(self, y: Any) -> np.ndarray:
        """Indicators (n, k) as floats."""
        y = check_array(y, dtype="float64", input_name="y", ensure_min_samples=0)
        if y.shape[1] != self.k:
            raise ValueError(f"y has {y.shape[1]} labels, the model was fitted on {self.k}.")
        if not np.isin(y, (0, 1)).all():
            row = int(np.flatnonzero(~np.isin(y, (0, 1)).all(axis=1))[0])
            raise ValueError(f"a multi-label y must hold only 0 and 1, got {y[row].tolist()} at row {row}.")
        return y

    def decode(self, predicted: np.ndarray) -> np.ndarray:
        return predicted.astype(np.int64)

    def to_state(self) -> dict[str, Any]:
        return {"kind": self.kind, "k": self.k}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(int(state["k"]))


@dataclass(frozen=True)
class Reals:
    """Real targets (n,) or (n, k), standardised by their weighted mean and standard deviation."""

    centre: np.ndarray
    scale: np.ndarray
    flat: bool
    kind: ClassVar[str] = "reals"

    @classmethod
    def fit(cls, y: Any, w: np.ndarray) -> Self:
        values = numbers(y)
        flat = values.ndim == 1
        values = values.reshape(len(values), -1)
        spread = weighted_std(values, w)
        varies = spread > 1e-12 * np.max(np.abs(values), axis=0)
        return cls(weighted_mean(values, w), np.where(varies, spread, 1.0), flat)

    @property
    def k(self) -> int:
        return len(self.centre)

    def facts(self, y: Any, w: np.ndarray) -> Facts:
        return facts_of_numbers(y, w)

    def encode(self, y: Any) -> np.ndarray:
        """Standardised targets (n, k) in float64."""
        return (_shaped(numbers(y), self.k) - self.centre) / self.scale

    def decode(self, predicted: np.ndarray) -> np.ndarray:
        """Values in y's own units and shape: (n, k) -> (n,) where y was flat."""
        values = predicted * self.scale + self.centre
        return values[:, 0] if self.flat else values

    def to_state(self) -> dict[str, Any]:
        return {"kind": self.kind, "centre": self.centre, "scale": self.scale, "flat": self.flat}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(np.asarray(state["centre"]), np.asarray(state["scale"]), bool(state["flat"]))


@dataclass(frozen=True)
class Counts:
    """Non-negative integers, as they are."""

    k: int
    flat: bool
    kind: ClassVar[str] = "counts"

    @classmethod
    def fit(cls, y: Any, w: np.ndarray) -> Self:
        values = numbers(y)
        return cls(1 if values.ndim == 1 else values.shape[1], values.ndim == 1)

    def encode(self, y: Any) -> np.ndarray:
        values = _shaped(numbers(y), self.k)
        wrong = (values < 0) | (values != np.floor(values))
        if wrong.any():
            row, place = np.argwhere(wrong)[0]
            raise ValueError(
                f"y must hold non-negative integers for a family of counts, got {values[row, place]:g} at row {row}; "
                "use family='normal' for other numbers."
            )
        return values

    def decode(self, predicted: np.ndarray) -> np.ndarray:
        return predicted[:, 0] if self.flat else predicted

    def to_state(self) -> dict[str, Any]:
        return {"kind": self.kind, "k": self.k, "flat": self.flat}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(int(state["k"]), bool(state["flat"]))


CODECS: dict[str, Any] = {codec.kind: codec for codec in (Classes, Flags, Reals, Counts)}


def codec_from_state(state: dict[str, Any]) -> Any:
    """The codec a state was made from."""
    return CODECS[state["kind"]].from_state(state)


def facts_of_numbers(y: Any, w: np.ndarray) -> Facts:
    """What the values of a numeric y say; weights are frequencies."""
    values = numbers(y)
    values = values.reshape(len(values), -1)
    with np.errstate(over="ignore"):  # of 1e200, which no family of counts will see
        variance = float(np.mean(weighted_std(values, w) ** 2))
    return Facts(
        kind="reals",
        k=values.shape[1],
        n_distinct=int(min(len(np.unique(column)) for column in values.T)),
        minimum=float(values.min()),
        integral=bool((values == np.floor(values)).all()),
        has_zero=bool((values == 0).any(axis=0).all()),
        mean=float(np.mean(weighted_mean(values, w))),
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


def _shaped(values: np.ndarray, k: int) -> np.ndarray:
    values = values.reshape(len(values), -1)
    if values.shape[1] != k:
        raise ValueError(f"y has {values.shape[1]} targets, the model was fitted on {k}.")
    return values


def _refuse_missing(y: np.ndarray) -> None:
    if y.dtype.kind == "f":
        missing, infinite = np.isnan(y), np.isinf(y)
        if missing.any() or infinite.any():
            what = "NaN" if missing.any() else "infinity"
            row = int(np.flatnonzero(missing if missing.any() else infinite)[0])
            raise ValueError(f"Input y contains {what} at row {row}; drop the rows whose label is unknown.")
    elif y.dtype == object:
        for row, label in enumerate(y):
            if label is None or type(label).__name__ == "NAType" or label != label:  # pandas' NA cannot be compared
                raise ValueError(f"Input y contains NaN at row {row}; drop the rows whose label is unknown.")


def guess_task(y: Any) -> tuple[str, str]:
    """("classification" or "regression", the sentence why): the command line's rule.

    Strings, booleans and categories are classes; fractions are numbers; integers are classes up to 20 distinct values.
    """
    y = np.asarray(y)
    if y.dtype.kind not in "iuf":
        return "classification", "The target holds labels: classification."
    distinct = len(np.unique(y))
    if y.dtype.kind == "f" and not (y == np.floor(y)).all():
        return "regression", "The target holds numbers with fractions: regression."
    if distinct <= 20:
        return (
            "classification",
            f"The target holds {distinct} distinct integers: classification (--task overrides).",
        )
    return "regression", f"The target holds {distinct} distinct integers: regression (--task overrides)."
