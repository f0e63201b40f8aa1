"""docs/theory.md keeps what it promises: every id there is has a row, and its symbols and tests exist."""

import ast
import functools
import importlib
from pathlib import Path

from tests.theory.table import PAGE, ROOT, coverage, ids, rows, weights

CENTRAL = ("C", "D")
MAY_BE_OUTSIDE = {"C-15", "C-16", "C-20", "C-25", "C-37", "C-285", "C-288", "C-308"}
"""Of central and described capabilities only these: convolution, recurrence, adversarial networks."""


@functools.cache
def functions(path: Path) -> set[str]:
    """The functions of a test file."""
    tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def exists(symbol: str) -> bool:
    """Whether wellfit.``symbol`` is there: a member of a module, or of a class of one."""
    parts = symbol.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(["wellfit", *parts[:cut]]))
            for name in parts[cut:]:
                found = getattr(found, name)
        except (ImportError, AttributeError):
            continue
        return True
    return False


def faults(text: str, root: Path, cited: set[str]) -> list[str]:
    """What a page promises and the repository does not hold."""
    found = []
    for row in rows(text):
        if len(row.cells) not in (3, 4):
            found.append(f"{row.cells[0]}: {len(row.cells)} cells")
        if not row.carried:
            continue
        if not exists(row.symbol):
            found.append(f"{row.cells[0]}: no symbol {row.symbol}")
        file, _, test = row.test.partition("::")
        if test not in functions(root / "tests" / file):
            found.append(f"{row.cells[0]}: no test {row.test}")
    explained = set().union(*(row.ids for row in rows(text)))
    return found + [f"{name} is cited but has no row" for name in sorted(cited - explained)]


def gaps(text: str, known: dict[str, str], may_be_outside: set[str]) -> list[str]:
    """The ids without a row, the rows without an id, and what is out of scope and may not be."""
    carried, outside = (
        set().union(*(row.ids for row in rows(text) if row.carried == which)) for which in (True, False)
    )
    central = {name for name in outside if known.get(name) in CENTRAL and name[0] == "C"}
    return [
        *(f"{name} has no row" for name in known if name not in carried | outside),
        *(f"{name} has a row but is not in ids.txt" for name in sorted((carried | outside) - set(known))),
        *(f"{name} is carried and out of scope" for name in sorted(carried & outside)),
        *(f"{name} is central and may not be out of scope" for name in sorted(central - may_be_outside)),
    ]


def test_symbols_and_tests_exist_and_every_cited_id_has_a_row():
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    cited = ids("\n".join(path.read_text() for path in files if path != Path(__file__)))
    assert not (found := faults(PAGE.read_text(), ROOT, cited)), "\n".join(found)


def test_every_id_has_a_row():
    known = weights()
    counts = {kind: sum(name[0] == kind for name in known) for kind in "CNEGT"}
    assert counts == {"C": 284, "N": 75, "E": 105, "G": 47, "T": 10}
    assert not (found := gaps(PAGE.read_text(), known, MAY_BE_OUTSIDE)), "\n".join(found)


def test_the_tests_see_each_fault():
    good = "| C-01 | x | `functions.links.sigmoid` | `functions/test_links.py::test_softmax` |"
    assert faults(good, ROOT, {"C-1"}) == []
    assert faults(good.replace("links.sigmoid", "schedules.Cosine.at"), ROOT, set()) == []
    assert "no symbol" in faults(good.replace("sigmoid", "sigmoyd"), ROOT, set())[0]
    assert "no symbol" in faults(good.replace("links.", "linx."), ROOT, set())[0]
    assert "no test" in faults(good.replace("test_softmax", "test_softmix"), ROOT, set())[0]
    assert "no test" in faults(good.replace("test_links.py", "test_linx.py"), ROOT, set())[0]
    assert faults(good, ROOT, ids("C-001 to C-003")) == ["C-2 is cited but has no row", "C-3 is cited but has no row"]
    assert "5 cells" in faults(good + " more |", ROOT, set())[0]
    outside = "| C-02, E-03 | x | not here |"
    known = {"C-1": "C", "C-2": "C", "E-3": "H"}
    assert gaps(good + "\n" + outside, known, {"C-2"}) == []
    assert gaps(good + "\n" + outside, known, set()) == ["C-2 is central and may not be out of scope"]
    assert gaps(good, known, set()) == ["C-2 has no row", "E-3 has no row"]
    assert gaps(good, {}, set()) == ["C-1 has a row but is not in ids.txt"]
    assert gaps(good + "\n" + outside.replace("C-02", "C-01"), known, {"C-1"}) == [
        "C-2 has no row",
        "C-1 is carried and out of scope",
    ]


def test_a_row_is_shown_when_all_its_tests_passed():
    page = rows("| C-01 | x | `a.b` | `t.py::one` |\n| C-01, N-02 | x | `a.b` | `t.py::two` |\n| C-03 | x | not here |")
    known = {"C-1": "C", "C-3": "P", "N-2": ""}
    said = coverage(page, known, {"t.py::two"})
    assert said[0] == "C capabilities: 2, shown by tests that passed 0, out of scope 1, not shown in this run 1"
    assert said[1] == "N numbers: 1, shown by tests that passed 1, out of scope 0, not shown in this run 0"
