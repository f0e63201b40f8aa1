"""The gallery: every picture has its lines, every function of wellfit.plots its picture, and the folder stays small.

That the lines run is shown by tests/test_docs.py.
"""

import re
from typing import Any

import pytest

from tests.helpers.scripts import DOCS, script
from wellfit import plots


@pytest.fixture(scope="module")
def gallery() -> Any:
    return script("make_gallery")


def test_every_function_has_an_entry_and_every_picture_its_lines(gallery):
    page = gallery.PAGE.read_text(encoding="utf-8")
    entries = gallery.entries(page)
    shown = [picture for _, picture in entries if picture]
    assert shown == re.findall(r"\]\((gallery/[^)]+)\)", page)
    drawn = {name for code, picture in entries if picture for name in re.findall(r"plots\.(\w+)\(", code)}
    assert drawn == set(plots.__all__)
    assert all(len(code.splitlines()) <= 3 for code, picture in entries if picture)


def test_the_pictures_are_there_and_small(gallery):
    page = gallery.PAGE.read_text(encoding="utf-8")
    shown = {gallery.PAGE.parent / picture for _, picture in gallery.entries(page) if picture}
    assert shown == set((DOCS / "gallery").iterdir())
    assert sum(path.stat().st_size for path in shown) < 1.5e6
