"""Weighted scores and statistics against scikit-learn and numpy."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, d2_tweedie_score, mean_poisson_deviance, r2_score

from wellfit.functions import metrics, weighted
from wellfit.functions.losses.counts import poisson_floor, poisson_nll


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_r2_and_accuracy_are_scikit_learns(rng):
    w = rng.random(40)
    y, found = rng.normal(size=(40, 3)), rng.normal(size=(40, 3))
    assert metrics.r2(found, y, w) == pytest.approx(r2_score(y, found, sample_weight=w))
    a, b = rng.integers(0, 3, 40), rng.integers(0, 3, 40)
    assert metrics.accuracy(a, b, w) == pytest.approx(accuracy_score(b, a, sample_weight=w))


def test_r2_of_a_constant_target():
    y = np.ones((4, 1))
    assert metrics.r2(y, y, np.ones(4)) == 1.0
    assert metrics.r2(y + 1, y, np.ones(4)) == 0.0


def test_explained_deviance_is_scikit_learns(rng):
    w, y, z = rng.random(40) + 0.1, rng.poisson(3, 40).astype(float), rng.normal(1, 0.3, 40)
    constant = np.full(40, np.log(np.average(y, weights=w)))
    floor = poisson_floor(y)
    found = metrics.explained_deviance(poisson_nll(z, y), poisson_nll(constant, y), floor, w)
    assert found == pytest.approx(d2_tweedie_score(y, np.exp(z), power=1, sample_weight=w))
    deviance = 2 * weighted.mean(poisson_nll(z, y) - floor, w)
    assert deviance == pytest.approx(mean_poisson_deviance(y, np.exp(z), sample_weight=w))


def test_quantile_is_a_minimum_of_the_pinball_loss_and_the_median_numpys(rng):
    y = rng.normal(size=(31, 2))
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


def test_root_of_a_point_is_the_point():
    assert weighted.root(lambda x: 1.0, 2.0, 2.0) == 2.0
