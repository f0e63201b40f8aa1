"""docs/theory.md read as data: which test carries which id, and what is out of scope and why.

A row of four cells is carried: ids, what, symbol, test. A row of three is out of scope: ids, what, why.
``ids.txt`` names every id there is; behind a C stands its weight (C central, D described, P named in passing, F a
figure, R a reference), behind an E how much harm the misprint does (H, M, L).
"""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "theory.md"
ID = re.compile(r"\b([CNEGT])-(\d{2,3})\b")
SPAN = re.compile(r"\b([CNEGT])-(\d{2,3}) to \1-(\d{2,3})\b")
KINDS = {"C": "capabilities", "N": "numbers", "E": "errata", "G": "gradients", "T": "acceptance values"}


class Row(NamedTuple):
    """One row: what carries some ids, or why nothing does."""

    cells: tuple[str, ...]

    @property
    def ids(self) -> set[str]:
        return ids(self.cells[0])

    @property
    def carried(self) -> bool:
        return len(self.cells) == 4

    @property
    def symbol(self) -> str:
        """Dotted, below ``wellfit``."""
        return self.cells[2].strip("`")

    @property
    def test(self) -> str:
        """``file::function``, below ``tests``."""
        return self.cells[3].strip("`")


def ids(text: str) -> set[str]:
    """Every id of a text, those within "C-180 to C-183" too, without leading zeros."""
    spans = ((kind, number) for kind, low, high in SPAN.findall(text) for number in range(int(low), int(high) + 1))
    return {f"{kind}-{int(number)}" for kind, number in [*ID.findall(text), *spans]}


def rows(text: str) -> list[Row]:
    """The rows of a page's tables that begin with an id."""
    lines = (line for line in text.splitlines() if line.startswith("|"))
    found = [Row(tuple(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]
    return [row for row in found if row.ids]


def weights() -> dict[str, str]:
    """Every id there is, without leading zeros, and its weight ("" where it has none)."""
    lines = (Path(__file__).parent / "ids.txt").read_text().splitlines()
    return {next(iter(ids(line))): line.partition(" ")[2] for line in lines}


def named_tests(found: list[Row]) -> set[str]:
    """The tests that carry a row."""
    return {row.test for row in found if row.carried}


def coverage(found: list[Row], known: dict[str, str], passed: set[str]) -> list[str]:
    """One line a kind: how many ids there are, are shown by tests that passed, are out of scope, and are neither."""
    outside = set().union(*(row.ids for row in found if not row.carried))
    wanted = {name: {row.test for row in found if row.carried and name in row.ids} for name in known}
    shown = {name for name, tests in wanted.items() if tests and tests <= passed}
    lines = []
    for kind, words in KINDS.items():
        own = {name for name in known if name.startswith(kind)}
        rest = own - shown - outside
        lines.append(
            f"{kind} {words}: {len(own)}, shown by tests that passed {len(own & shown)}, "
            f"out of scope {len(own & outside)}, not shown in this run {len(rest)}"
        )
    return lines
