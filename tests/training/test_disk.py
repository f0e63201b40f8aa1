"""Programs on disk: found again, never believed when damaged, never kept when they hold a user's own parts."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers import tiny
from wellfit.training import disk, programs
from wellfit.training.loop import train
from wellfit.training.rungs import pad_rows, rung

FIT = """
import numpy as np
from wellfit import NeuralRegressor
from wellfit.training.programs import compilations
X = np.arange(120.0).reshape(-1, 2)
model = NeuralRegressor(hidden=(3,), max_epochs=2, random_state=0).fit(X, X[:, 0])
print(compilations(), repr(model.predict(X[:2]).tolist()))
"""


def fit_in_a_fresh_process(folder) -> tuple[int, str, str]:
    environment = {**os.environ, "WELLFIT_CACHE": str(folder), "WELLFIT_NATIVE": "0"}  # kernels compile nothing
    done = subprocess.run([sys.executable, "-c", FIT], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    count, answer = done.stdout.split(" ", 1)
    return int(count), answer, done.stderr


def test_a_fresh_process_finds_the_programs_and_damage_only_means_compiling(tmp_path):
    first, answer, _ = fit_in_a_fresh_process(tmp_path)
    assert first == 2  # training and prediction
    again, same, noise = fit_in_a_fresh_process(tmp_path)
    assert (again, same) == (0, answer)
    assert not noise
    files = sorted((tmp_path / "programs").glob("*.program"))
    assert len(files) == 2
    files[0].write_bytes(files[0].read_bytes()[:-100])
    content = bytearray(files[1].read_bytes())
    content[len(content) // 2] ^= 1
    files[1].write_bytes(content)
    repaired, same, _ = fit_in_a_fresh_process(tmp_path)
    assert (repaired, same) == (2, answer)


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_folder_that_others_may_write_to_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("WELLFIT_CACHE", str(tmp_path))
    place = tmp_path / "programs"
    place.mkdir()
    place.chmod(0o777)
    disk.store("key", None)
    assert not list(place.iterdir())
    assert disk.load("key", 1, 1) is None


def test_a_users_own_family_is_never_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("WELLFIT_CACHE", str(tmp_path))
    programs.forget()
    x, y = tiny.table(50)
    data, rows = tiny.arrays(x, y)
    plan = tiny.plan(hidden=3)
    train(plan, data, rows, tiny.states(plan))
    assert not (tmp_path / "programs").exists()


def test_rungs_hold_and_waste_little():
    sizes = [rung(n) for n in range(1, 5000)]
    assert all(size >= n for n, size in enumerate(sizes, start=1))
    assert all(size <= 1.26 * n for n, size in enumerate(sizes, start=1) if n > 128)
    assert len(set(sizes)) < 30
    np.testing.assert_array_equal(pad_rows(np.ones((2, 3)), 4), [[1] * 3] * 2 + [[0] * 3] * 2)
