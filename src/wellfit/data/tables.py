"""Tables: from a frame or an array to a block of scaled numbers and a block of category codes.

The codec learns once, from the training rows, and is kept with the model. Codes of a category: 0 missing,
1 .. L the levels seen in training, L + 1 a level not seen (or too rare). Missing numbers take the column's median, and
columns that had missing values in training get a 0/1 indicator beside them.
"""

import warnings
from dataclasses import dataclass
from typing import Any, Self

import narwhals.stable.v1 as nw
import numpy as np

from wellfit.core.errors import WellfitWarning
from wellfit.core.names import nearest
from wellfit.data.columns import Column, read
from wellfit.data.scaling import Scaler

RARE_KEPT = 50
OF_KIND = {"number": "numbers", "text": "text", "date": "dates"}


@dataclass(frozen=True)
class TableCodec:
    """What was learnt of a table's columns.

    names : the column names of the frame, or None for an array;  kinds : "number", "text" or "date" per column;
    levels : per text column its levels;  indicators : positions of the numbers that had missing values.
    """

    names: list[str] | None
    kinds: list[str]
    numeric_names: list[str]
    levels: dict[str, np.ndarray]
    indicators: np.ndarray
    scaler: Scaler
    reasons: list[str]

    @classmethod
    def fit(cls, X: Any, w: np.ndarray, kind: str = "robust") -> Self:
        """Learn the columns of a frame, or of a numeric array (n, d), with weights (n,)."""
        if not is_frame(X):
            numbers = _finite(np.asarray(X, np.float64), None)
            names = [f"x{j}" for j in range(numbers.shape[1])]
            return cls._learn(None, ["number"] * len(names), names, numbers, {}, w, kind, [])
        frame = as_frame(X)
        if not frame.columns:
            raise ValueError("X has zero columns; at least one is needed.")
        names = list(map(str, frame.columns))
        columns = [read(name, frame.get_column(own)) for name, own in zip(names, frame.columns, strict=True)]
        kinds = ["date" if c.parts else "text" if c.numbers is None else "number" for c in columns]
        numeric_names, numbers = _numeric_block(columns)
        reasons = [c.note for c in columns if c.note]
        levels = {c.name: _levels(c, w, reasons) for c in columns if c.texts is not None}
        numbers = _finite(numbers, numeric_names)
        return cls._learn(names, kinds, numeric_names, numbers, levels, w, kind, reasons)

    @classmethod
    def _learn(cls, names, kinds, numeric_names, numbers, levels, w, kind, reasons) -> Self:
        indicators = np.flatnonzero(np.isnan(numbers).any(axis=0))
        if len(indicators):
            listed = ", ".join(numeric_names[j] for j in indicators[:5]) + (", ..." if len(indicators) > 5 else "")
            reasons = [
                *reasons,
                f"Missing numbers ({listed}) take the median, with an indicator for each column.",
            ]
        scaler = Scaler.fit(numbers, w, kind)
        constant = [name for name, factor in zip(numeric_names, scaler.factor, strict=True) if factor == 0]
        if constant:
            listed = ", ".join(constant[:5]) + (", ..." if len(constant) > 5 else "")
            reasons = [*reasons, f"Constant columns carry nothing and were silenced: {listed}."]
        if levels:
            reasons = [
                *reasons,
                f"Categories: {', '.join(f'{k} ({len(v)} levels)' for k, v in list(levels.items())[:8])}.",
            ]
        return cls(names, kinds, numeric_names, levels, indicators, scaler, reasons)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Slots per column of codes: missing, the levels, unseen."""
        return tuple(len(levels) + 2 for name, levels in self.levels.items() if not _binary(levels))

    @property
    def width(self) -> int:
        """Columns of the numeric block: numbers, indicators, and ±1 for categories of two levels."""
        return len(self.numeric_names) + len(self.indicators) + sum(map(_binary, self.levels.values()))

    def transform(self, X: Any, dtype: Any = np.float32) -> dict[str, np.ndarray]:
        """``{"numeric": (n, width) floats, "codes": (n, c) int32}`` of new rows."""
        if is_frame(X):
            columns = self._matched(as_frame(X))
        elif self.levels or any(kind != "number" for kind in self.kinds):
            raise ValueError("the model was fitted on a frame with named columns; pass a frame, not an array.")
        else:
            given = np.asarray(X, float)
            if given.ndim != 2 or given.shape[1] != len(self.kinds):
                raise ValueError(f"X must have shape (n, {len(self.kinds)}) as in fit, got {given.shape}.")
            columns = [Column(name, numbers=values) for name, values in zip(self.numeric_names, given.T, strict=True)]
        names, numbers = _numeric_block(columns)
        numbers = _finite(numbers, names if self.names else None)
        self._tell_new_gaps(numbers)
        blocks = [self.scaler.transform(numbers, dtype), np.isnan(numbers[:, self.indicators]).astype(dtype)]
        n = len(numbers) if len(names) else len(columns[0].texts if columns[0].texts is not None else ())
        codes = []
        for column in columns:
            if column.texts is None:
                continue
            levels = self.levels[column.name]
            code = _codes(column.texts, levels)
            if _binary(levels):  # one number, ±1; missing and unseen lie between
                blocks.append(np.array([0, -1, 1, 0], dtype)[code][:, None])
            else:
                codes.append(code)
        blocks = [block.reshape(n, -1) for block in blocks]
        stacked = np.stack(codes, axis=1) if codes else np.zeros((n, 0), np.int32)
        return {"numeric": np.concatenate(blocks, axis=1), "codes": stacked}

    def _matched(self, frame: Any) -> list[Column]:
        """The frame's columns by name, in the order of training."""
        given = {str(name): name for name in frame.columns}
        if self.names is None:
            if len(given) != len(self.kinds):
                raise ValueError(f"X has {len(given)} columns, the model was fitted on {len(self.kinds)}.")
            return [
                Column(name, numbers=_only_numbers(read(column, frame.get_column(own), "number")))
                for name, (column, own) in zip(self.numeric_names, given.items(), strict=True)
            ]
        absent = [name for name in self.names if name not in given]
        if absent:
            near = nearest(absent[0], given)
            hint = f"; did you mean the column {near!r}?" if near else "."
            raise ValueError(f"X lacks the column {absent[0]!r}, which the model was fitted on{hint}")
        extra = [name for name in given if name not in set(self.names)]
        if extra:
            listed = ", ".join(extra[:5])
            warnings.warn(f"{len(extra)} columns not seen in fit are ignored: {listed}.", WellfitWarning, stacklevel=5)
        kinds = zip(self.names, self.kinds, strict=True)
        return [_of_kind(read(name, frame.get_column(given[name]), kind), kind, frame) for name, kind in kinds]

    def _tell_new_gaps(self, numbers: np.ndarray) -> None:
        gaps = np.isnan(numbers).sum(axis=0)
        gaps[self.indicators] = 0
        if gaps.any():
            listed = ", ".join(f"{self.numeric_names[j]} ({gaps[j]})" for j in np.flatnonzero(gaps)[:5])
            warnings.warn(
                f"missing values in columns that had none in training take the median: {listed}.",
                WellfitWarning,
                stacklevel=5,
            )

    def to_state(self) -> dict[str, Any]:
        """Plain values and arrays, for files."""
        return {
            "names": self.names,
            "kinds": self.kinds,
            "numeric_names": self.numeric_names,
            "levels": {name: [str(level) for level in levels] for name, levels in self.levels.items()},
            "indicators": self.indicators,
            "scaler": self.scaler.to_state(),
            "reasons": self.reasons,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Self:
        """The codec that ``to_state`` described."""
        return cls(
            state["names"],
            list(state["kinds"]),
            list(state["numeric_names"]),
            {name: np.array(levels, dtype=object) for name, levels in state["levels"].items()},
            np.asarray(state["indicators"], dtype=np.int64),
            Scaler.from_state(state["scaler"]),
            list(state["reasons"]),
        )


def is_frame(X: Any) -> bool:
    """Whether X is a frame with named columns (pandas, polars, pyarrow), or an array of objects."""
    return nw.dependencies.is_into_dataframe(X) or isinstance(X, nw.DataFrame)


def as_frame(X: Any) -> Any:
    """X as a narwhals frame whose column names are strings."""
    frame = nw.from_native(X, eager_only=True)
    names = list(map(str, frame.columns))
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"X has two columns named {twice!r}; names must differ.")
    return frame


def rows_of(X: Any) -> int:
    """How many rows a frame or an array has."""
    return len(as_frame(X)) if is_frame(X) else np.shape(X)[0]


def take_rows(X: Any, index: np.ndarray) -> Any:
    """Some rows of a frame or of an array."""
    return as_frame(X)[index.tolist()].to_native() if is_frame(X) else np.asarray(X)[index]


def _numeric_block(columns: list[Column]) -> tuple[list[str], np.ndarray]:
    names, found = [], []
    for column in columns:
        parts = column.parts or ({} if column.numbers is None else {column.name: column.numbers})
        names.extend(parts)
        found.extend(parts.values())
    n = len(found[0]) if found else len(columns[0].texts if columns[0].texts is not None else ())
    return names, np.stack(found, axis=1) if found else np.zeros((n, 0))


def _of_kind(column: Column, kind: str, frame: Any) -> Column:
    """The column, if it is of the kind it had in training: else its numbers would stand in other places."""
    own = "date" if column.parts else "text" if column.numbers is None else "number"
    if own == kind:
        return column
    if len(frame) and not _empty(column):
        raise ValueError(f"column {column.name!r} holds {OF_KIND[own]}, and held {OF_KIND[kind]} in fit; convert it.")
    if kind == "text":
        return Column(column.name, texts=np.full(len(frame), None, object))
    raise ValueError(f"column {column.name!r} is empty, and held {OF_KIND[kind]} in fit; give it that type.")


def _empty(column: Column) -> bool:
    if column.texts is not None:
        return all(text is None for text in column.texts)
    return column.numbers is not None and bool(np.isnan(column.numbers).all())


def _only_numbers(column: Column) -> np.ndarray:
    if column.numbers is None:
        raise ValueError(f"column {column.name!r} must hold numbers: the model was fitted on an array of numbers.")
    return column.numbers


def _finite(numbers: np.ndarray, names: list[str] | None) -> np.ndarray:
    infinite = np.isinf(numbers)
    if infinite.any():
        row, j = np.argwhere(infinite)[0]
        where = f"column {names[j]!r}" if names else f"feature {j}"
        raise ValueError(f"Input X contains infinity in {where} at row {row}; replace it with a finite number or NaN.")
    return numbers


def _levels(column: Column, w: np.ndarray, reasons: list[str]) -> np.ndarray:
    assert column.texts is not None
    there = np.array([text is not None for text in column.texts], dtype=bool)
    levels, place = np.unique(column.texts[there].astype(str), return_inverse=True)
    counts = np.bincount(place, weights=w[there], minlength=len(levels))
    if len(levels) > max(RARE_KEPT, len(w) / 5):
        kept = np.sort(levels[np.argsort(-counts, kind="stable")[:RARE_KEPT]])
        message = (
            f"Column {column.name!r} has {len(levels)} levels; all but the {RARE_KEPT} most frequent share one slot."
        )
        warnings.warn(message, WellfitWarning, stacklevel=6)
        reasons.append(message)
        levels = kept
    return levels.astype(object)


def _binary(levels: np.ndarray) -> bool:
    return len(levels) <= 2


def _codes(texts: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """0 missing, 1 .. L by level, L + 1 unseen; with fewer than two levels the slots of two."""
    table = {level: code for code, level in enumerate(levels.tolist(), start=1)}
    unseen = max(len(levels), 2) + 1
    return np.array([0 if text is None else table.get(text, unseen) for text in texts.tolist()], np.int32)
