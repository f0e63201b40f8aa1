"""Gaussian noise as a layer, and what it and dropout are of a linear model: an L2 prior, to first order exactly."""

import jax
import numpy as np
import pytest
import scipy.stats

from wellfit.functions.noise import fold
from wellfit.functions.schedules import Cosine
from wellfit.layers.base import Context
from wellfit.layers.dropout import Dropout
from wellfit.layers.noise import GaussianNoise

ROWS = np.random.default_rng(0).normal(size=(64, 4)) * [1.0, 2.0, 0.5, 1.0]
WEIGHT = np.array([[0.5], [-1.0], [2.0], [0.3]])
TARGET = ROWS @ [[1.0], [0.0], [1.0], [-1.0]]


def test_noise_is_normal_and_off_at_prediction():
    x = np.full((300, 200), 5.0, np.float32)
    out, _ = GaussianNoise(0.2).apply({}, {}, x, Context(True, 0.0, np.uint32(3)))
    assert out.dtype == np.float32
    assert scipy.stats.kstest((out - x).ravel() / 0.2, "norm").pvalue > 0.01
    np.testing.assert_array_equal(GaussianNoise(0.2).apply({}, {}, x, Context())[0], x)


def test_noise_may_follow_a_schedule():
    x = np.zeros((50, 40), np.float32)
    early, late = (
        np.std(GaussianNoise(Cosine(1.0)).apply({}, {}, x, Context(True, np.float32(t), np.uint32(3)))[0])
        for t in (0.0, 1.0)
    )
    assert early == pytest.approx(1, rel=0.05)
    assert late == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("layer", "strength"),
    [
        (Dropout(0.2), 0.25 * np.square(ROWS).sum(axis=0)),  # p / (1 - p) of the squares of each column
        (GaussianNoise(0.3), np.full(4, 0.3**2 * len(ROWS))),
    ],
    ids=["dropout", "noise"],
)
def test_on_a_linear_model_they_are_l2_priors(layer, strength):
    # Wager, Wang and Liang 2013; Bishop 1995
    with jax.enable_x64(True):

        def loss(seed):
            x, _ = layer.apply({}, {}, jax.numpy.asarray(ROWS), Context(True, 0.0, fold(seed, 7)))
            return 0.5 * jax.numpy.sum((x @ WEIGHT - TARGET) ** 2)

        losses = np.asarray(jax.lax.map(loss, np.arange(20_000, dtype=np.uint32)))
    expected = 0.5 * np.sum((ROWS @ WEIGHT - TARGET) ** 2) + 0.5 * np.sum(strength * WEIGHT[:, 0] ** 2)
    assert losses.mean() == pytest.approx(expected, abs=4 * losses.std() / np.sqrt(len(losses)))
    assert 4 * losses.std() / np.sqrt(len(losses)) < 0.05 * np.sum(strength * WEIGHT[:, 0] ** 2)
