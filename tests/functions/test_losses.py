"""The losses as functions: theory.md's values, optax and scikit-learn."""

import jax
import numpy as np
import optax
import pytest
import scipy.stats
from sklearn.metrics import log_loss, mean_pinball_loss

from wellfit.functions.losses import classification, counts, regression


@pytest.mark.parametrize(
    ("p", "loss"),
    [((0.22, 0.70, 0.08), 0.356675), ((0.70, 0.22, 0.08), 1.514128), ((0.70, 0.08, 0.22), 2.525729)],
)
def test_cross_entropy_of_known_probabilities(p, loss):  # N-05, N-06, N-07
    z = np.log(np.array([p]))
    assert classification.cross_entropy(z, np.array([1]))[0] == pytest.approx(loss, abs=5e-7)
    assert classification.cross_entropy(z, np.array([[0.0, 1.0, 0.0]]))[0] == pytest.approx(loss, abs=5e-7)


def test_cross_entropy_of_two_rows():  # N-09
    z = np.log(np.array([[0.55, 0.45], [0.44, 0.56]]))
    assert classification.cross_entropy(z, np.array([0, 1])).mean() == pytest.approx(0.588828, abs=5e-7)


def test_cross_entropy_of_the_listing():  # N-36
    z = np.array([[2.1, 0.1, -1.0], [1.0, 3.0, 0.2]])
    found = classification.cross_entropy(z, np.array([0, 1]))
    np.testing.assert_allclose(found, [0.165839, 0.179105], atol=2e-6)
    assert found.mean() == pytest.approx(0.1724722, abs=5e-8)


def test_cross_entropy_and_entropy_in_nats():  # N-32, N-33, N-34
    p = np.array([[0.7, 0.3]])
    for q, expected in [((0.5, 0.5), 0.693147), ((0.7, 0.3), 0.610864), ((0.9, 0.1), 0.764528)]:
        assert classification.cross_entropy(np.log([q]), p)[0] == pytest.approx(expected, abs=5e-7)
    assert classification.entropy(p)[0] == pytest.approx(0.610864, abs=5e-7)
    assert classification.binary_entropy(p)[0, 0] == pytest.approx(0.610864, abs=5e-7)
    assert classification.binary_entropy(np.array([0.0, 1.0])).tolist() == [0, 0]


def test_binary_cross_entropy():  # N-35
    z = np.log(np.array([0.1 / 0.9, 0.9 / 0.1]))
    found = classification.binary_cross_entropy(z, np.ones(2))
    np.testing.assert_allclose(found, [2.302585, 0.105361], atol=5e-7)
    assert classification.binary_cross_entropy(np.array([80.0]), np.ones(1))[0] == pytest.approx(np.exp(-80.0))


def test_classification_losses_are_scikit_learns_and_optax():
    rng = np.random.default_rng(0)
    z, y = rng.normal(0, 2, (30, 4)).astype(np.float32), rng.integers(0, 4, 30)
    found = classification.cross_entropy(z, y)
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    assert found.mean() == pytest.approx(log_loss(y, p, labels=range(4)), rel=1e-5)
    np.testing.assert_allclose(found, optax.softmax_cross_entropy_with_integer_labels(z, y), rtol=1e-5)
    t = rng.random((30, 4)).astype(np.float32)
    np.testing.assert_allclose(
        classification.binary_cross_entropy(z, t),
        optax.sigmoid_binary_cross_entropy(z, t),
        rtol=2e-5,
        atol=1e-6,
    )
    smoothed = optax.smooth_labels(np.eye(4, dtype=np.float32)[y], 0.1)
    np.testing.assert_allclose(classification.smooth(np.eye(4, dtype=np.float32)[y], 0.1, 4), smoothed, rtol=1e-6)


def test_gradient_at_the_logits_is_prediction_minus_target():  # G-28, G-29, G-31
    z, y = np.array([[1.0, -2.0, 0.5]], np.float32), np.array([2])
    p = np.exp(z) / np.exp(z).sum()
    found = jax.grad(lambda z: classification.cross_entropy(z, y, 0.3).sum())(z)
    np.testing.assert_allclose(found, p - (0.7 * np.eye(3)[[2]] + 0.1), atol=1e-6)
    t = np.array([[1.0, 0.0, 0.4]], np.float32)
    found = jax.grad(lambda z: classification.binary_cross_entropy(z, t).sum())(z)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-z)) - t, atol=1e-6)


def test_huber_is_optax_and_its_gradient_is_clipped():  # C-105, G-21
    e = np.linspace(-4, 4, 33, dtype=np.float32)
    zero = np.zeros_like(e)
    for delta in (0.5, 1.345, 3.0):
        np.testing.assert_allclose(regression.huber(zero, e, delta), optax.huber_loss(zero, e, delta=delta), atol=1e-6)
    found = jax.grad(lambda z: regression.huber(z, e, 1.345).sum())(zero)
    np.testing.assert_allclose(found, np.clip(-e, -1.345, 1.345), atol=1e-6)


def test_pinball_is_scikit_learns():
    rng = np.random.default_rng(0)
    z, y = rng.normal(size=50), rng.normal(size=50)
    for level in (0.1, 0.5, 0.9):
        found = regression.pinball(z, y, np.float64(level)).mean()
        assert found == pytest.approx(mean_pinball_loss(y, z, alpha=level), rel=1e-12)


def test_normal_and_laplace_are_scipys():  # C-123
    z, y, s = np.array([0.3, -1.0]), np.array([1.0, 5.0]), np.array([0.5, 2.0])
    np.testing.assert_allclose(regression.normal_nll(z, y, s), -scipy.stats.norm.logpdf(y, z, s))
    np.testing.assert_allclose(regression.laplace_nll(z, y, s), -scipy.stats.laplace.logpdf(y, z, s))


def test_count_losses_are_scipys():
    a, b, y = np.array([0.0, 2.0, -1.0]), np.array([-2.0, 0.5, 3.0]), np.array([0.0, 12.0, 3.0])
    r, mean = np.exp(-b), np.exp(a)
    np.testing.assert_allclose(counts.poisson_nll(a, y), -scipy.stats.poisson.logpmf(y, mean))
    np.testing.assert_allclose(
        counts.negative_binomial_nll(a, b, y), -scipy.stats.nbinom.logpmf(y, r, r / (r + mean)), rtol=1e-11
    )
    np.testing.assert_allclose(counts.poisson_floor(y), -scipy.stats.poisson.logpmf(y, y), atol=1e-15)


def test_the_two_forms_of_the_negative_binomial_meet():
    # r = 16 is where Stirling's series takes over: on both sides the loss is scipy's, in value and in slope.
    b = -np.log(16.0) + np.array([-1e-9, 1e-9])
    y = np.array([[0.0], [1.0], [7.0], [300.0]])
    r = np.exp(-b)
    found = counts.negative_binomial_nll(np.full((4, 2), 1.0), b, y)
    np.testing.assert_allclose(found, -scipy.stats.nbinom.logpmf(y, r, r / (r + np.e)), rtol=1e-11)
    with jax.enable_x64(True):
        slope = jax.vmap(jax.grad(lambda b, y: counts.negative_binomial_nll(np.float64(1.0), b, y)), (0, None))
        left_and_right = np.stack([np.asarray(slope(b, v)) for v in y[:, 0]])
    np.testing.assert_allclose(left_and_right[:, 0], left_and_right[:, 1], rtol=1e-7)
