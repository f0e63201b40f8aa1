"""Weighted scores against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, d2_tweedie_score, mean_poisson_deviance, r2_score

from wellfit.core import weighted
from wellfit.functions import metrics
from wellfit.functions.losses.counts import poisson_floor, poisson_nll
from wellfit.functions.roots import root


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


def test_root_of_a_point_is_the_point():
    assert root(lambda x: 1.0, 2.0, 2.0) == 2.0
