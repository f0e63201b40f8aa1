"""What a fit takes from the machine and gives back: memory at its peak, and after a thousand fits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from wellfit import NeuralClassifier
from wellfit.native import library
from wellfit.training.memory import estimate
from wellfit.training.rows import arrays, padded, shape_of
from wellfit.training.rungs import rung

ROOT = Path(__file__).parents[2]

A_THOUSAND_FITS = """
import gc, json, os, resource, threading
import numpy as np
from wellfit import NeuralClassifier, NeuralRegressor

rng = np.random.default_rng(0)
X = rng.normal(size=(120, 4))
models = [
    NeuralClassifier(hidden=(4,), max_epochs=2, n_members=2, calibrate=False),
    NeuralRegressor(hidden=(4,), max_epochs=2, n_members=1),
    NeuralClassifier(hidden=(4,), max_epochs=2, n_members=2, bootstrap=True),
]

def some(count):
    for turn in range(count):
        model = models[turn % 3]
        model.set_params(random_state=turn).fit(X, (X[:, 0] > 0).astype(int)).predict(X[:5])

def now():
    gc.collect()
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    held = pages * resource.getpagesize() / 2**20
    return {"MB": held, "files": len(os.listdir("/proc/self/fd")), "threads": threading.active_count()}

import warnings
warnings.simplefilter("ignore")
some(60)
before = now()
some(1000)
print(json.dumps([before, now()]))
"""


def run(*command):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc, which is not here")
def test_a_thousand_fits_leak_nothing():
    before, after = run("-c", A_THOUSAND_FITS)
    assert after["MB"] - before["MB"] < 50
    assert after["files"] <= before["files"]
    assert after["threads"] <= before["threads"]


@pytest.mark.slow
def test_a_fit_needs_at_most_twice_the_data_and_200_MB():
    rows, columns = 200_000, 50
    found = run("-m", "benchmarks.memory", "--one", str(rows), str(columns))
    parameters = 4e-6 * (columns * 16 + 16 + 16 + 1)
    assert found["data"] == pytest.approx(4e-6 * rows * (columns + 1))
    assert found["fit"] - found["imports"] < 2 * found["data"] + parameters + 200
    assert found["R2"] > 0.9


def test_a_table_is_encoded_into_the_memory_that_goes_to_the_device():
    X = np.random.default_rng(0).normal(size=(1000, 6))
    model = NeuralClassifier(hidden=(4,), max_epochs=1)
    task = model._prepare(X, X[:, 0] > 0, None, None, None, None)
    data, _ = arrays(task.whole, task.encoded, task.w, task.split, model._dtype)
    block = padded(data).x["numeric"]
    assert len(block) == rung(1000) > 1000
    assert np.shares_memory(padded(data).x["numeric"], block)  # encoded once
    assert np.shares_memory(np.asarray(task.x["numeric"]), block)
    assert not block[1000:].any()
    assert block.ctypes.data % 64 == 0


@pytest.mark.skipif(not library.available(), reason=library.about())
@pytest.mark.parametrize(("epochs", "copied"), [(5, False), (6, True)])
def test_rows_that_are_scaled_as_they_are_gathered_count_for_no_memory(epochs, copied):
    X = np.random.default_rng(0).normal(size=(5000, 40)).astype(np.float32)
    model = NeuralClassifier(hidden=(4,), max_epochs=epochs, n_members=1)
    task = model._prepare(X, X[:, 0] > 0, None, None, None, None)
    data, _ = arrays(task.whole, task.encoded, task.w, task.split, model._dtype)
    found = estimate(task.plan, data, shape_of(task.x), 1, validate=task.validate, dtype=model._dtype)["data"]
    assert (found >= X.nbytes) == copied
