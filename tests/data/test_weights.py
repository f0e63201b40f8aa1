"""Weights are frequencies: an integer weight equals repeated rows."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wellfit.data.weights import check_weights, weighted_mean, weighted_quantile, weighted_std

quick = settings(max_examples=60, deadline=None, derandomize=True)
ROWS = st.integers(1, 12)


@st.composite
def tables(draw):
    """Values (n, 2), weights 0 to 4 that are not all zero."""
    n = draw(ROWS)
    x = draw(arrays(np.float64, (n, 2), elements=st.floats(-1e6, 1e6, width=32)))
    w = draw(arrays(np.int64, n, elements=st.integers(0, 4)))
    w[draw(st.integers(0, n - 1))] += 1
    return x, w


@quick
@given(tables(), st.floats(0, 1))
def test_a_weighted_quantile_is_that_of_repeated_rows(table, q):
    x, w = table
    repeated = np.repeat(x, w, axis=0)
    expected = np.quantile(repeated, q, axis=0, method="averaged_inverted_cdf")
    near = np.quantile(repeated, [max(q - 1e-9, 0), min(q + 1e-9, 1)], axis=0, method="averaged_inverted_cdf")
    found = weighted_quantile(x, w.astype(float), q)
    assert ((np.minimum(expected, near.min(0)) <= found) & (found <= np.maximum(expected, near.max(0)))).all()
    assert np.array_equal(found, weighted_quantile(repeated, np.ones(len(repeated)), q))


@quick
@given(tables(), st.sampled_from([1e-6, 0.1, 3.0, 1e7]))
def test_a_common_factor_of_the_weights_changes_no_quantile(table, factor):
    x, w = table
    for q in (0.25, 0.5, 0.75):
        assert np.array_equal(weighted_quantile(x, w * factor, q), weighted_quantile(x, w.astype(float), q))


@quick
@given(tables())
def test_mean_and_deviation_are_those_of_repeated_rows(table):
    x, w = table
    repeated = np.repeat(x, w, axis=0)
    size = 1e-12 * np.abs(x).max()
    np.testing.assert_allclose(weighted_mean(x, w.astype(float)), repeated.mean(0), rtol=1e-12, atol=size)
    np.testing.assert_allclose(weighted_std(x, w.astype(float)), repeated.std(0), rtol=1e-9, atol=size)


@pytest.mark.parametrize("scale", [1e300, 1e-300, 1.0])
def test_the_largest_and_smallest_numbers_neither_overflow_nor_vanish(scale):
    x = scale * np.array([[1.0], [2.0], [3.0], [4.0]])
    w = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(weighted_mean(x, w) / scale, 3.0, rtol=1e-12)
    np.testing.assert_allclose(weighted_std(x, w) / scale, 1.0, rtol=1e-12)


def test_missing_values_and_weightless_rows_do_not_count():
    x = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan], [99.0, np.nan]])
    found = weighted_quantile(x, np.array([1.0, 1.0, 1.0, 0.0]), 0.5)
    assert found[0] == 2.0
    assert np.isnan(found[1])


def test_no_weights_are_ones_and_a_number_is_for_every_row():
    assert check_weights(None, 3).tolist() == [1, 1, 1]
    assert check_weights(2, 3).tolist() == [2, 2, 2]
    assert check_weights([1, 0, 2], 3).dtype == np.float64


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (["a", "b", "c"], "must hold numbers"),
        ([1.0, 2.0], r"shape \(3,\).*got \(2,\)"),
        ([[1.0], [2.0], [3.0]], r"shape \(3,\)"),
        ([1.0, np.nan, 1.0], "nan at row 1"),
        ([1.0, 1.0, np.inf], "inf at row 2"),
        ([1.0, -0.5, 1.0], r"negative \(-0.5\) at row 1"),
        ([0.0, 0.0, 0.0], "zero for every row"),
    ],
)
def test_what_cannot_be_a_frequency_is_refused(weights, words):
    with pytest.raises(ValueError, match=words):
        check_weights(weights, 3)
