"""Threshold units: the step forward, and what gradients make of it."""

import jax
import numpy as np
import pytest

from wellfit import NeuralClassifier, fit
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Tabular
from wellfit.layers.residual import Residual
from wellfit.layers.threshold import Threshold
from wellfit.networks.network import Network, check_trainable

X = np.random.default_rng(0).normal(size=(200, 2))
Y = (X[:, 0] * X[:, 1] > 0).astype(int)


def test_the_threshold_is_to_be_exceeded():  # C-002, N-14, N-15
    x = np.array([[1.1, 1.5, 1.6]])
    for layer in (Threshold(1.5), Threshold(1.5, straight_through=True)):
        np.testing.assert_array_equal(layer.apply({}, {}, x, Context())[0], [[0, 0, 1]])
        traced = jax.jit(lambda x: layer.apply({}, {}, x, Context(training=True))[0])(x)  # noqa: B023
        np.testing.assert_array_equal(traced, [[0, 0, 1]])


def test_its_slope_is_0_and_1_where_asked_for():  # E-79
    slope = jax.grad(lambda x, layer: layer.apply({}, {}, x, Context(training=True))[0].sum())
    x = np.linspace(-2, 2, 9)
    np.testing.assert_array_equal(slope(x, Threshold()), 0)
    np.testing.assert_array_equal(slope(x, Threshold(straight_through=True)), 1)


def test_training_through_it_is_refused_with_the_reason():
    network = Network((Dense(5), Threshold(), Dense(1)))
    with pytest.raises(
        ValueError, match=r"layer 1 \(Threshold\) of the network has slope 0 .* cannot learn by gradients"
    ):
        fit(network, "bernoulli", X, Y)
    with pytest.raises(ValueError, match=r"wellfit\.Perceptron for a single unit"):
        NeuralClassifier(Network((Tabular(), *network.layers))).fit(X, Y)
    inside = Network((Residual((Dense(2), Threshold())), Dense(1)))
    with pytest.raises(ValueError, match=r"layer 1 \(Threshold\) of the residual block has slope 0"):
        check_trainable(inside, (2,))
    check_trainable(Network((Threshold(), Dense(1))), (2,))  # nothing before it has to learn
    check_trainable(Network((Activation("relu"), Threshold(), Dense(1))), (2,))


def test_straight_through_it_learns():
    network = Network((Dense(32), Threshold(straight_through=True), Dense(1)))
    found = fit(network, "bernoulli", X, Y, learning_rate=0.03, max_epochs=150, seed=1)
    assert (found.predict(X) == Y).mean() > 0.9
    hidden = X @ found.params[0]["weight"][0] + found.params[0]["bias"][0]
    z = (hidden > 0) @ found.params[2]["weight"][0] + found.params[2]["bias"][0]
    np.testing.assert_allclose(found.raw_outputs(X)[0], z, rtol=1e-4, atol=1e-4)
