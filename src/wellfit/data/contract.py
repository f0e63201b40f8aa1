"""The contract of a model with its tables: what each column held in fit, and what becomes of whatever differs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

SHOWN = 60
"""Columns that are printed; ``to_dict`` has them all."""

WIDE = 48
"""Characters of a column's range or levels that are printed."""

POLICIES = {
    "missing column": "an error with the nearest name, unless the column was left out",
    "extra column": "ignored, with a warning",
    "other order": "columns are found by name; of arrays by place",
    "missing number": "the median (the mean in a linear network); an indicator where gaps were frequent in fit; a "
    "warning where there were none",
    "missing category": "a code of its own, or if fit had no gaps that of rare levels, else of the most frequent level",
    "new category": "the code of rare levels, or if fit had none that of gaps, else of the most frequent level; a "
    "warning with counts",
    "numbers as text": "read as numbers if 99 % can be, the others are missing, with a warning; else an error",
    "numbers for categories": "the level of that text",
    "another kind": "an error that says what was and what is",
    "far value": "bent towards 3 standard deviations, but in a linear network taken as it is; a warning where it lies "
    "20 widths beyond the range of fit, or where more rows are one width beyond than chance explains",
    "infinity": "an error with its column and row",
}


@dataclass(frozen=True)
class Term:
    """What one column held in fit: its range or its levels, the share of gaps and of rare levels, and its use.

    kind : "number", "integer", "boolean", "category", "date", "duration" or "empty";  low, high : of numbers, the first
    and the last year of dates.
    """

    name: str
    kind: str
    use: str
    missing: float | None = None
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] | None = None
    rare: float | None = None

    @property
    def values(self) -> str:
        """Its range or its levels, in few words."""
        if self.levels is not None:
            listed = ", ".join(self.levels) or "-"
            counted = f"{len(self.levels)}: " if len(self.levels) > 1 else ""
            return _short(counted + listed)
        return "" if self.low is None or self.high is None else f"{self.low:.6g} to {self.high:.6g}"


@dataclass(frozen=True)
class Contract:
    """The columns a model was fitted on, and the policies for tables that differ. Printed it is a table."""

    columns: tuple[Term, ...]
    named: bool

    def __len__(self) -> int:
        return len(self.columns)

    def __getitem__(self, name: str | int) -> Term:
        """The term of a column, by name or place."""
        if isinstance(name, int):
            return self.columns[name]
        return next(term for term in self.columns if term.name == name)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "columns": [asdict(term) for term in self.columns],
            "matched": "by name" if self.named else "by place",
            "policies": dict(POLICIES),
        }

    def __repr__(self) -> str:
        heads: dict[str, Callable[[Term], str]] = {
            "column": lambda term: _short(term.name),
            "kind": lambda term: term.kind,
            "missing": lambda term: "" if term.missing is None else _percent(term.missing),
            "values": lambda term: term.values,
            "use": lambda term: term.use,
        }
        rows = [list(heads), *([cell(term) for cell in heads.values()] for term in self.columns[:SHOWN])]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        lines.insert(1, "  ".join("-" * width for width in widths))
        if len(self.columns) > SHOWN:
            lines.append(f"... and {len(self.columns) - SHOWN} more")
        wide = max(map(len, POLICIES))
        lines += ["", *(f"{what.ljust(wide)}  {policy}" for what, policy in POLICIES.items())]
        return "\n".join(lines)


def _short(text: str) -> str:
    return text if len(text) <= WIDE else text[: WIDE - 3] + "..."


def _percent(share: float) -> str:
    return "0" if share == 0 else f"{share:.1%}" if share >= 0.001 else "<0.1%"
