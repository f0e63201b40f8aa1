"""docs/theory.md keeps what it promises: its symbols and tests exist, and every id that the code cites has a row."""

import ast
import importlib
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "theory.md"
ID = re.compile(r"\b([CNEGT])-(\d{2,3})\b")
SPAN = re.compile(r"\b([CNEGT])-(\d{2,3}) to \1-(\d{2,3})\b")


def ids(text: str) -> set[str]:
    """Every id of a text, those within "C-180 to C-183" too, without leading zeros."""
    spans = ((kind, number) for kind, low, high in SPAN.findall(text) for number in range(int(low), int(high) + 1))
    return {f"{kind}-{int(number)}" for kind, number in [*ID.findall(text), *spans]}


def rows(text: str) -> list[list[str]]:
    """The four cells of every row of the page's tables."""
    cells = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return [row for row in cells if ID.search(row[0])]


def faults(text: str, root: Path, cited: set[str]) -> list[str]:
    """What a page promises and the repository does not hold."""
    found = []
    for row in rows(text):
        if len(row) != 4:
            found.append(f"{row[0]}: {len(row)} cells")
            continue
        module, _, name = row[2].strip("`").rpartition(".")
        try:
            getattr(importlib.import_module(f"wellfit.{module}"), name)
        except (ImportError, AttributeError):
            found.append(f"{row[0]}: no symbol {row[2]}")
        file, _, test = row[3].strip("`").partition("::")
        path = root / "tests" / file
        tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
        if test not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
            found.append(f"{row[0]}: no test {row[3]}")
    explained = ids("\n".join(row[0] for row in rows(text)))
    return found + [f"{name} is cited but has no row" for name in sorted(cited - explained)]


def test_symbols_and_tests_exist_and_every_cited_id_has_a_row():
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    cited = ids("\n".join(path.read_text() for path in files if path != Path(__file__)))
    assert len(rows(PAGE.read_text())) > 40
    assert not (found := faults(PAGE.read_text(), ROOT, cited)), "\n".join(found)


def test_the_test_sees_each_fault():
    good = "| C-01 | x | `functions.links.sigmoid` | `functions/test_links.py::test_softmax` |"
    assert faults(good, ROOT, {"C-1"}) == []
    assert "no symbol" in faults(good.replace("sigmoid", "sigmoyd"), ROOT, set())[0]
    assert "no symbol" in faults(good.replace("links.", "linx."), ROOT, set())[0]
    assert "no test" in faults(good.replace("test_softmax", "test_softmix"), ROOT, set())[0]
    assert "no test" in faults(good.replace("test_links.py", "test_linx.py"), ROOT, set())[0]
    assert faults(good, ROOT, ids("C-001 to C-003")) == ["C-2 is cited but has no row", "C-3 is cited but has no row"]
    assert "5 cells" in faults(good + " more |", ROOT, set())[0]
