"""What is learnt of a table: scaling, categories, which gaps deserve an indicator, which columns carry nothing."""

import warnings
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np

from wellfit.core.errors import WellfitWarning
from wellfit.data import nothing
from wellfit.data.blocks import Columns, as_floats, extremes, side_by_side, slices
from wellfit.data.categories import FEWEST, Category
from wellfit.data.columns import Column
from wellfit.data.notation import listed
from wellfit.data.scaling import CHUNK, Scaler
from wellfit.data.weights import as_counts

MANY_LEVELS = 50
"""More levels than this, and than a fifth of the rows, are warned of."""

CONSTANT, IDENTIFIER, RARE = "constant", "identifier", "all levels are rare"


class Range(NamedTuple):
    """Of each numeric column (d,): its least and its largest value, the share of the weight of its gaps; of how many
    rows, by weight."""

    low: np.ndarray
    high: np.ndarray
    gaps: np.ndarray
    rows: np.ndarray

    @classmethod
    def of(cls, X: np.ndarray, w: np.ndarray, ends: tuple[np.ndarray, np.ndarray]) -> Self:
        """From X (n, d), NaN where missing, its ``extremes`` and weights (n,)."""
        n, d = X.shape
        low, high, gaps = *(end.astype(np.float64) for end in ends), np.zeros(d)
        places = np.flatnonzero(np.isnan(low))

        def of_rows(rows: slice) -> tuple[np.ndarray, np.ndarray]:
            part = X[rows, places]
            return np.fmin.reduce(part, axis=0), np.fmax.reduce(part, axis=0)

        if len(places):
            lows, highs = zip(*side_by_side(of_rows, slices(n, len(places)), n * len(places)), strict=True)
            low[places], high[places] = np.fmin.reduce(lows, axis=0), np.fmax.reduce(highs, axis=0)
            size = max(1, CHUNK // d)
            for first in range(0, n, size):
                gaps += w[first : first + size] @ np.isnan(X[first : first + size])
        empty = ~(low <= high)
        return cls(np.where(empty, -np.inf, low), np.where(empty, np.inf, high), gaps / w.sum(), w.sum())

    @classmethod
    def unknown(cls, d: int, indicators: np.ndarray) -> Self:
        """Of a model file that does not say: nothing is far, and gaps are new where there is no indicator."""
        gaps = np.zeros(d)
        gaps[indicators] = np.nan
        return cls(np.full(d, -np.inf), np.full(d, np.inf), gaps, np.array(np.inf))


@dataclass
class Findings:
    """What is to be said: sentences for ``reasons_``, and for one warning."""

    left_out: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def warn(self) -> None:
        if self.warned:
            said = "; ".join(line.rstrip(".") for line in self.warned)
            warnings.warn(f"{said}.", WellfitWarning, stacklevel=7)


def of_array(X: np.ndarray, w: np.ndarray, kind: str) -> dict[str, Any]:
    """The fields of the codec of an array (n, d)."""
    names = [f"x{j}" for j in range(X.shape[1])]
    findings, X = Findings(), as_floats(X)
    fields = _numbers(names, names, X, _finite_ends(X, None), w, kind, findings) | {"categories": {}}
    _close(fields, findings, [])
    kinds = ["number"] * len(names)
    return fields | {"names": None, "kinds": kinds, "sorts": kinds, "parts": {}, "zones": {}, "words": {}}


def of_columns(columns: list[Column], w: np.ndarray, kind: str, *, named: bool) -> tuple[dict[str, Any], np.ndarray]:
    """The fields of the codec of columns, and their numbers (n, d); ``named`` ones are found by name elsewhere."""
    names = [name for column in columns for name in column.blocks]
    owners = [column.name for column in columns for _ in column.blocks]
    values = [values for column in columns for values in column.blocks.values()]
    X = Columns(values, len(w)).table()
    ends = _finite_ends(X, names)
    findings = Findings(
        dict.fromkeys(nothing.identifiers(columns), IDENTIFIER),
        _notes(columns),
        [column.warning for column in columns if column.warning],
    )
    for name, own in zip(names, values, strict=True):
        if name not in findings.left_out and nothing.counts_rows(own):
            findings.reasons.append(f"Column {name!r} numbers the rows; drop it if their order means nothing.")
    texts = [column for column in columns if column.kind == "text"]
    fields = _numbers(names, owners, X, ends, w, kind, findings)
    fields["categories"] = {column.name: own for column, own in _categories(texts, w, findings)}
    _close(fields, findings, [column.name for column in texts])
    fields |= {
        "names": [column.name for column in columns] if named else None,
        "kinds": [column.kind for column in columns],
        "sorts": [column.sort for column in columns],
        "parts": {column.name: list(column.parts) for column in columns if column.parts is not None},
        "zones": {column.name: column.zone for column in columns if column.parts is not None},
        "words": {column.name: column.words for column in columns if column.words},
    }
    return fields, X


def _notes(columns: list[Column]) -> list[str]:
    """What was done to columns, those alike in one sentence."""
    by_note: dict[str, list[str]] = {}
    for column in columns:
        if column.note:
            by_note.setdefault(column.note, []).append(repr(column.name))
    return [f"Column{'s' * (len(names) > 1)} {listed(names)}: {note}" for note, names in by_note.items()]


def check_finite(X: np.ndarray, names: list[str] | None, first: int = 0) -> None:
    """Raise one sentence for the first infinite number of X (n, d), whose rows are numbered from ``first``."""
    infinite = np.isinf(X)
    if infinite.any():
        row, j = np.argwhere(infinite)[0]
        where = f"column {names[j]!r}" if names else f"feature {j}"
        raise ValueError(
            f"Input X contains infinity in {where} at row {first + row}; replace it with a finite number or NaN."
        )


def _finite_ends(X: np.ndarray, names: list[str] | None) -> tuple[np.ndarray, np.ndarray]:
    """The extremes of the columns of X (n, d), NaN where numbers are missing; raises where any is infinite."""
    ends = extremes(X)
    if not np.isfinite(ends).all():
        check_finite(X, names)
    return ends


def _numbers(
    names: list[str],
    owners: list[str],
    X: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
    w: np.ndarray,
    kind: str,
    findings: Findings,
) -> dict[str, Any]:
    """Scaling, ranges and indicators of the columns of X (n, d); ``owners`` are the table's columns they come from."""
    counts = as_counts(w)
    ranges = Range.of(X, counts, ends)
    scaler = Scaler.fit(X, w, kind, ends=ends)
    keys = np.array([owner in findings.left_out for owner in owners], bool)
    constant = (scaler.factor == 0) & ~keys
    twins = nothing.repeated(X, np.flatnonzero(~keys & ~constant)) if counts.sum() >= nothing.TWINS else {}
    silent = keys | constant
    silent[list(twins)] = True
    indicators = _indicators(X, np.flatnonzero(constant | ~silent), ranges.gaps, counts.sum())
    for j in np.flatnonzero(silent & ~keys).tolist():
        if names[j] == owners[j] and j not in indicators:
            findings.left_out[names[j]] = f"equals {names[twins[j]]}" if j in twins else CONSTANT
    findings.reasons += _of_gaps(names, ranges.gaps, indicators, kind)
    if constant.any():
        silenced = listed([names[j] for j in np.flatnonzero(constant)])
        findings.reasons.append(f"Constant columns carry nothing and were silenced: {silenced}.")
    return {"numeric_names": names, "scaler": scaler.without(silent), "ranges": ranges, "indicators": indicators}


def _indicators(X: np.ndarray, places: np.ndarray, gaps: np.ndarray, total: float) -> np.ndarray:
    """The columns whose gaps get an indicator.

    Those in which at least five rows (of fewer than 100 rows their twentieth) are missing, and as many are there; of
    columns that miss the same rows the first.
    """
    least = min(FEWEST, total / 20) / total
    places = places[(gaps[places] >= least) & (gaps[places] <= 1 - least)]
    missing = np.isnan(X[:, places]).astype(np.float64)
    twins = nothing.repeated(missing, np.arange(len(places)))
    return np.array([j for i, j in enumerate(places.tolist()) if i not in twins], np.int64)


def _of_gaps(names: list[str], gaps: np.ndarray, indicators: np.ndarray, kind: str) -> list[str]:
    some = np.flatnonzero((gaps > 0) & (gaps < 1))
    if not len(some):
        return []
    centre = "mean" if kind == "standard" else "median"
    if len(indicators) == len(some):
        how = "with an indicator for each column"
    elif len(indicators):
        how = f"with indicators for {listed([names[j] for j in indicators])}: others miss the same rows, or too few"
    else:
        how = "and are too few for an indicator"
    return [f"Missing numbers ({listed([names[j] for j in some])}) take the {centre}, {how}."]


def _categories(texts: list[Column], w: np.ndarray, findings: Findings) -> list[tuple[Column, Category]]:
    counts = as_counts(w)
    if counts.sum() >= nothing.TWINS:
        twins = nothing.repeated_texts([column for column in texts if column.name not in findings.left_out])
        findings.left_out |= {name: f"equals {twin}" for name, twin in twins.items()}
    found = []
    for column in texts:
        if column.name in findings.left_out:
            found.append((column, Category.left_out()))
            continue
        category = Category.learn(column, counts)
        found.append((column, category))
        if category.numbers is not None and not category.numbers.any():
            findings.left_out[column.name] = RARE if category.rare else CONSTANT
        levels = len(column.labels or ())
        if levels > max(MANY_LEVELS, len(w) / 5):
            findings.warned.append(
                f"Column {column.name!r} has {levels} levels; the {len(category.levels)} that are frequent enough have "
                "slots of their own, the others share one."
            )
    return found


def _close(fields: dict[str, Any], findings: Findings, texts: list[str]) -> None:
    """The last sentences, once it is known what carries something."""
    left_out, categories = findings.left_out, fields["categories"]
    keys = [name for name, why in left_out.items() if why == IDENTIFIER]
    if keys:
        findings.reasons.append(f"Columns with another value in every row are left out as identifiers: {listed(keys)}.")
    twins = [f"{name} ({why})" for name, why in left_out.items() if why.startswith("equals ")]
    if twins:
        findings.reasons.append(f"Columns that equal another carry nothing more and were left out: {listed(twins)}.")
    empty = [name for name in texts if left_out.get(name) in (CONSTANT, RARE)]
    if empty:
        findings.reasons.append(f"Categories of one level, or of rare ones only, were left out: {listed(empty)}.")
    used = [
        f"{name} ({len(own.levels) or 'no frequent'} levels)"
        for name, own in categories.items()
        if name not in left_out
    ]
    if used:
        findings.reasons.append(f"Categories: {listed(used)}.")
    findings.reasons += [line[0].upper() + line[1:] for line in findings.warned]
    if not (used or fields["scaler"].factor.any() or len(fields["indicators"])):
        findings.warned.append("no column of X carries anything, so every row gets the same prediction")
    findings.warn()
    fields |= {"left_out": left_out, "reasons": findings.reasons}
