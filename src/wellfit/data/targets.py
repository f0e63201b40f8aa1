"""Targets: from y as people have it to an array, and back."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_array

from wellfit.core import weighted
from wellfit.data.limited_targets import Positives, Proportions
from wellfit.data.target_values import Facts, column, facts_of_numbers, numbers, refuse, shaped
from wellfit.data.values import is_null


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
        classes = np.unique(y) if y.dtype.kind in "biu" else None
        if classes is not None and 2 * len(classes) < len(y):  # of more classes scikit-learn may have something to say
            kind = "multiclass"
        else:
            kind = type_of_target(y, input_name="y")
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"Unknown label type: {kind}. Maybe you are trying to fit a classifier, which expects discrete "
                "classes, on a regression target with continuous values: use NeuralRegressor."
            )
        classes = np.unique(y) if classes is None else classes
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
        order = np.argsort(self.classes)
        return order[np.searchsorted(self.classes, y, sorter=order)].astype(np.int32)

    def arranged(self, order: Any = None) -> Self:
        """These classes from lowest to highest: in the ``order`` given, or as numbers have it; words have none."""
        if order is None:
            if self.classes.dtype.kind not in "iufb":
                raise ValueError(
                    f"y holds labels that are no numbers ({self._listed()}), whose order is unknown; name them from "
                    "lowest to highest, as in family=Ordinal(levels=('low', 'middle', 'high'))."
                )
            return self
        arranged = np.array(list(order), dtype=self.classes.dtype if self.classes.dtype.kind == "O" else None)
        missing = self.classes[~np.isin(self.classes, arranged)]
        if len(missing) or len(np.unique(arranged)) < len(arranged):
            what = f"lacks {missing.tolist()[0]!r}, which y holds" if len(missing) else "names a label twice"
            raise ValueError(f"levels={tuple(order)!r} {what}; name every label once, from lowest to highest.")
        return type(self)(arranged)

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
        spread = weighted.std(values, w)
        varies = spread > 1e-12 * np.max(np.abs(values), axis=0)
        return cls(weighted.mean(values, w), np.where(varies, spread, 1.0), flat)

    @property
    def k(self) -> int:
        return len(self.centre)

    def facts(self, y: Any, w: np.ndarray) -> Facts:
        return facts_of_numbers(y, w)

    def encode(self, y: Any) -> np.ndarray:
        """Standardised targets (n, k) in float64."""
        return (shaped(numbers(y), self.k) - self.centre) / self.scale

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
        values = shaped(numbers(y), self.k)
        wrong = (values < 0) | (values != np.floor(values))
        refuse(values, wrong, "non-negative integers for a family of counts", "use family='normal' for other numbers")
        return values

    def decode(self, predicted: np.ndarray) -> np.ndarray:
        return predicted[:, 0] if self.flat else predicted

    def to_state(self) -> dict[str, Any]:
        return {"kind": self.kind, "k": self.k, "flat": self.flat}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        return cls(int(state["k"]), bool(state["flat"]))


CODECS: dict[str, Any] = {codec.kind: codec for codec in (Classes, Flags, Reals, Counts, Positives, Proportions)}


def number_codec(target: str, y: Any, w: np.ndarray, **options: Any) -> Any:
    """The codec of a family of numbers, learnt from y: ``target`` and ``options`` are the family's own.

    target : "reals", "counts", "positives" (above 0), "nonnegatives" (at least 0) or "proportions"
    """
    if target == "nonnegatives":
        return Positives.fit(y, w, strict=False)
    return CODECS[target].fit(y, w, **options)


def codec_from_state(state: dict[str, Any]) -> Any:
    """The codec a state was made from."""
    return CODECS[state["kind"]].from_state(state)


def _refuse_missing(y: np.ndarray) -> None:
    if y.dtype.kind == "f":
        missing, infinite = np.isnan(y), np.isinf(y)
        if missing.any() or infinite.any():
            what = "NaN" if missing.any() else "infinity"
            row = int(np.flatnonzero(missing if missing.any() else infinite)[0])
            raise ValueError(f"Input y contains {what} at row {row}; drop the rows whose label is unknown.")
    elif y.dtype == object:
        for row, label in enumerate(y):
            if is_null(label):
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
