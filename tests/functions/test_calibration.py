"""Formulas of calibration against scipy, scikit-learn and the definitions."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from wellfit.functions.calibration import (
    conformal_quantile,
    mean_and_error,
    negative_log_likelihood,
    recalibrated,
    with_complement,
)
from wellfit.functions.metrics import calibration_error

quick = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def repeated(weights, *arrays):
    """Arrays with each row as often as its weight says."""
    return [np.repeat(array, weights, axis=0) for array in arrays]


def test_recalibrated_is_a_power_of_the_probabilities(rng):
    p = rng.dirichlet(np.ones(4), 20)
    found = np.exp(recalibrated(np.log(p), 0.4, np.arange(4.0)))
    expected = p**0.4 * np.exp(np.arange(4.0))
    np.testing.assert_allclose(found, expected / expected.sum(axis=1, keepdims=True), rtol=1e-12)


def test_complements_are_exact_where_probabilities_are_tiny_or_nearly_one():
    log_p = np.array([[-1e-300], [-1e-12], [-0.5], [-800.0]])
    found = with_complement(log_p)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[1:, 0, 0], [np.log(1e-12), np.log(-np.expm1(-0.5)), -0.0], rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(scipy.special.logsumexp(found, axis=-1), 0, atol=1e-12)


def test_negative_log_likelihood_is_scikit_learns_log_loss(rng):
    p, y, w = rng.dirichlet(np.ones(3), 30), rng.integers(0, 3, 30), rng.random(30)
    found = np.average(negative_log_likelihood(np.log(p), y), weights=w)
    assert found == pytest.approx(log_loss(y, p, sample_weight=w, labels=[0, 1, 2]))


def test_standard_error_is_scipys_and_weights_are_repeated_rows(rng):
    x, w = rng.normal(size=12), rng.integers(1, 4, 12)
    mean, error = mean_and_error(x, w.astype(float))
    (rows,) = repeated(w, x)
    assert mean == pytest.approx(rows.mean())
    assert error == pytest.approx(scipy.stats.sem(rows, ddof=0))


# -- conformal quantile


@quick
@given(st.integers(1, 60), st.floats(0.02, 0.98), st.integers(0, 5))
def test_conformal_quantile_is_the_order_statistic_of_the_formula(n, level, seed):
    scores = np.sort(np.random.default_rng(seed).random(n))
    rank = int(np.ceil((n + 1) * level * (1 - 1e-9)))
    expected = scores[rank - 1] if rank <= n else np.inf
    assert conformal_quantile(scores, np.ones(n), level) == expected


@quick
@given(st.lists(st.integers(1, 5), min_size=1, max_size=20), st.floats(0.02, 0.98))
def test_conformal_weights_are_repeated_rows(weights, level):
    scores = np.arange(len(weights), dtype=float)
    (rows,) = repeated(weights, scores)
    found = conformal_quantile(scores, np.array(weights, float), level)
    assert found == conformal_quantile(rows, np.ones(len(rows)), level)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95])
def test_a_new_score_lies_below_it_with_the_probability_of_the_rank(rng, level):
    # Vovk et al. 2005: of n + 1 exchangeable scores the last has any rank with the same probability.
    n, trials = 37, 4000
    scores = np.sort(rng.gumbel(size=(trials, n)), axis=1)
    below = np.mean(
        [new <= conformal_quantile(own, np.ones(n), level) for own, new in zip(scores, rng.gumbel(size=trials))]
    )
    exact = np.ceil((n + 1) * level) / (n + 1)
    error = np.sqrt(exact * (1 - exact) / trials)
    assert exact >= level
    assert abs(below - exact) < 3 * error
    assert below > level - 2 * error


# -- expected calibration error


def test_calibration_error_of_two_bins_by_hand():
    p = np.array([0.1, 0.3, 0.6, 0.8])
    y = np.array([0, 1, 1, 1])
    # bins {0.1, 0.3} and {0.6, 0.8}: |0.5 - 0.2| and |1 - 0.7|, half of the weight each
    assert calibration_error(p, y, np.ones(4), bins=2) == pytest.approx(0.3)


def test_a_row_on_a_border_is_divided():
    # three rows in two bins: the second row is half in each; |0 - (0.2 + 0.2)/1.5| and |1.5 - (0.2 + 0.9)| / 1.5 ...
    p, y = np.array([0.2, 0.4, 0.9]), np.array([0, 1, 1])
    first = abs((0 - 0.2) + 0.5 * (1 - 0.4)) / 3
    second = abs(0.5 * (1 - 0.4) + (1 - 0.9)) / 3
    assert calibration_error(p, y, np.ones(3), bins=2) == pytest.approx(first + second)


def test_bins_of_equal_weight_are_those_of_array_split(rng):
    p = np.sort(rng.random(150))
    y = rng.random(150) < p**2
    expected = np.mean([abs(part_y.mean() - part.mean()) for part, part_y in zip(np.split(p, 15), np.split(y, 15))])
    order = rng.permutation(150)
    assert calibration_error(p[order], y[order], np.ones(150)) == pytest.approx(expected)


@quick
@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.integers(1, 3)), min_size=1, max_size=25))
def test_calibration_error_takes_weights_as_repeated_rows_in_any_order(rows):
    level, y, w = (np.array(part) for part in zip(*rows))
    p = level / 4
    p_rows, y_rows = repeated(w, p, y)
    found = calibration_error(p, y, w.astype(float))
    assert found == pytest.approx(calibration_error(p_rows[::-1], y_rows[::-1], np.ones(w.sum())), abs=1e-12)


def test_calibration_error_is_small_where_probabilities_are_right_and_the_bias_where_not(rng):
    p = rng.random(40_000)
    y = rng.random(40_000) < p
    assert calibration_error(p, y, np.ones(len(p))) < 0.012
    assert calibration_error(np.clip(p + 0.1, 0, 1), y, np.ones(len(p))) == pytest.approx(0.095, abs=0.012)
