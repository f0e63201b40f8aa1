"""Public names imported when they are first asked for."""

import gc
import importlib
import subprocess
import sys
import weakref

import pytest

import wellfit
from wellfit.core import lazy

PACKAGES = ["wellfit", "wellfit.layers", "wellfit.networks", "wellfit.optimizers", "wellfit.plots"]


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_there_and_listed(name):
    package = importlib.import_module(name)
    assert set(package.__all__) <= set(dir(package))
    assert set(package._HOMES) | {"__version__"} >= set(package.__all__) >= set(package._HOMES)
    for public, home in package._HOMES.items():
        assert getattr(package, public) is getattr(importlib.import_module(home), public)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'wellfit' has no attribute 'Neural'"):
        wellfit.Neural
    assert not hasattr(wellfit, "optax")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that tells whether garbage was collected while it was imported, and a way to ask for its name."""
    (tmp_path / "asked_for.py").write_text("import gc\ncollecting = gc.isenabled()\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield lazy.exports("wellfit", {"collecting": "asked_for"})[0]
    sys.modules.pop("asked_for", None)


def test_no_garbage_is_looked_for_while_a_module_is_imported(module):
    assert gc.isenabled()
    assert module("collecting") is False
    assert gc.isenabled()


def test_what_the_user_chose_stays(module):
    gc.disable()
    try:
        assert module("collecting") is False
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_an_import_that_fails_leaves_collecting_on():
    with pytest.raises(ModuleNotFoundError):
        lazy.exports("wellfit", {"name": "no_such_module"})[0]("name")
    assert gc.isenabled()


def test_frozen_objects_stay_frozen_and_garbage_does_not():
    class Ring:
        pass

    with lazy.without_collecting():
        ring = Ring()
        ring.self = ring
        weak = weakref.ref(ring)
        del ring
    gc.collect()
    assert weak() is None
    gc.freeze()
    try:
        with lazy.without_collecting():
            pass
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_what_the_user_makes_is_collected_and_finalised():
    code = """
import gc
from wellfit.core import lazy
lazy.exports('wellfit', {'rgb_to_hls': 'colorsys'})[0]('rgb_to_hls')
class Ring:
    def __init__(self, name): self.me, self.name = self, name
    def __del__(self): print(self.name)
Ring("garbage")
gc.collect()
print("end")
kept = Ring("kept")
"""
    assert run(code).split() == ["garbage", "end", "kept"]


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
