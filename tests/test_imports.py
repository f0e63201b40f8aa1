"""What importing may not do: bring optional extras, start a JAX backend, or make --help slow."""

import subprocess
import sys

import pytest

from wellfit.native import library

EXTRAS = ("typer", "rich", "pandas", "pyarrow", "matplotlib", "polars", "onnx", "torch")


BLOCK = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {EXTRAS}:
            raise ImportError(name)
sys.meta_path.insert(0, Blocked())
"""


def run(code: str) -> str:
    """Run code in a fresh interpreter; its output."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_estimators_brings_no_extra_and_starts_no_backend():
    code = f"""{BLOCK}
from wellfit import NeuralClassifier, NeuralRegressor, load
from jax._src import xla_bridge
print(sorted(xla_bridge._backends))
"""
    assert run(code).strip() == "[]"


def test_fitting_needs_no_extra():
    code = f"""{BLOCK}
import numpy as np
from wellfit import NeuralRegressor
X = np.arange(20.0)[:, None]
model = NeuralRegressor(max_epochs=2, random_state=0).fit(X, X[:, 0])
print(model.predict(X).shape)
"""
    assert run(code).strip() == "(20,)"


@pytest.mark.skipif(not library.available(), reason=library.about())
def test_a_default_fit_by_the_kernel_needs_no_optax():
    code = """
import sys
import numpy as np
from wellfit import NeuralRegressor
X = np.arange(120.0)[:, None]
NeuralRegressor(max_epochs=2, random_state=0).fit(X, X[:, 0]).predict(X)
print("optax" in sys.modules)
"""
    assert run(code).strip() == "False"


def test_help_needs_neither_jax_nor_scikit_learn():
    code = """
import sys
from wellfit.cli.main import main
assert main(["--help"]) == 0
assert main(["fit", "--help"]) == 0
bad = [name for name in ("jax", "sklearn", "numpy", "pandas") if name in sys.modules]
print("loaded:", bad)
"""
    assert run(code).strip().endswith("loaded: []")


def test_a_missing_extra_is_one_sentence():
    code = """
import sys
sys.modules["typer"] = None
try:
    import wellfit.cli.main
except ImportError as error:
    print(error)
"""
    assert "pip install 'wellfit[cli]'" in run(code)
