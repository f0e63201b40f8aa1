"""Links against scipy.special and the values of theory.md."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from wellfit.functions import links
from wellfit.functions.numerics import over_last

FAR = np.concatenate([np.linspace(-800, 800, 33), np.linspace(-3, 3, 13)])


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        ((1.47, -0.39, 0.22), (0.693396, 0.107943, 0.198661)),  # N-01
        ((5, 6, 4), (0.244728, 0.665241, 0.090031)),  # N-02
        ((0.9, 0.8, 1.1), (0.319873, 0.289433, 0.390694)),  # N-03
        ((-2, 2, -3), (0.017868, 0.975559, 0.006573)),  # N-04
        ((7, 7, 7, 7), (0.25, 0.25, 0.25, 0.25)),  # N-08
        ((1.2, 0.9, 0.75), (0.420443, 0.311471, 0.268086)),  # N-28
        ((0.8, 1.2, 3.1), (0.08021815, 0.11967141, 0.80011044)),  # N-29
        ((1000, 1001, 1002), (0.090031, 0.244728, 0.665241)),  # T-09, E-55
    ],
)
def test_softmax(z, expected):
    z = np.array(z, float)
    np.testing.assert_allclose(links.softmax(z), expected, atol=5e-7)
    np.testing.assert_allclose(np.exp(links.log_softmax(z)), expected, atol=5e-7)
    assert links.softmax(z).sum() == pytest.approx(1, abs=1e-15)


def test_softmax_is_scipys():
    z = np.random.default_rng(0).normal(0, 50, (100, 7))
    np.testing.assert_allclose(links.softmax(z), scipy.special.softmax(z, axis=1), rtol=1e-13)
    np.testing.assert_allclose(links.log_softmax(z), scipy.special.log_softmax(z, axis=1), rtol=1e-13)


def test_sigmoid_is_scipys_in_both_tails():
    np.testing.assert_allclose(links.sigmoid(FAR), scipy.special.expit(FAR), rtol=1e-15)
    np.testing.assert_allclose(links.log_sigmoid(FAR), scipy.special.log_expit(FAR), rtol=1e-14)


def test_gradients_are_those_of_the_softmax():
    z = np.array([1.0, 2.0, 2.0, -1.0], np.float32)  # a tie at the maximum, which is held constant
    found = jax.grad(lambda z: links.log_softmax(z)[0])(z)
    np.testing.assert_allclose(found, np.eye(4)[0] - scipy.special.softmax(z), atol=1e-6)
    assert jax.grad(lambda z: links.sigmoid(z))(0.0) == 0.25


def test_inverses():
    z = np.linspace(-25, 25, 41)
    np.testing.assert_allclose(links.logit(links.sigmoid(z)), np.clip(z, -30, 30), rtol=1e-4)
    np.testing.assert_allclose(links.log_of(links.exp_link(z)), z, atol=1e-13)
    raw = np.linspace(-6, 50, 41)
    np.testing.assert_allclose(links.raw_scale(links.positive_scale(raw)), raw, rtol=1e-12, atol=1e-12)


def test_infinite_intercepts_are_held():
    far = links.FARTHEST_INTERCEPT
    np.testing.assert_array_equal(links.logit(np.array([0.0, 1.0])), [-far, far])
    assert links.log_of(np.array(0.0)) == -far
    assert links.raw_scale(np.array(0.0)) == pytest.approx(-far)
    assert links.positive_scale(np.array(-1e4)) == links.MINIMUM_SCALE


@pytest.mark.parametrize("k", [1, 2, 7, 8, 40])
@pytest.mark.parametrize(("name", "numpys"), [("max", np.max), ("sum", np.sum)])
def test_over_the_last_axis_is_numpys_to_the_bit(name, numpys, k):
    z = np.random.default_rng(0).normal(size=(3, 50, k))
    assert np.array_equal(over_last(name, z), numpys(z, axis=-1, keepdims=True))
    np.testing.assert_allclose(over_last(name, jnp.asarray(z)), numpys(z, axis=-1, keepdims=True), rtol=1e-5)
