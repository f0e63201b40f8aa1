"""How a table differs from the one of the fit: gathered while it is encoded, and said in one warning."""

import warnings

import numpy as np

from wellfit.core.errors import WellfitWarning

LISTED = 5

FAR = 20
"""A value beyond the range of the fit by so many times its width is told of, be it a single one."""


class Differences:
    """Findings about a table of n rows, each a clause with counts."""

    def __init__(self, n: int) -> None:
        self.n = n
        self._found: dict[str, list[str]] = {}

    def add(self, what: str, where: str, rows: int | None = None) -> None:
        """Note a difference in a column, and how many rows have it."""
        self._found.setdefault(what, []).append(where if rows is None else f"{where} ({rows})")

    def gaps(self, name: str, rows: int) -> None:
        """Missing values in a column that had none."""
        if rows:
            self.add("missing values in columns that had none in training", name, rows)

    def new_levels(self, name: str, labels: list[str], rows: int, rare: float) -> None:
        """Levels that were not seen; where rare ones were pooled, only if they are many more than these."""
        if rows > (self.n * min(1.0, 2 * rare) + LISTED if rare else 0):
            example = f"{name} ({rows}, such as {labels[0]!r})"
            self.add("levels not seen in fit", example)

    def far(self, name: str, near: int, far: int, fitted: float) -> None:
        """Values beyond the range of a fit to so many rows: ``far`` by ``FAR`` widths, ``near`` by one at least.

        One row more lies beyond one end of the range of n rows with a probability of 1 / (n + 1); so some are nothing.
        """
        if far or near > LISTED + 6 * self.n / (fitted + 1):
            self.add("values far out of the range of the fit", name, near)

    def tell(self, stacklevel: int) -> None:
        """One warning, if there is anything to say."""
        clauses = []
        for what, places in self._found.items():
            more = f" and {len(places) - LISTED} more" if len(places) > LISTED else ""
            clauses.append(f"{what}: {', '.join(places[:LISTED])}{more}")
        if clauses:
            said = "; ".join(clauses)
            warnings.warn(
                f"X ({self.n} rows) differs from the table of the fit: {said}. See model.contract_.",
                WellfitWarning,
                stacklevel=stacklevel,
            )


def beyond(values: np.ndarray, low: np.ndarray, high: np.ndarray, widths: float) -> np.ndarray:
    """How many values of each column (n, d) lie beyond [low, high] by more than so many of its widths; (d,)."""
    room = widths * (high - low)
    with np.errstate(invalid="ignore"):
        return ((values < low - room) | (values > high + room)).sum(axis=0)
