"""Conformal intervals: the promised coverage, on data of the kind it is promised for, and weights as rows."""

import numpy as np
import pytest

from wellfit.insight import conformal


def coverage_of(trials, n, level, draw, edges):
    """Mean coverage of one new row over many draws of n held-out rows, and its standard error."""
    rng = np.random.default_rng(1)
    inside = np.array([edges(*draw(rng, n + 1), level) for _ in range(trials)])
    return inside.mean(), np.sqrt(level * (1 - level) / trials)


def heavy(rng, n):
    """y and a prediction with skewed, heavy-tailed errors whose size differs from row to row."""
    spread = rng.uniform(0.5, 2, size=n)
    return spread * (rng.standard_t(2, size=n) + rng.exponential(size=n)), spread


@pytest.mark.parametrize(("n", "level"), [(25, 0.9), (60, 0.8), (60, 0.95)])
def test_residual_intervals_cover_at_least_their_level_whatever_the_noise(n, level):
    def edges(error, spread, level):
        state = conformal.residual_scores(error[:-1, None], spread[:-1, None], np.ones(n))
        return abs(error[-1]) <= conformal.half_widths(state, level)[0] * spread[-1]

    found, error = coverage_of(3000, n, level, heavy, edges)
    assert level - 2 * error <= found <= level + 1 / (n + 1) + 3 * error


@pytest.mark.parametrize("wrong", [0.2, 3.0], ids=["too narrow", "too wide"])
def test_quantiles_are_moved_to_cover_whether_too_narrow_or_too_wide(wrong):
    def edges(y, spread, level):
        quantiles = wrong * spread[:, None, None] * np.array([-1.6, 0.0, 1.6])
        state = conformal.quantile_scores(quantiles[:-1], y[:-1, None], np.ones(49))
        shift = conformal.shifts(state, 0, 2, level)[0]
        return quantiles[-1, 0, 0] - shift <= y[-1] <= quantiles[-1, 0, 2] + shift

    found, error = coverage_of(3000, 49, 0.9, heavy, edges)
    assert 0.9 - 2 * error <= found <= 0.9 + 1 / 50 + 3 * error


def test_half_widths_and_shifts_are_those_of_the_papers():
    # Lei et al. 2018 and Romano et al. 2019: the ⌈(n + 1) level⌉-th smallest score, target by target
    rng = np.random.default_rng(1)
    n, level = 30, 0.8
    rank = int(np.ceil((n + 1) * level))
    error, spread = rng.normal(size=(n, 2)), rng.uniform(1, 2, size=(n, 2))
    state = conformal.residual_scores(error, spread, np.ones(n))
    expected = np.sort(np.abs(error) / spread, axis=0)[rank - 1]
    np.testing.assert_array_equal(conformal.half_widths(state, level), expected)
    quantiles = np.sort(rng.normal(size=(n, 2, 3)), axis=-1)
    y = rng.normal(size=(n, 2))
    state = conformal.quantile_scores(quantiles, y, np.ones(n))
    scores = np.maximum(quantiles[..., 0] - y, y - quantiles[..., 2])
    np.testing.assert_array_equal(conformal.shifts(state, 0, 2, level), np.sort(scores, axis=0)[rank - 1])


def test_weights_are_repeated_rows():
    rng = np.random.default_rng(2)
    w = rng.integers(1, 12, 15)
    rows = np.repeat(np.arange(15), w)
    error, spread, quantiles = rng.normal(size=(15, 2)), rng.uniform(1, 2, (15, 2)), rng.normal(size=(15, 2, 2))
    one = conformal.residual_scores(error, spread, w.astype(float))
    many = conformal.residual_scores(error[rows], spread[rows], np.ones(len(rows)))
    assert conformal.size(one) == conformal.size(many) == w.sum()
    for level in np.linspace(0.1, 0.95, 18):
        np.testing.assert_array_equal(conformal.half_widths(one, level), conformal.half_widths(many, level))
    one = conformal.quantile_scores(quantiles, error, w.astype(float))
    many = conformal.quantile_scores(quantiles[rows], error[rows], np.ones(len(rows)))
    assert conformal.size(one) == conformal.size(many) == w.sum()
    for level in np.linspace(0.1, 0.95, 18):
        np.testing.assert_array_equal(conformal.shifts(one, 0, 1, level), conformal.shifts(many, 0, 1, level))


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99])
def test_fewest_rows_are_those_whose_interval_is_finite(level):
    n = conformal.fewest(level)
    for rows, finite in ((n, True), (n - 1, False)):
        if rows:
            state = conformal.residual_scores(np.ones((rows, 1)), np.ones((rows, 1)), np.ones(rows))
            assert np.isfinite(conformal.half_widths(state, level)[0]) == finite


def test_no_rows_are_no_rows():
    assert conformal.size(None) == 0
