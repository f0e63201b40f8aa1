"""What the documentation shows is run: examples in docstrings, Python blocks of README.md and docs/."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import wellfit

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LONG = {"errata.md", "gallery.md", "searching.md", "regularisation.md", "calibration.md"}
MODULES = sorted(
    info.name for info in pkgutil.walk_packages(wellfit.__path__, "wellfit.") if not info.name.endswith("__main__")
)


def blocks(text: str) -> list[str]:
    """The Python blocks of a page, but for those marked no-run."""
    return [code for mark, code in re.findall(r"^```python(.*?)\n(.*?)^```", text, re.S | re.M) if "no-run" not in mark]


def run_page(text: str) -> None:
    """Run a page's blocks one after another in one namespace."""
    names: dict = {}
    for number, code in enumerate(blocks(text)):
        if ">>>" in code:
            test = doctest.DocTestParser().get_doctest(code, names, f"block {number}", None, 0)
            runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
            assert runner.run(test, clear_globs=False).failed == 0, f"block {number} shows another result"
            names = test.globs
        else:
            exec(compile(code, f"block {number}", "exec"), names)


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.failed == 0


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[pytest.mark.slow] * (page.name in LONG), id=page.name) for page in PAGES]
)
def test_pages(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(page.read_text())


def test_the_runner_sees_a_wrong_result_and_a_broken_block():
    run_page("```python\n>>> 1 + 1\n2\n```\n```python no-run\nraise SystemError\n```\n")
    with pytest.raises(AssertionError):
        run_page("```python\n>>> 1 + 1\n3\n```\n")
    with pytest.raises(ZeroDivisionError):
        run_page("```python\n1 / 0\n```\n")
