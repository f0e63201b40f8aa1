"""The compiled kernels are there where they can be built, and nothing needs them."""

import importlib.metadata
import os
import shutil
import subprocess
import sys

import pytest

from wellfit.native import library


def installed():
    try:
        return bool(importlib.metadata.version("wellfit"))
    except importlib.metadata.PackageNotFoundError:
        return False


@pytest.mark.skipif(shutil.which("c++") is None or not installed(), reason="needs an installation by a C++ compiler")
@pytest.mark.skipif(os.environ.get(library.SWITCH, "1") == "0", reason="turned off")
def test_they_are_built_where_there_is_a_compiler():
    assert library.available(), library.about()


def run(code, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


FIT = """
import numpy as np
from wellfit import MLPClassifier
from wellfit.native import library
rng = np.random.default_rng(0)
X = rng.normal(size=(300, 4)).astype("f")
model = MLPClassifier((8,), max_iter=3, n_iter_no_change=9, batch_size=50, random_state=0)
import warnings
warnings.simplefilter("ignore")
print(library.about())
print(model.fit(X, X[:, 0] > 0).loss_curve_[-1])
"""


def test_they_can_be_turned_off_and_the_numbers_stay():
    with_them, without = run(FIT).splitlines(), run(FIT, WELLFIT_NATIVE="0").splitlines()
    assert without[0] == "no kernels: WELLFIT_NATIVE turns them off"
    assert float(with_them[1]) == pytest.approx(float(without[1]), rel=1e-5)


def test_a_file_that_is_no_library_is_no_failure(tmp_path, monkeypatch):
    broken = tmp_path / "_kernels.so"
    broken.write_bytes(b"not a library")
    monkeypatch.setattr(library, "library_file", lambda: broken)
    monkeypatch.delenv(library.SWITCH, raising=False)
    library._loaded.cache_clear()
    try:
        assert not library.available()
        assert library.about().startswith("no kernels: they could not be loaded")
    finally:
        monkeypatch.undo()
        library._loaded.cache_clear()


def test_nothing_built_is_no_failure(monkeypatch):
    monkeypatch.setattr(library, "library_file", lambda: None)
    monkeypatch.delenv(library.SWITCH, raising=False)
    library._loaded.cache_clear()
    try:
        assert not library.available()
        library.set_helpers(3)
        assert library.set_instructions(1) == 0
        assert "C++ compiler" in library.about()
    finally:
        monkeypatch.undo()
        library._loaded.cache_clear()


@pytest.mark.skipif(not library.available(), reason=library.about())
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore")
def test_a_forked_process_has_no_helpers_and_goes_on():
    code = (
        FIT
        + """
import os, sys
sys.stdout.flush()
child = os.fork()
if child == 0:
    library.set_helpers(1)
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    )
    assert run(code).splitlines()[-1] == "0"
