"""Weighted statistics: an integer weight equals repeated rows; numbers against numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wellfit.core import weighted

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
    found = weighted.quantile(x, w.astype(float), q)
    assert ((np.minimum(expected, near.min(0)) <= found) & (found <= np.maximum(expected, near.max(0)))).all()
    assert np.array_equal(found, weighted.quantile(repeated, np.ones(len(repeated)), q))


@quick
@given(tables(), st.sampled_from([1e-6, 0.1, 3.0, 1e7]))
def test_a_common_factor_of_the_weights_changes_no_quantile(table, factor):
    x, w = table
    for q in (0.25, 0.5, 0.75):
        assert np.array_equal(weighted.quantile(x, w * factor, q), weighted.quantile(x, w.astype(float), q))


@quick
@given(tables())
def test_mean_and_deviation_are_those_of_repeated_rows(table):
    x, w = table
    repeated = np.repeat(x, w, axis=0)
    size = 1e-12 * np.abs(x).max()
    np.testing.assert_allclose(weighted.mean(x, w.astype(float)), repeated.mean(0), rtol=1e-12, atol=size)
    np.testing.assert_allclose(weighted.std(x, w.astype(float)), repeated.std(0), rtol=1e-9, atol=size)


@pytest.mark.parametrize("scale", [1e300, 1e-300, 1.0])
def test_the_largest_and_smallest_numbers_neither_overflow_nor_vanish(scale):
    x = scale * np.array([[1.0], [2.0], [3.0], [4.0]])
    w = np.array([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_allclose(weighted.mean(x, w) / scale, 3.0, rtol=1e-12)
    np.testing.assert_allclose(weighted.std(x, w) / scale, 1.0, rtol=1e-12)


def test_missing_values_and_weightless_rows_do_not_count():
    x = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, np.nan], [99.0, np.nan]])
    found = weighted.quantile(x, np.array([1.0, 1.0, 1.0, 0.0]), 0.5)
    assert found[0] == 2.0
    assert np.isnan(found[1])


def test_quantile_is_a_minimum_of_the_pinball_loss_and_the_median_numpys():
    y = np.random.default_rng(3).normal(size=(31, 2))
    np.testing.assert_allclose(weighted.quantile(y, np.ones(31), 0.5), np.median(y, axis=0))
    np.testing.assert_allclose(weighted.quantile(y[:30], np.ones(30), 0.5), np.median(y[:30], axis=0))
    theirs = np.quantile(y, 0.3, axis=0, weights=np.ones((31, 2)), method="inverted_cdf")
    np.testing.assert_allclose(weighted.quantile(y, np.ones(31), 0.3), theirs)


def test_fractional_weights_do_not_break_ties():
    # 0.1 + 0.1 + 0.1 is not 0.3 in binary: three tenths of the weight must still lie below 4.
    y = np.arange(1.0, 11.0)[:, None]
    assert weighted.quantile(y, np.full(10, 0.1), 0.3) == [3.5]


def test_statistics_of_float32_are_float64():
    x = np.full(3_000_000, 0.1, np.float32)
    assert weighted.mean(x, np.ones(len(x), np.float32)) == pytest.approx(np.float64(np.float32(0.1)), rel=1e-12)
