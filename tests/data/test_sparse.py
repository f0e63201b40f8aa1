"""Sparse matrices: zeros stay zeros, entries are scaled, and every format gives the same."""

import numpy as np
import pytest
import scipy.sparse as sp

from wellfit.core.errors import WellfitWarning
from wellfit.data.sparse import SparseCodec
from wellfit.data.tables import TableCodec, rows_of, take_rows

rng = np.random.default_rng(0)
DENSE = np.where(rng.random((40, 6)) < 0.2, rng.exponential(5, (40, 6)), 0.0)
DENSE[:, 3] = 0
DENSE[:, 4] = DENSE[:, 4] > 0
ONES = np.ones(40)


@pytest.mark.parametrize("make", [sp.csr_matrix, sp.csc_array, sp.coo_array, sp.csr_array, sp.lil_matrix])
def test_every_format_gives_the_same_and_zeros_stay(make):
    X = make(DENSE)
    codec = TableCodec.fit(X, ONES)
    assert isinstance(codec, SparseCodec)
    found = codec.transform(X)
    block = found["numeric"]
    assert (block.format, block.dtype, block.shape) == ("csr", np.float32, (40, 6))
    assert found["codes"].shape == (40, 0)
    reference = TableCodec.fit(sp.csr_matrix(DENSE), ONES).transform(DENSE)["numeric"].toarray()
    assert np.array_equal(block.toarray(), reference)
    assert not block.toarray()[DENSE == 0].any()
    assert np.array_equal(X.toarray(), DENSE)


def test_entries_are_divided_by_their_root_mean_square_and_bent():
    X = sp.csr_array(DENSE)
    found = TableCodec.fit(X, ONES).transform(X, np.float64)["numeric"].toarray()
    entries = DENSE[:, 0][DENSE[:, 0] > 0]
    u = entries / np.sqrt(np.mean(entries**2))
    np.testing.assert_allclose(found[:, 0][DENSE[:, 0] > 0], u / np.sqrt(1 + (u / 3) ** 2), rtol=1e-12)
    np.testing.assert_allclose(found[:, 4][DENSE[:, 4] > 0], 1 / np.sqrt(1 + 1 / 9), rtol=1e-12)


def test_integer_weights_are_repeated_rows():
    w = rng.integers(1, 4, 40)
    one = SparseCodec.fit(sp.csr_array(DENSE), w.astype(float))
    two = SparseCodec.fit(sp.csr_array(np.repeat(DENSE, w, axis=0)), np.ones(w.sum()))
    np.testing.assert_allclose(one.factor, two.factor, rtol=1e-12)


def test_its_state_its_contract_and_its_reasons():
    codec = SparseCodec.fit(sp.csr_array(DENSE), ONES)
    again = TableCodec.from_state(codec.to_state())
    assert (again.transform(DENSE)["numeric"] != codec.transform(DENSE)["numeric"]).nnz == 0
    assert "Constant columns carry nothing and were silenced: x3." in codec.reasons
    assert codec.contract["x3"].use == "left out: constant"
    assert codec.contract["x0"].high == DENSE[:, 0].max()
    assert (codec.width, codec.cardinalities, codec.names) == (6, (), None)


def test_duplicate_entries_add_up_and_the_users_matrix_stays():
    X = sp.csr_array((np.array([1.0, 2.0, 4.0]), np.array([0, 0, 1]), np.array([0, 2, 3])), shape=(2, 2))
    before = X.data.copy()
    SparseCodec.fit(X, np.ones(2)).transform(X)
    assert np.array_equal(X.data, before)
    codec = SparseCodec.fit(X, np.ones(2))
    assert codec.high.tolist() == [3, 4]
    np.testing.assert_allclose(codec.factor, [1 / 3, 1 / 4])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_gaps_and_infinity_are_refused_with_their_place(value):
    X = DENSE.copy()
    X[7, 2] = value
    with pytest.raises(ValueError, match="in feature 2 at row 7"):
        SparseCodec.fit(sp.csr_array(X), ONES)


def test_another_width_or_a_frame_is_refused_and_far_entries_are_told():
    codec = SparseCodec.fit(sp.csr_array(DENSE), ONES)
    with pytest.raises(ValueError, match=r"shape \(n, 6\) as in fit, got \(40, 5\)"):
        codec.transform(sp.csr_array(DENSE[:, :5]))
    with pytest.warns(WellfitWarning, match=r"far out of the range of the fit: x0"):
        codec.transform(sp.csr_array(DENSE * 100))


def test_a_codec_of_arrays_takes_a_sparse_matrix():
    codec = TableCodec.fit(DENSE, ONES)
    assert np.array_equal(codec.transform(sp.coo_array(DENSE))["numeric"], codec.transform(DENSE)["numeric"])


def test_rows_are_counted_and_taken():
    X = sp.csc_array(DENSE)
    assert rows_of(X) == 40
    assert np.array_equal(take_rows(sp.csr_array(X), np.array([3, 1])).toarray(), DENSE[[3, 1]])
