"""The block of numbers: the same whether it is scaled at once or when somebody asks."""

import warnings

import numpy as np
import pytest

from wellfit.data import blocks, numbers
from wellfit.data.tables import TableCodec
from wellfit.native import library
from wellfit.native.scaled_rows import ScaledRows

ROWS, COLUMNS = 300, 4


@pytest.fixture
def X(monkeypatch):
    for module in (blocks, numbers):
        monkeypatch.setattr(module, "CHUNK", 100)
    return np.random.default_rng(0).normal(2, 3, (ROWS, COLUMNS))


def other(X, what):
    X = X[::-1].copy()
    if what == "a value far out":
        X[7, 2] = 1e4
    elif what == "values out of range":
        X[:60, 1] += 50
    elif what == "a gap":
        X[250, 3] = np.nan
    elif what == "a huge value":
        X[250, 3] = -1e160
    return X


@pytest.mark.parametrize(
    ("what", "lazy"),
    [
        ("nothing", True),
        ("a value far out", True),
        ("values out of range", True),
        ("a gap", False),
        ("a huge value", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_block_that_waits_has_the_same_numbers_and_tells_the_same(X, what, lazy, dtype):
    codec, new, said = TableCodec.fit(X, np.ones(ROWS)), other(X, what), []
    for lazily in (True, False):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            said.append((codec.transform(new, dtype, lazily=lazily)["numeric"], [str(one.message) for one in caught]))
    (waiting, first), (block, second) = said
    assert isinstance(waiting, ScaledRows) == (lazy and library.available())
    assert isinstance(block, np.ndarray)
    assert np.array_equal(np.asarray(waiting), block)
    assert first == second
    assert bool(first) == (what != "nothing")


def test_what_is_infinite_is_told_of_with_its_row(X):
    codec, new = TableCodec.fit(X, np.ones(ROWS)), X.copy()
    new[203, 1] = np.inf
    for lazily in (True, False):
        with pytest.raises(ValueError, match="infinity in feature 1 at row 203"):
            codec.transform(new, lazily=lazily)
