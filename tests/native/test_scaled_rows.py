"""Rows that are scaled when somebody asks for them: what is asked for is what the scaler makes."""

import numpy as np
import pytest

from wellfit import MLPClassifier, NeuralClassifier
from wellfit.data.scaling import Scaler
from wellfit.data.tables import TableCodec
from wellfit.native import library
from wellfit.native.scaled_rows import ScaledRows

pytestmark = pytest.mark.skipif(not library.available(), reason=library.about())


def block(X, dtype=np.float32, room=0):
    return TableCodec.fit(X, np.ones(len(X))).transform(X, dtype, own=True, room=room, lazily=True)["numeric"]


@pytest.mark.parametrize("given", [np.float32, np.float64])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "index",
    [
        slice(None), slice(3, 90, 4), np.array([5, 2, 2, 99]), np.arange(100) % 3 == 0, [0],
        (slice(0, 7), np.array([4, 1])), (np.array([3, 1]), slice(2, 4)), np.zeros(0, int),
    ],
)  # fmt: skip
def test_rows_and_columns_are_the_scalers(index, dtype, given):
    X = np.random.default_rng(0).normal(3, 5, (100, 6)).astype(given)
    rows, wanted = block(X, dtype), Scaler.fit(X, np.ones(100)).transform(X, dtype)
    assert isinstance(rows, ScaledRows)
    assert rows[index].dtype == dtype
    assert np.array_equal(rows[index], wanted[index])


def test_it_looks_like_an_array():
    X = np.random.default_rng(0).normal(size=(50, 3))
    rows = block(X)
    whole = np.asarray(rows)
    assert (rows.shape, rows.size, rows.ndim, len(rows), rows.dtype) == ((50, 3), 150, 2, 50, np.float32)
    assert np.array_equal(whole, rows[:])
    assert np.asarray(rows, np.float64).dtype == np.float64
    assert np.shares_memory(whole, np.asarray(rows))  # made once


def test_the_whole_has_room():
    rows = block(np.random.default_rng(0).normal(size=(50, 3)), room=64)
    assert rows.whole.shape == (64, 3)
    assert np.array_equal(rows.whole[:50], rows[:])
    assert not rows.whole[50:].any()
    assert rows.whole.ctypes.data % 64 == 0


@pytest.mark.parametrize("what", ["a gap", "whole numbers", "another byte order", "something huge"])
def test_rows_that_need_more_are_an_array(what):
    X = np.random.default_rng(0).normal(size=(50, 3))
    if what == "a gap":
        X[3, 1] = np.nan
    elif what == "something huge":
        X[3, 1] = 1e200
    elif what == "whole numbers":
        X = (10 * X).astype(int)
    else:
        X = X.astype(">f8")
    assert isinstance(block(X), np.ndarray)


@pytest.mark.parametrize(
    "view", [np.asfortranarray, lambda X: np.c_[X, X][:, :6], lambda X: np.repeat(X, 2, 0)[::2], lambda X: X[:, ::-1]]
)
def test_rows_that_do_not_follow_each_other_give_the_same_network_and_predictions(view):
    X = np.random.default_rng(0).normal(size=(500, 6)).astype(np.float32)
    rows = view(X)
    plain, y = np.ascontiguousarray(rows), X[:, 0] > 0
    model, other = (NeuralClassifier(hidden=(8,), max_epochs=3, random_state=0).fit(own, y) for own in (rows, plain))
    assert isinstance(block(rows), ScaledRows)
    assert np.array_equal(block(rows).part(slice(7, 90))[:], block(plain)[7:90])
    assert np.array_equal(model.predict_proba(rows), other.predict_proba(plain))
    many = np.tile(plain, (30, 1))  # more than are looked through at once
    classic = MLPClassifier((8,), solver="sgd", tol=1e3, n_iter_no_change=1, random_state=0).fit(plain, y)
    for fitted in (model, classic):
        assert np.array_equal(fitted.predict_proba(np.asfortranarray(many)), fitted.predict_proba(many))
