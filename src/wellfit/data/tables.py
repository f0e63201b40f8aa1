"""Tables: from a frame or an array to a block of scaled numbers and a block of category codes.

The codec learns once, from the training rows, and is kept with the model; ``contract`` tells what it learnt and what
becomes of tables that differ. Missing numbers take the column's centre; where gaps are frequent enough to carry
something, an indicator of 0 and 1 stands beside the column.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from wellfit.core.names import nearest
from wellfit.data import learning
from wellfit.data.blocks import Columns, aligned_zeros
from wellfit.data.categories import Category
from wellfit.data.columns import Column, Known, nothing, read
from wellfit.data.contract import Contract, Term
from wellfit.data.differences import Differences
from wellfit.data.frames import PARTS, as_frame, columns_of, is_frame, is_sparse, of_objects, rows_of, take_rows
from wellfit.data.learning import Range
from wellfit.data.numbers import Numbers
from wellfit.data.scaling import Scaler
from wellfit.data.sparse import SparseCodec

__all__ = ["TableCodec", "as_frame", "is_frame", "rows_of", "take_rows"]

OF_KIND = {"number": "numbers", "text": "text", "date": "dates"}


class Read(NamedTuple):
    """What was read of a frame: its columns, and their numbers (n, d) side by side."""

    columns: list[Column]
    numbers: np.ndarray


@dataclass(frozen=True)
class TableCodec:
    """What was learnt of a table's columns.

    names : the column names of the frame, or None for an array;  kinds : "number", "text" or "date" per column;
    sorts : per column what exactly it was;  parts, zones : of each column of dates;  words : texts that are gaps among
    the numbers of a column;  numeric_names : columns of the numeric block, which scaler and ranges are of;
    indicators : positions among them of those with an indicator of gaps;  categories : of each column of texts;
    left_out : columns that carry nothing, and why.
    """

    names: list[str] | None
    kinds: list[str]
    sorts: list[str]
    parts: dict[str, list[str]]
    zones: dict[str, str]
    words: dict[str, tuple[str, ...]]
    numeric_names: list[str]
    scaler: Scaler
    ranges: Range
    indicators: np.ndarray
    categories: dict[str, Category]
    left_out: dict[str, str]
    reasons: list[str]

    @staticmethod
    def fit(X: Any, w: np.ndarray, kind: str = "robust") -> Any:
        """Learn the columns of a frame, of an array (n, d), or of a sparse matrix, with weights (n,).

        A sparse matrix has a codec of its own, ``SparseCodec``, with the same methods.
        """
        return TableCodec.learn(X, w, kind)[0]

    @staticmethod
    def learn(X: Any, w: np.ndarray, kind: str = "robust") -> tuple[Any, Read | None]:
        """``fit``, and what was read of a frame's columns, which ``transform`` need not read again."""
        if is_sparse(X):
            return SparseCodec.fit(X, w), None
        if not is_frame(X) and not of_objects(X):
            return TableCodec(**learning.of_array(np.asarray(X), w, kind)), None
        series = columns_of(X)
        if not series:
            raise ValueError("X has zero columns; at least one is needed.")
        columns = [read(name, own) for name, own in series.items()]
        fields, numbers = learning.of_columns(columns, w, kind, named=is_frame(X))
        return TableCodec(**fields), Read(columns, numbers)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """Slots per column of codes: missing, the levels, rare or unseen."""
        return tuple(category.cardinality for category in self.categories.values() if category.numbers is None)

    @property
    def _numbers(self) -> Numbers:
        return Numbers(self.numeric_names, self.names is not None, self.scaler, self.ranges, self.indicators)

    @property
    def _own_names(self) -> list[str]:
        """The columns' names; x0, x1, ... of an array's."""
        return self.names or [f"x{j}" for j in range(len(self.kinds))]

    @property
    def width(self) -> int:
        """Columns of the numeric block: numbers, indicators, and categories that are one number."""
        flags = sum(category.numbers is not None for category in self.categories.values())
        return len(self.numeric_names) + len(self.indicators) + flags

    def transform(
        self,
        X: Any,
        dtype: Any = np.float32,
        *,
        own: bool = False,
        read: Read | None = None,
        room: int = 0,
        lazily: bool = False,
    ) -> dict[str, Any]:
        """``{"numeric": (n, width) floats, "codes": (n, c) int32}`` of new rows; one warning where they differ.

        ``own`` rows are those it was learnt from: they cannot differ, and are not looked through for it again; ``read``
        is what ``learn`` has read of them. With ``room`` rows of zeros follow until there are so many, for a table that
        is to be padded. ``lazily`` a block of plain numbers may be ``ScaledRows``, which are scaled when somebody asks
        for them.
        """
        n = rows_of(X)
        differences = Differences(n)
        plain = self._is_array(X)
        if plain:
            X = self._of_width(X)
            columns, numbers = [], X
        elif read is not None and not self.left_out:
            columns, numbers = read
        else:
            columns = self._matched(X, differences) if read is None else self._own(read.columns, n)
            numbers = Columns([values for column in columns for values in column.blocks.values()], n)
        shape, learnt = (max(n, room), self.width), self._numbers
        # Columns of a frame that carry nothing are not even read: what stands for them is no number.
        if own and (plain or not self.left_out) and learnt.tame():
            block = learnt.of_tame(numbers, shape, dtype, lazily)
        else:
            block = learnt.of_any(numbers, shape, dtype, differences, lazily)
        codes, place = [], len(self.numeric_names) + len(self.indicators)
        for column in columns:
            if column.kind != "text":
                continue
            category = self.categories[column.name]
            slots = category.slots(column)
            self._note_labels(column, category, slots, differences)
            if category.numbers is None:
                codes.append(category.codes[slots])
            else:
                block[:n, place] = category.numbers[slots]
                place += 1
        if not own:
            differences.tell(stacklevel=5)
        coded = aligned_zeros((shape[0], len(codes)), np.int32)
        for place, code in enumerate(codes):
            coded[:n, place] = code
        return {"numeric": block, "codes": coded}

    def places(self, X: Any) -> list[dict[str, list[int]]]:
        """For each column of X the columns it becomes in the blocks of ``transform``; none where it is not used."""
        own = list(zip(self._own_names, self.kinds, strict=True))
        numbers = [name for name, kind in own if kind != "text" for _ in self.parts.get(name, [name])]
        texts = [name for name, kind in own if kind == "text"]
        flags = [name for name in texts if self.categories[name].numbers is not None]
        blocks = {
            "numeric": [*numbers, *(numbers[j] for j in self.indicators), *flags],
            "codes": [name for name in texts if name not in flags],
        }
        by_name = self.names is not None and is_frame(X)
        given = list(map(str, as_frame(X).columns)) if by_name else self._own_names
        found: dict[str, dict[str, list[int]]] = {name: {} for name in given}
        for block, names in blocks.items():
            for place, name in enumerate(names):
                if name in found and name not in self.left_out:
                    found[name].setdefault(block, []).append(place)
        return list(found.values())

    def _is_array(self, X: Any) -> bool:
        """Whether X is an array of numbers for a model of numbers."""
        if is_frame(X) or of_objects(X):
            return False
        if all(kind == "number" for kind in self.kinds):
            return True
        if self.names is not None:
            raise ValueError("the model was fitted on a frame with named columns; pass a frame, not an array.")
        return False

    def _of_width(self, X: Any) -> Any:
        X = X.tocsr() if is_sparse(X) else np.asarray(X)
        if X.ndim != 2 or X.shape[1] != len(self.kinds):
            raise ValueError(f"X must have shape (n, {len(self.kinds)}) as in fit, got {X.shape}.")
        return X

    def _note_labels(self, column: Column, category: Category, slots: np.ndarray, differences: Differences) -> None:
        if column.name in self.left_out or np.isnan(category.missing):
            return
        if not category.missing:
            differences.gaps(column.name, int((slots == 0).sum()))
        new = slots > len(category.levels)
        if new.any():
            assert column.labels is not None
            assert column.index is not None
            examples = [column.labels[column.index[np.argmax(new)]]]
            differences.new_levels(column.name, examples, int(new.sum()), category.rare)

    def _matched(self, X: Any, differences: Differences) -> list[Column]:
        """The columns by name, or by place where the model was fitted on an array, in the order of training."""
        n = rows_of(X)
        given = columns_of(X if is_frame(X) or of_objects(X) else np.asarray(X, object))
        names = self._own_names
        if self.names is None:
            if len(given) != len(names):
                raise ValueError(f"X has {len(given)} columns, the model was fitted on {len(names)}.")
            given = dict(zip(names, given.values(), strict=True))
        self._check_names(given)
        extra = [name for name in given if name not in set(names)]
        for name in extra:
            differences.add(f"{len(extra)} columns not seen in fit are ignored", name)
        return [
            nothing(name, n, kind) if name in self.left_out else self._read(name, kind, given[name], differences)
            for name, kind in zip(names, self.kinds, strict=True)
        ]

    def _own(self, columns: list[Column], n: int) -> list[Column]:
        """The same of the n rows that it was learnt from, once they were read."""
        kinds = zip(columns, self.kinds, strict=True)
        return [nothing(own.name, n, kind) if own.name in self.left_out else own for own, kind in kinds]

    def _check_names(self, given: dict[str, Any]) -> None:
        absent = [name for name in self.names or () if name not in given and name not in self.left_out]
        if not absent:
            return
        spare = [name for name in given if name not in set(self.names or ())]
        hints = {name: near for name in absent if (near := nearest(name, spare) or nearest(name, given))}
        if len(absent) == 1:
            hint = f"; did you mean the column {hints[absent[0]]!r}?" if hints else "."
            raise ValueError(f"X lacks the column {absent[0]!r}, which the model was fitted on{hint}")
        listed = [f"{name!r} (did you mean {hints[name]!r}?)" if name in hints else repr(name) for name in absent[:5]]
        more = ", ..." if len(absent) > 5 else ""
        raise ValueError(
            f"X lacks the column {listed[0]} and {len(absent) - 1} more, which the model was fitted on: "
            f"{', '.join(listed[1:])}{more}."
        )

    def _read(self, name: str, kind: str, series: Any, differences: Differences) -> Column:
        """The column, of the kind it had in training: else its numbers would stand in other places."""
        zone = self.zones.get(name, "")
        column = read(name, series, Known(kind, zone, self.words.get(name, ())))
        if column.kind != kind:
            if not column.empty:
                raise ValueError(
                    f"column {name!r} holds {OF_KIND[column.kind]}, and held {OF_KIND[kind]} in fit; convert it."
                )
            column = nothing(name, differences.n, kind)
        if column.unread:
            differences.add("values that cannot be read count as missing", name, column.unread)
        if kind != "date":
            return column
        assert column.parts is not None
        if name in self.zones and bool(zone) != bool(column.zone) and not column.empty:
            said = f"have no time zone and count as {zone}" if zone else "have a time zone, and had none in fit"
            differences.add(f"times {said}", name)
        return _with_parts(column, self.parts[name])

    @property
    def levels(self) -> dict[str, list[str]]:
        """The levels of each column of texts."""
        return {name: category.levels for name, category in self.categories.items()}

    @property
    def contract(self) -> Contract:
        """What each column held in fit, and the policies for tables that differ."""
        return Contract(tuple(self._terms(self._own_names)), self.names is not None)

    def _terms(self, names: list[str]) -> Iterator[Term]:
        place, with_indicator = 0, set(self.indicators.tolist())
        for name, kind, sort in zip(names, self.kinds, self.sorts, strict=True):
            why = self.left_out.get(name)
            if kind == "text":
                category = self.categories[name]
                use = "one number" if category.numbers is not None else f"{category.cardinality} codes"
                shares = [None if np.isnan(share) else float(share) for share in (category.missing, category.rare)]
                word = "boolean" if sort == "boolean" else "category"
                yield Term(name, word, f"left out: {why}" if why else use, shares[0],
                           levels=tuple(category.levels), rare=shares[1])  # fmt: skip
                continue
            parts = self.parts.get(name, [name])
            use = ", ".join(parts) if kind == "date" else "scaled"
            use += ", indicator of gaps" if place in with_indicator else ""
            bounds = float(self.ranges.low[place]), float(self.ranges.high[place])
            low, high = bounds if np.isfinite(bounds).all() else (None, None)
            share = float(self.ranges.gaps[place])
            missing = None if np.isnan(share) else share
            yield Term(name, sort, f"left out: {why}" if why else use, missing, low, high)
            place += len(parts)

    def to_state(self) -> dict[str, Any]:
        """Plain values and arrays, for files."""
        return {
            "names": self.names,
            "kinds": self.kinds,
            "sorts": self.sorts,
            "parts": self.parts,
            "zones": self.zones,
            "words": {name: list(own) for name, own in self.words.items()},
            "numeric_names": self.numeric_names,
            "scaler": self.scaler.to_state(),
            "ranges": self.ranges._asdict(),
            "indicators": self.indicators,
            "levels": self.levels,
            "slots": {name: category.to_state() for name, category in self.categories.items()},
            "left_out": self.left_out,
            "reasons": self.reasons,
        }

    @staticmethod
    def from_state(state: dict[str, Any]) -> Any:
        """The codec that ``to_state`` described, this one's or a sparse matrix's."""
        if "sparse" in state:
            return SparseCodec.from_state(state)
        state = _with_all_fields(state)
        return TableCodec(
            names=state["names"],
            kinds=list(state["kinds"]),
            sorts=list(state["sorts"]),
            parts={name: list(own) for name, own in state["parts"].items()},
            zones=dict(state["zones"]),
            words={name: tuple(own) for name, own in state["words"].items()},
            numeric_names=list(state["numeric_names"]),
            scaler=Scaler.from_state(state["scaler"]),
            ranges=Range(*(np.asarray(state["ranges"][name], np.float64) for name in Range._fields)),
            indicators=np.asarray(state["indicators"], np.int64),
            categories={
                name: Category.from_state(list(map(str, state["levels"][name])), own)
                for name, own in state["slots"].items()
            },
            left_out=dict(state["left_out"]),
            reasons=list(state["reasons"]),
        )


def _with_all_fields(state: dict[str, Any]) -> dict[str, Any]:
    """The state, completed where it is of a model file from before columns had ranges."""
    if "slots" in state:
        return state
    kinds, numeric = state["kinds"], state["numeric_names"]
    named = zip(state["names"] or numeric, kinds, strict=True)
    indicators = np.asarray(state["indicators"], np.int64)
    return {
        **state,
        "sorts": kinds,
        "parts": {
            name: [part for part in PARTS if f"{name}.{part}" in numeric] for name, kind in named if kind == "date"
        },
        "zones": {},
        "words": {},
        "ranges": Range.unknown(len(numeric), indicators)._asdict(),
        "slots": {name: Category.before(list(map(str, own))).to_state() for name, own in state["levels"].items()},
        "left_out": {},
    }


def _with_parts(column: Column, wanted: list[str]) -> Column:
    """A date with the parts it had in fit; a day without a time of day is its midnight."""
    assert column.parts is not None
    first = next(iter(column.parts.values()))
    midnight = np.where(np.isnan(first), np.nan, 0.0)
    known = {"seconds": midnight, **column.parts}
    if not set(wanted) <= set(known):
        raise ValueError(f"column {column.name!r} holds times of day, and held dates in fit; convert it.")
    return Column(column.name, "date", parts={part: known[part] for part in wanted})
