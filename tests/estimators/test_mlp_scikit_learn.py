"""scikit-learn's own tests of its multi-layer perceptrons, from the installed package, with our pair in their place."""

import importlib.util
import warnings
from pathlib import Path

import pytest
import sklearn.neural_network

THEIRS = "from sklearn.neural_network import MLPClassifier, MLPRegressor"
OURS = "from wellfit import MLPClassifier, MLPRegressor"
SUITE = Path(sklearn.neural_network.__path__[0], "tests", "test_mlp.py")

PRIVATE = {  # they look into private attributes of the optimizer and the gradient
    "test_fit",
    "test_gradient",
    "test_learning_rate_warmstart",
    "test_adaptive_learning_rate",
    "test_n_iter_no_change",
    "test_n_iter_no_change_inf",
}


@pytest.fixture
def global_random_seed():
    """The fixture that scikit-learn's test runner has."""
    return 42


def _suite() -> dict:
    if not SUITE.is_file() or THEIRS not in (text := SUITE.read_text()):
        return {}
    spec = importlib.util.spec_from_loader("scikit_learns_test_mlp", loader=None)
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(text.replace(THEIRS, OURS), str(SUITE), "exec"), module.__dict__)
    # Theirs run without errors for warnings, and they take minutes.
    marks = (pytest.mark.slow, pytest.mark.filterwarnings("default"))
    tests = {name: value for name, value in vars(module).items() if name.startswith("test_") and name not in PRIVATE}
    for test in tests.values():
        for mark in marks:
            mark(test)
    return tests


globals().update(_suite())


@pytest.mark.slow
def test_the_suite_was_found():
    assert sum(name.startswith("test_") for name in globals()) > 30
