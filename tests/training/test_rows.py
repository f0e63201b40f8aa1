"""Rows that train: what is padded, when, and what stays where it is."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from wellfit.training.rows import arrays, padded, shape_of
from wellfit.training.sparse import SparseBlock

N = 200  # their rung is 224


@pytest.fixture
def made():
    rng = np.random.default_rng(0)
    x = {
        "numeric": rng.normal(size=(N, 3)),
        "codes": np.ones((N, 2), np.int32),
        "sparse": csr_matrix(rng.integers(0, 2, (N, 9)).astype(float)),
    }
    split = (np.arange(150, dtype=np.int32), np.arange(150, N, dtype=np.int32))
    return x, arrays(x, rng.normal(size=(N, 1)), np.full(N, 2.0), split, np.float32)


def test_x_stays_where_it_is_until_xla_takes_it(made):
    x, (data, _) = made
    assert data.x["numeric"] is x["numeric"]
    assert isinstance(data.x["sparse"], SparseBlock)
    assert shape_of(data.x) == {"numeric": (3,), "codes": (2,), "sparse": (9,)}


def test_targets_weights_and_row_numbers_are_padded(made):
    _, (data, rows) = made
    assert (data.y.shape, data.w.shape, rows.train.shape, rows.valid.shape) == ((224, 1), (224,), (1, 160), (1, 64))
    assert (data.y.dtype, data.w.dtype) == (np.float32, np.float32)
    assert data.w.sum() == 2 * N
    assert (rows.n_train, rows.n_valid, rows.weight) == (150, 50, 300)


def test_padded_rows_are_those_rows_and_zeros(made):
    x, (data, _) = made
    found = padded(data)
    for name in ("numeric", "codes"):
        np.testing.assert_array_equal(found.x[name][:N], x[name])
        assert found.x[name].shape[0] == 224
        assert not found.x[name][N:].any()
    again = padded(found)
    assert again.x["numeric"] is found.x["numeric"]
