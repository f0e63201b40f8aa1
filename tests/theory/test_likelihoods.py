"""From likelihoods to losses: worked values, noise models, Bayes, reductions, and gradients at the raw outputs."""

import jax
import numpy as np
import pytest
import scipy.integrate
import scipy.stats

from tests.helpers.descent import normal_start
from wellfit.estimators.costs import class_costs
from wellfit.families.laplace import Laplace
from wellfit.families.normal import Normal
from wellfit.families.student_t import StudentT
from wellfit.functions import metrics
from wellfit.functions.activations.rectifiers import elu, relu_derivative
from wellfit.functions.activations.sigmoids import sigmoid_derivative
from wellfit.functions.activations.smooth import gelu
from wellfit.functions.calibration import recalibrated
from wellfit.functions.information import entropy
from wellfit.functions.links import log_softmax, sigmoid, softmax
from wellfit.functions.losses import regression
from wellfit.functions.losses.classification import binary_cross_entropy, cross_entropy
from wellfit.functions.penalties import l2_penalty
from wellfit.insight.trace import trace
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network


def slope(function, *at):
    """The gradient with respect to the first argument, in float64."""
    with jax.enable_x64(True):
        return np.asarray(jax.grad(function)(*(np.asarray(a, float) if np.ndim(a) else float(a) for a in at)))


def differences(function, x, h=1e-6):
    """The gradient by central differences."""
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    return np.array([(function(x + step) - function(x - step)) / (2 * h) for step in steps]).reshape(x.shape)


def test_the_class_that_is_true_counts():  # N-09, N-10, E-02, C-261
    """Two tables of predictions: all right by a hair, all wrong by a hair."""
    right, wrong = np.array([[0.55, 0.45], [0.44, 0.56]]), np.array([[0.51, 0.49], [0.41, 0.59]])
    truth, other = np.array([0, 1]), np.array([1, 0])
    assert metrics.accuracy(right.argmax(axis=1), truth, np.ones(2)) == 1
    assert metrics.accuracy(wrong.argmax(axis=1), other, np.ones(2)) == 0
    assert cross_entropy(np.log(right), truth).mean() == pytest.approx(0.588828, abs=5e-7)
    assert cross_entropy(np.log(wrong), other).mean() == pytest.approx(0.802474, abs=5e-7)
    assert -(np.log(0.49) + np.log(0.59)) / 2 == pytest.approx(0.62, abs=5e-3)  # of a class that is not the true one


def test_the_loss_is_finer_than_accuracy():  # C-260, C-261, C-264
    """Both tables are right in every row; one hardly. A flat row is uncertain though its largest entry is right."""
    sure, unsure = np.array([[0.9, 0.05, 0.05]] * 4), np.array([[0.34, 0.33, 0.33]] * 4)
    y = np.zeros(4, int)
    assert metrics.accuracy(sure.argmax(axis=1), y, np.ones(4)) == metrics.accuracy(
        unsure.argmax(axis=1), y, np.ones(4)
    )
    assert cross_entropy(np.log(unsure), y).mean() > 10 * cross_entropy(np.log(sure), y).mean()
    assert entropy(unsure[0]) > 0.999 * np.log(3) > entropy(sure[0])


def test_limits_of_cross_entropy():  # N-84, E-56
    z = np.stack([np.linspace(-700, 700, 29), np.zeros(29)], axis=1)
    loss = cross_entropy(z, np.zeros(29, int))
    assert (np.diff(loss) <= 0).all()
    assert (np.diff(binary_cross_entropy(z[:, 0], np.ones(29))) < 0).all()
    assert loss[-1] == pytest.approx(0, abs=1e-300)
    assert loss[0] == 700
    p = softmax(z)
    assert ((p >= 0) & (p <= 1)).all()  # the output is squashed, its loss is not


def test_softmax_is_the_distribution_of_boltzmann():  # C-085
    energy, temperature = np.array([0.0, 1.0, 3.0]), 2.0
    expected = np.exp(-energy / temperature)
    np.testing.assert_allclose(softmax(-energy), np.exp(-energy) / np.exp(-energy).sum())
    found = np.exp(recalibrated(log_softmax(-energy), 1 / temperature))
    np.testing.assert_allclose(found, expected / expected.sum())


def test_activations_as_distribution_functions():  # C-151
    x = np.linspace(-4, 4, 17)
    np.testing.assert_allclose(sigmoid(x), scipy.stats.logistic.cdf(x))
    np.testing.assert_allclose(gelu(x), x * scipy.stats.norm.cdf(x), rtol=1e-12)


def test_slopes_of_relu_and_evenness_of_the_sigmoids():  # N-13, G-47, G-05
    x = np.linspace(-5, 5, 22)
    assert set(relu_derivative(x)) == {0, 1}
    np.testing.assert_allclose(sigmoid(x), 1 - sigmoid(-x))
    np.testing.assert_array_equal(sigmoid_derivative(x), sigmoid_derivative(-x))


def test_elu_bends_as_an_exponential():  # E-22
    x = np.linspace(-3, -0.1, 30)
    np.testing.assert_allclose(np.log(elu(x) + 1), x)  # its logarithm is a straight line


def test_errors_in_money():  # N-30
    assert regression.absolute_error(np.array([210_000.0]), np.array([200_000.0]))[0] == 0.05 * 200_000 == 10_000


def test_huber_of_the_worked_example():  # E-51
    assert regression.huber(np.array([3.0]), np.zeros(1), 2.0)[0] == 4  # 2 · 3 - 2²/2: straight far out
    assert regression.huber(np.array([1.0]), np.zeros(1), 2.0)[0] == 0.5  # a parabola near


def test_the_gradient_is_prediction_minus_target():  # E-50, G-17, G-27
    """The first argument is the prediction, the second the target, in every loss."""
    z, y = np.array([1.0, -2.0]), np.array([0.5, 0.5])
    np.testing.assert_allclose(slope(regression.half_sum_of_squares, z, y), z - y)
    for beta in (0.25, 1.0, 4.0):
        found = slope(lambda z, b=beta: regression.normal_nll(z, y, np.float64(b**-0.5)).sum(), z)
        np.testing.assert_allclose(found, beta * (z - y))
        np.testing.assert_allclose(
            found, differences(lambda z, b=beta: regression.normal_nll(z, y, np.float64(b**-0.5)).sum(), z), rtol=1e-8
        )


def test_logistic_regression_and_class_weights():  # C-008, G-13, G-30, G-35
    rng = np.random.default_rng(0)
    x, t, theta = rng.normal(size=(20, 3)), rng.integers(0, 2, 20).astype(float), rng.normal(size=3)
    mean = lambda theta: binary_cross_entropy(x @ theta, t).mean()  # noqa: E731
    np.testing.assert_allclose(slope(mean, theta), x.T @ (sigmoid(x @ theta) - t) / 20, atol=1e-15)
    np.testing.assert_allclose(slope(mean, theta), differences(mean, theta), atol=1e-9)
    z, y, w = rng.normal(size=(20, 4)), rng.integers(0, 4, 20), np.array([1.0, 2.0, 0.5, 4.0])
    weighted = lambda z: (w[y] * cross_entropy(z, y)).sum()  # noqa: E731
    np.testing.assert_allclose(slope(weighted, z), w[y][:, None] * (softmax(z) - np.eye(4)[y]), atol=1e-14)
    np.testing.assert_allclose(slope(weighted, z), differences(weighted, z), atol=1e-8)


def test_bayes_rule_and_its_most_probable_weight():  # C-148, C-149, G-34, N-81, C-140
    """One weight, normal noise of variance σ², a normal prior of variance σ0²: the posterior is known."""
    rng, noise, prior = np.random.default_rng(1), 0.5, 2.0
    x = rng.normal(size=12)
    t = 1.3 * x + noise * rng.normal(size=12)

    def energy(w):  # - log likelihood - log prior, up to constants
        fit = regression.half_sum_of_squares(x * w[0], t) / noise**2
        return fit + l2_penalty(w, 1 / prior**2)

    grid = np.linspace(-2, 4, 20_001)
    density = np.exp(-np.array([energy(np.array([w])) for w in grid[::20]]))
    density /= scipy.integrate.trapezoid(density, grid[::20])
    precision = x @ x / noise**2 + 1 / prior**2
    mean = x @ t / noise**2 / precision
    np.testing.assert_allclose(density, scipy.stats.norm.pdf(grid[::20], mean, precision**-0.5), atol=1e-6)
    at = np.array([0.4])
    strength = noise**2 / prior**2  # λ = σ²/σ0² where the loss is ½ Σ (ŷ - t)²
    expected = (x * (x * at - t)).sum() + strength * at
    np.testing.assert_allclose(noise**2 * slope(energy, at), expected)
    np.testing.assert_allclose(slope(energy, at), differences(energy, at), rtol=1e-8)
    assert x @ t / (x @ x + strength) == pytest.approx(mean, rel=1e-12)  # ridge regression


def test_bayes_rule_for_classes():  # C-148
    """Two normal classes: the posterior's log odds are what a Bernoulli family calls the raw output."""
    x, prior = np.linspace(-3, 3, 13), 0.2
    first, second = (scipy.stats.norm.pdf(x, m, 1) for m in (-1, 1))
    posterior = prior * second / (prior * second + (1 - prior) * first)
    np.testing.assert_allclose(sigmoid(2 * x + np.log(prior / (1 - prior))), posterior)


def test_sums_of_many_small_errors_are_normal():  # C-144
    rng = np.random.default_rng(2)
    one, many = rng.uniform(-1, 1, 20_000), rng.uniform(-1, 1, (20_000, 12)).sum(axis=1)
    losses = [regression.normal_nll(e - e.mean(), np.zeros(1), e.std()).mean() for e in (one, many)]
    best = 0.5 * np.log(2 * np.pi * np.e)
    truth = np.log(2) - np.log(one.std())  # what the uniform density itself would cost, in the same units
    assert losses[0] - np.log(one.std()) > truth + 0.15  # the normal is wrong for one error
    assert losses[1] - np.log(many.std()) == pytest.approx(best, abs=1e-9)
    assert (
        scipy.stats.kstest(many / many.std(), "norm").statistic < 0.01 < scipy.stats.kstest(one / one.std(), "norm")[0]
    )


@pytest.mark.parametrize(
    ("draw", "better", "worse"),
    [("normal", Normal(), Laplace()), ("laplace", Laplace(), Normal()), ("standard_cauchy", StudentT(), Normal())],
)
def test_the_loss_of_the_noise_is_the_better_estimator(draw, better, worse):  # C-150, C-131, C-142
    rng = np.random.default_rng(3)
    samples = getattr(rng, draw)(size=(40, 60, 1))
    spread = [np.std([family.bind(1).intercept(y, np.ones(60))[0] for y in samples]) for family in (better, worse)]
    assert spread[0] < 0.9 * spread[1]


def test_loss_of_a_row_cost_of_all_and_the_penalised_objective():  # C-127 to C-130, E-49, E-75, E-76
    network = Network((Dense(2), Activation("tanh"), Dense(1)))
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(7, 3)), rng.integers(0, 2, 7).astype(float)
    start = normal_start(network, (3,), 0)
    plain, penalised = (trace(network, "bernoulli", x, y, start, l2=l2).steps[0] for l2 in (None, 0.5))
    assert plain.loss.shape == (7,)
    assert plain.objective == pytest.approx(plain.loss.mean())  # the empirical risk is an average, not the data
    weights = sum(np.sum(layer["weight"] ** 2) for layer in start if layer)
    assert penalised.objective - plain.objective == pytest.approx(0.5 * 0.5 * weights / 7)
    even = trace(network, "bernoulli", x, y, tuple({k: 0 * v for k, v in layer.items()} for layer in start)).steps[0]
    np.testing.assert_allclose(even.loss, np.log(2))  # nats


def test_balanced_weights_average_one():  # E-97, C-115, C-246
    y = np.repeat([0, 1, 2], [50, 30, 10])
    w = class_costs("balanced", np.arange(3), y, np.ones(90))
    np.testing.assert_allclose(w, 90 / (3 * np.array([50, 30, 10])))
    assert w[y].mean() == pytest.approx(1)  # another norm is another learning rate and another prior
    loss = cross_entropy(np.random.default_rng(5).normal(size=(90, 3)), y)
    whole, of_the_used = (w[y] * loss).mean(), (w[y] * loss).sum() / w[y].sum()
    assert whole == pytest.approx(of_the_used)
    part = slice(45, 90)  # of a batch the two conventions differ
    assert (w[y] * loss)[part].mean() != pytest.approx((w[y] * loss)[part].sum() / w[y][part].sum(), rel=0.05)


def test_the_arguments_order_and_sign_of_a_likelihood():  # E-57, E-68, C-113, C-152
    p = np.array([0.3, 0.7])
    loss = cross_entropy(np.log(p)[None], np.array([1]))[0]
    assert loss > 0  # minus the logarithm: log p itself is the log-likelihood, at most 0
    assert np.exp(-loss) == pytest.approx(0.7)  # and p the likelihood
