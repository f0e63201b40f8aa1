"""The losses as functions: theory.md's values, optax and scikit-learn."""

import jax
import numpy as np
import optax
import pytest
import scipy.stats
from sklearn.metrics import (
    accuracy_score,
    hinge_loss,
    log_loss,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_squared_error,
    mean_tweedie_deviance,
)

from wellfit.functions.links import log_softmax, sigmoid, softmax
from wellfit.functions.losses import classification, counts, margin, positives, proportions, regression, robust


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


def test_likelihoods_of_more_shapes_are_scipys():
    rng = np.random.default_rng(1)
    z, y, s = rng.normal(0, 1, 40), rng.normal(0, 3, 40), rng.uniform(0.05, 4, 40)
    stats = scipy.stats
    for df in (0.7, 3.0, 1e7):
        found = regression.student_t_nll(z, y, s, df)
        np.testing.assert_allclose(found, -stats.t.logpdf(y, df, z, s), rtol=1e-7, err_msg=str(df))
    np.testing.assert_allclose(regression.student_t_nll(z, y, s, 1e14), regression.normal_nll(z, y, s), rtol=1e-9)
    np.testing.assert_allclose(regression.hyperbolic_secant_nll(z, y, s), -stats.hypsecant.logpdf(y, z, s), rtol=1e-11)
    for p in (1.0, 1.5, 2.0, 5.0):
        found = regression.generalized_normal_nll(z, y, s, p)
        np.testing.assert_allclose(found, -stats.gennorm.logpdf(y, p, z, s), rtol=1e-11)
    up = np.exp(y)
    np.testing.assert_allclose(
        positives.gamma_nll(z, up, s), -stats.gamma.logpdf(up, 1 / s**2, scale=np.exp(z) * s**2), rtol=1e-10
    )
    np.testing.assert_allclose(positives.log_normal_nll(z, up, s), -stats.lognorm.logpdf(up, s, scale=np.exp(z)))
    share = sigmoid(y)
    a, b = sigmoid(z) / s**2, sigmoid(-z) / s**2
    np.testing.assert_allclose(proportions.beta_nll(z, share, s), -stats.beta.logpdf(share, a, b), rtol=1e-10)


def test_densities_with_hardly_any_noise_keep_their_digits():
    mp = pytest.importorskip("mpmath")
    z, s = 0.3, 0.001
    with mp.workdps(60):
        y = mp.exp(mp.mpf("0.3007"))
        k = 1 / mp.mpf(s) ** 2
        gamma = float(
            mp.loggamma(k) - k * mp.log(k / mp.exp(mp.mpf(z))) - (k - 1) * mp.log(y) + k * y / mp.exp(mp.mpf(z))
        )
        mean, share = 1 / (1 + mp.exp(-mp.mpf(z))), mp.mpf("0.5747")
        a, b = k * mean, k * (1 - mean)
        beta = float(
            mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(k) - (a - 1) * mp.log(share) - (b - 1) * mp.log(1 - share)
        )
    z, s = np.array([z]), np.array([s])
    assert positives.gamma_nll(z, np.array([float(y)]), s)[0] == pytest.approx(gamma, abs=2e-9)
    assert proportions.beta_nll(z, np.array([0.5747]), s)[0] == pytest.approx(beta, abs=2e-9)
    z, s = z.astype(np.float32), np.float32(0.01)
    found = proportions.beta_nll(z, np.array([0.5747], np.float32), s)
    assert found[0] == pytest.approx(
        -scipy.stats.beta.logpdf(0.5747, 1e4 * sigmoid(0.3), 1e4 * sigmoid(-0.3)), abs=2e-3
    )


def test_zero_inflated_poisson_is_a_mixture():
    y = np.arange(6.0)
    share, mean = sigmoid(-0.4), np.exp(0.7)
    expected = share * (y == 0) + (1 - share) * scipy.stats.poisson.pmf(y, mean)
    found = counts.zero_inflated_poisson_nll(np.full(6, 0.7), np.full(6, -0.4), y)
    np.testing.assert_allclose(found, -np.log(expected), rtol=1e-12)
    np.testing.assert_allclose(  # without inflation it is Poisson's
        counts.zero_inflated_poisson_nll(np.full(6, 0.7), np.full(6, -700.0), y), counts.poisson_nll(np.full(6, 0.7), y)
    )


def test_deviances_are_scikit_learns():
    rng = np.random.default_rng(2)
    z, y = rng.normal(0, 1, 50), rng.gamma(1, 2, 50)
    found = 2 * positives.half_gamma_deviance(z, y).mean()
    assert found == pytest.approx(mean_gamma_deviance(y, np.exp(z)), rel=1e-12)
    y[:10] = 0
    for power in (1.1, 1.5, 1.9):
        found = 2 * positives.half_tweedie_deviance(z, y, power).mean()
        assert found == pytest.approx(mean_tweedie_deviance(y, np.exp(z), power=power), rel=1e-11)
    near = positives.half_tweedie_deviance(np.log(y[10:]) + 1e-9, y[10:], 1.5)
    np.testing.assert_allclose(near, 0.5e-18 * np.sqrt(y[10:]), rtol=1e-6)  # where the textbook's form is all rounding


def test_squared_error_in_its_conventions():  # C-100 to C-102, G-17, G-18, E-08, E-12, N-18
    z, y = np.array([[4.0, 1.0], [0.5, -1.0]]), np.array([[0.0, 3.0], [0.5, 1.0]])
    assert regression.half_sum_of_squares(z, y) == 12
    assert regression.half_sum_of_squares(z[:1, :1], y[:1, :1]) == 8  # N-18: not the residual, -4
    assert regression.mean_squared_error(z, y) == mean_squared_error(y, z) == 6
    with jax.enable_x64(True):
        total = jax.grad(regression.half_sum_of_squares)(z, y)
        mean = jax.grad(regression.mean_squared_error)(z, y)
        np.testing.assert_allclose(total, z - y)
        np.testing.assert_allclose(mean, 2 * (z - y) / 4)
    np.testing.assert_allclose(  # C-142, C-143: half of it is the normal likelihood but for a constant
        regression.normal_nll(z, y, np.ones(())) - 0.5 * regression.squared_error(z, y), 0.5 * np.log(2 * np.pi)
    )


def test_precision_is_one_over_the_variance():  # E-07
    for beta, deviation in ((0.25, 2.0), (4.0, 0.5)):
        x = np.linspace(-40, 40, 400_001)
        density = np.exp(-regression.normal_nll(np.zeros(()), x, np.float64(beta**-0.5)))
        assert np.sqrt(np.sum(density * x**2) / np.sum(density)) == pytest.approx(deviation, rel=1e-6)


def test_absolute_and_power_errors():  # C-103, C-104, G-20
    z, y = np.array([1.0, 2.0, -3.0]), np.array([1.0, 0.0, 1.0])
    np.testing.assert_allclose(regression.absolute_error(z, y), [0, 2, 4])
    np.testing.assert_allclose(regression.power_error(z, y, 1), regression.absolute_error(z, y))
    np.testing.assert_allclose(regression.power_error(z, y, 2), regression.squared_error(z, y))
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax.grad(lambda z: regression.absolute_error(z, y).sum())(z), [0, 1, -1])
        for power in (1.0, 1.5, 3.0):
            found = jax.grad(lambda z, p=power: regression.power_error(z, y, p).sum())(z)
            np.testing.assert_allclose(found, power * np.abs(z - y) ** (power - 1) * np.sign(z - y))


def test_robust_errors_are_squared_near_and_straight_far():
    e, far = np.array([1e-8, 1e-3]), np.array([300.0])
    zero = np.zeros_like(e)
    np.testing.assert_allclose(regression.pseudo_huber(zero, e, 1.5), 0.5 * e**2, rtol=1e-6)
    np.testing.assert_allclose(regression.log_cosh(zero, e), 0.5 * e**2, rtol=1e-6)
    np.testing.assert_allclose(regression.pseudo_huber(np.zeros(1), far, 1.5), 1.5 * far - 1.5**2, rtol=1e-4)
    np.testing.assert_allclose(regression.log_cosh(np.zeros(1), far), far - np.log(2))
    assert optax.log_cosh(np.float32(1.3)) == pytest.approx(
        regression.log_cosh(np.zeros(1), np.array([1.3]))[0], rel=1e-6
    )


def test_margin_losses_and_their_slopes():  # C-116, C-119, C-132, G-22, G-23
    f, y = np.array([0.3, 2.0, -1.5, -0.2]), np.array([1.0, 1.0, 1.0, -1.0])
    assert margin.hinge(f * y).mean() == pytest.approx(hinge_loss(y, f))
    np.testing.assert_allclose(margin.squared_hinge(f * y), np.maximum(0, 1 - f * y) ** 2)
    np.testing.assert_allclose(margin.exponential(f * y), np.exp(-f * y))
    with jax.enable_x64(True):
        slope = lambda loss: np.asarray(jax.grad(lambda f: loss(f * y).sum())(f))  # noqa: E731
        np.testing.assert_allclose(slope(margin.hinge), np.where(y * f < 1, -y, 0))
        np.testing.assert_allclose(slope(margin.exponential), -y * np.exp(-y * f))
        assert float(jax.grad(margin.hinge)(1.0)) == 0
    grown = margin.exponential(np.array([-700.0, -701.0, -5e3]))
    assert grown[0] == pytest.approx(np.exp(700.0))
    assert np.isfinite(grown).all()
    assert (np.diff(grown) > 0).all()


def test_multi_class_hinges():  # C-117
    rng = np.random.default_rng(4)
    z, y = rng.normal(0, 1, (40, 5)), rng.integers(0, 5, 40)
    assert margin.crammer_singer(z, y).mean() == pytest.approx(hinge_loss(y, z, labels=range(5)))
    naive = [sum(max(0, 1 + z[i, k] - z[i, y[i]]) for k in range(5) if k != y[i]) for i in range(40)]
    np.testing.assert_allclose(margin.weston_watkins(z, y), naive)
    torch = pytest.importorskip("torch")
    theirs = torch.nn.MultiMarginLoss(reduction="none")(torch.tensor(z), torch.tensor(y))
    np.testing.assert_allclose(margin.weston_watkins(z, y) / 5, theirs.numpy())
    f, sign = rng.normal(0, 2, 30), rng.integers(0, 2, 30)
    two = np.stack([-f / 2, f / 2], axis=1)
    for loss in (margin.hinge, margin.squared_hinge, margin.exponential):  # of two classes both are the margin's own
        np.testing.assert_allclose(margin.weston_watkins(two, sign, loss), loss(f * (2 * sign - 1)))
        np.testing.assert_allclose(margin.crammer_singer(two, sign, loss), loss(f * (2 * sign - 1)))


def test_zero_one_counts_errors_and_teaches_nothing():  # C-118, G-24
    z, y = np.array([[0.3], [-1.0], [2.0]]), np.array([1, 1, 0])
    predicted = (z[:, 0] > 0).astype(int)
    assert margin.zero_one(predicted, y).mean() == pytest.approx(1 - accuracy_score(y, predicted))
    with jax.enable_x64(True):
        found = jax.grad(lambda z: margin.zero_one((z[:, 0] > 0).astype(int), y).sum())(z)
        np.testing.assert_array_equal(found, 0)


def test_focal_loss():  # C-120, G-25, E-31
    rng = np.random.default_rng(5)
    s, p = (z := rng.normal(0, 3, 40)), sigmoid(z)
    np.testing.assert_allclose(robust.focal(s, 0.0), -np.log(p))
    assert (robust.focal(s, 2.0) <= -np.log(p)).all()
    np.testing.assert_allclose(robust.focal(s, 2.0, 0.25), 0.25 * (1 - p) ** 2 * -np.log(p), rtol=1e-12)
    y = rng.integers(0, 2, 40)
    theirs = optax.sigmoid_focal_loss(z.astype(np.float32), y.astype(np.float32), gamma=2.0)
    np.testing.assert_allclose(robust.focal(z * (2 * y - 1), 2.0), theirs, rtol=1e-4, atol=1e-6)
    with jax.enable_x64(True):
        slope = jax.vmap(jax.grad(robust.focal), (0, None))
        np.testing.assert_allclose(slope(s, 2.0), (1 - p) ** 2 * (2 * p * np.log(p) + p - 1), rtol=1e-10)
        # one wrong label at p = .01 among 99 easy rows at p = .9: its share of the gradient grows from 9 to 79 %
        rows = np.log(np.array([0.01 / 0.99] + [0.9 / 0.1] * 99))
        for gamma, share in ((0.0, 0.09), (2.0, 0.79)):
            sizes = np.abs(slope(rows, gamma))
            assert sizes[0] / sizes.sum() == pytest.approx(share, abs=0.005)
    z, y = rng.normal(0, 2, (30, 4)), rng.integers(0, 4, 30)
    p = softmax(z)[np.arange(30), y]
    np.testing.assert_allclose(robust.focal(robust.true_log_odds(z, y), 2.0), -((1 - p) ** 2) * np.log(p), rtol=1e-10)


def test_losses_robust_to_wrong_labels():  # C-122, G-26, E-104
    rng = np.random.default_rng(6)
    z, y = rng.normal(0, 2, (30, 4)), rng.integers(0, 4, 30)
    p, rows = softmax(z), np.arange(30)
    error = robust.probability_error(robust.true_log_odds(z, y))
    np.testing.assert_allclose(error, np.abs(np.eye(4)[y] - p).sum(axis=1))
    np.testing.assert_allclose(error, 2 * (1 - p[rows, y]))
    with jax.enable_x64(True):
        slope = jax.grad(lambda z: robust.probability_error(robust.true_log_odds(z, y)).sum())(z)
        true = p[rows, y][:, None]
        np.testing.assert_allclose(slope, -2 * true * (np.eye(4)[y] - p), atol=1e-12)
        gce = jax.grad(lambda z: robust.generalized_cross_entropy(robust.true_log_odds(z, y), 0.7).sum())(z)
        np.testing.assert_allclose(gce, true**0.7 * (p - np.eye(4)[y]), atol=1e-12)
    s = robust.true_log_odds(z, y)
    np.testing.assert_allclose(robust.generalized_cross_entropy(s, 1.0), error / 2)
    np.testing.assert_allclose(robust.generalized_cross_entropy(s, 1e-9), -np.log(p[rows, y]), rtol=1e-7)


def test_kl_as_a_loss():  # C-112, C-147, E-95, G-28
    rng = np.random.default_rng(7)
    z, t = rng.normal(0, 2, (20, 4)), rng.dirichlet(np.ones(4), 20)
    expected = scipy.stats.entropy(t, softmax(z), axis=-1)
    np.testing.assert_allclose(classification.kl_loss(z, t), expected, rtol=1e-10)
    np.testing.assert_allclose(classification.kl_loss(np.log(t) + 3, t), 0, atol=1e-30)
    hard = np.eye(4)[rng.integers(0, 4, 20)]
    np.testing.assert_allclose(classification.kl_loss(z, hard), classification.cross_entropy(z, hard), rtol=1e-12)
    with jax.enable_x64(True):
        for target in (t, hard):
            slopes = [
                jax.grad(lambda z, f=f, t=target: f(z, t).sum())(z)
                for f in (classification.kl_loss, classification.cross_entropy)
            ]
            np.testing.assert_allclose(slopes[0], slopes[1], atol=1e-13)
            np.testing.assert_allclose(slopes[0], softmax(z) - target, atol=1e-13)


def test_cross_entropy_for_targets_between_0_and_1():  # C-052, G-14, G-15, E-48
    t = np.array([0.0, 0.3, 1.0])
    p = np.clip(t, 1e-12, 1 - 1e-12)
    least = classification.binary_cross_entropy(np.log(p / (1 - p)), t)
    np.testing.assert_allclose(least, [0, 0.6109, 0], atol=5e-5)  # the entropy of the target, not 0
    z = np.linspace(-6, 6, 25)
    with jax.enable_x64(True):
        for target in t:
            slope = jax.vmap(jax.grad(classification.binary_cross_entropy), (0, None))(z, target)
            np.testing.assert_allclose(slope, sigmoid(z) - target, atol=1e-14)
            by_p = jax.vmap(jax.grad(lambda p, t=target: -t * jax.numpy.log(p) - (1 - t) * jax.numpy.log(1 - p)))
            p = sigmoid(z)
            np.testing.assert_allclose(by_p(p), (p - target) / (p * (1 - p)), rtol=1e-8)


def test_cross_entropy_has_slopes_where_squared_error_saturates():  # G-16, G-19, E-09, E-32, E-65
    with jax.enable_x64(True):
        squared = lambda s: 0.5 * (sigmoid(s) - 1) ** 2  # noqa: E731
        entropy = lambda s: classification.binary_cross_entropy(s, 1.0)  # noqa: E731
        wrong = jax.numpy.float64(-10.0)
        assert float(jax.grad(squared)(wrong)) == pytest.approx(-4.5e-5, rel=0.02)
        assert float(jax.grad(entropy)(wrong)) == pytest.approx(-0.99995, abs=1e-5)
        s = np.linspace(-8, 8, 33)
        np.testing.assert_allclose(jax.vmap(jax.grad(squared))(s), (p := sigmoid(s)) * (1 - p) * (p - 1), atol=1e-15)
        assert (np.abs(jax.vmap(jax.grad(entropy))(s)) <= 1).all()
        bends = jax.vmap(jax.grad(jax.grad(squared)))(s)
        np.testing.assert_array_equal(bends < 0, p < 1 / 3)
        assert (jax.vmap(jax.grad(jax.grad(entropy)))(s) > 0).all()
        assert float(jax.grad(lambda p: -jax.numpy.log(p))(0.01)) == pytest.approx(-100)  # -1/p in p itself
    assert 0.5 * (1 - sigmoid(np.float64(-700))) ** 2 == 0.5


def test_raw_outputs_go_in_not_probabilities():  # E-17, E-18, E-69, E-103
    twice = classification.binary_cross_entropy(sigmoid(np.array([700.0, -700.0])), np.array([1.0, 0.0]))
    np.testing.assert_allclose(twice, [0.3133, 0.6931], atol=5e-5)
    for k, floor in ((3, 0.551), (10, 1.461), (1000, 5.909)):
        z = 700.0 * np.eye(k)[:1]
        assert classification.cross_entropy(softmax(z), np.array([0]))[0] == pytest.approx(floor, abs=5e-4)
        assert classification.cross_entropy(z, np.array([0]))[0] == 0
    listing = np.array([[2.1, 0.1, -1.0], [1.0, 3.0, 0.2]])
    assert classification.cross_entropy(softmax(listing), np.array([0, 1])).mean() == pytest.approx(0.6594, abs=5e-5)
    assert sigmoid(np.float64(37)) == 1
    assert sigmoid(np.float32(17)) == 1
    assert classification.binary_cross_entropy(np.array([-200.0]), np.array([1.0]))[0] == 200


def test_symmetries_of_cross_entropy():  # E-61, E-06, C-113
    z = np.linspace(-5, 5, 11)
    one, other = (classification.binary_cross_entropy(a, np.full(11, t)) for a, t in ((z, 0.0), (-z, 1.0)))
    np.testing.assert_allclose(one, other)
    for rest in ((0.4, 0.0 + 1e-300), (0.2, 0.2)):
        loss = classification.cross_entropy(np.log([[0.6, *rest]]), np.array([0]))
        assert loss[0] == pytest.approx(0.5108, abs=5e-5)
    z = np.random.default_rng(8).normal(size=(5, 3))
    np.testing.assert_allclose(classification.cross_entropy(z, np.full(5, 2)), -log_softmax(z)[:, 2])


def test_products_of_probabilities_underflow_and_sums_of_logs_do_not():  # E-67, C-141, C-152, N-37
    assert 0.5**1075 == 0.4**1000 == 0
    z = np.log(np.tile([[0.4, 0.6]], (1000, 1)))
    assert -classification.cross_entropy(z, np.zeros(1000, int)).sum() == pytest.approx(-916.29, abs=5e-3)
    coin = classification.cross_entropy(np.log([[0.3, 0.7]]), np.array([1]))
    assert np.exp(-coin[0]) == pytest.approx(0.7)
