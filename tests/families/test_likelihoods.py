"""The likelihoods against scipy.stats, scikit-learn and the values of theory.md."""

import numpy as np
import pytest
import scipy.special
import scipy.stats
from sklearn.metrics import accuracy_score, d2_pinball_score, d2_tweedie_score, r2_score

from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.huber import Huber
from wellfit.families.laplace import Laplace
from wellfit.families.multilabel import MultiLabel
from wellfit.families.negative_binomial import NegativeBinomial, best_log_dispersion
from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson
from wellfit.families.quantile import Quantile
from wellfit.functions.links import FARTHEST_INTERCEPT, MINIMUM_SCALE


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.mark.parametrize("learn", [False, True])
@pytest.mark.parametrize(("family", "theirs"), [(Normal, scipy.stats.norm), (Laplace, scipy.stats.laplace)])
def test_real_likelihoods_are_scipys(rng, family, theirs, learn):
    bound = family(np.array([0.7, 2.0]), learn_scale=learn).bind(2)
    z, y = rng.normal(0, 0.7, (30, bound.outputs)), rng.normal(0, 3, (30, 2))
    scale = np.log1p(np.exp(z[:, 2:])) + MINIMUM_SCALE if learn else np.array([0.7, 2.0])
    np.testing.assert_allclose(bound.loss(z, y), -theirs.logpdf(y, z[:, :2], scale).sum(1), rtol=1e-11)
    np.testing.assert_allclose(bound.loss(z, y), -np.log(bound.distribution(z).pdf(y)).sum(1), rtol=1e-9)


def test_poisson_is_scipys(rng):
    z, y = rng.normal(1, 1, (50, 2)), rng.poisson(4, (50, 2)).astype(float)
    family = Poisson().bind(2)
    np.testing.assert_allclose(family.loss(z, y), -scipy.stats.poisson.logpmf(y, np.exp(z)).sum(1), rtol=1e-12)
    np.testing.assert_allclose(family.loss(z, y), -np.log(family.distribution(z).pmf(y)).sum(1), rtol=1e-10)


def test_negative_binomial_is_scipys_over_all_dispersions(rng):
    log_dispersion = np.linspace(-10, 6, 60)
    z = np.column_stack([rng.normal(1, 1.5, 60), log_dispersion])
    y = rng.negative_binomial(1, 0.1, (60, 1)).astype(float)
    family = NegativeBinomial().bind(1)
    r, mean = np.exp(-log_dispersion)[:, None], np.exp(z[:, :1])
    expected = -scipy.stats.nbinom.logpmf(y, r, r / (r + mean))[:, 0]
    np.testing.assert_allclose(family.loss(z, y), expected, rtol=1e-8)
    np.testing.assert_allclose(family.loss(z, y), -family.distribution(z).logpmf(y)[:, 0], rtol=1e-8)
    np.testing.assert_allclose(family.distribution(z).mean(), mean, rtol=1e-9)


def test_negative_binomial_of_a_fixed_dispersion_is_that_of_a_network_which_says_it_everywhere(rng):
    z, y = rng.normal(1, 1, (40, 1)), rng.negative_binomial(1, 0.1, (40, 1)).astype(float)
    fixed, said = NegativeBinomial(alpha=0.7).bind(1), NegativeBinomial().bind(1)
    both = np.column_stack([z, np.full(40, np.log(0.7))])
    assert fixed.outputs == 1
    np.testing.assert_allclose(fixed.loss(z, y), said.loss(both, y), rtol=1e-12)
    np.testing.assert_allclose(fixed.loss(z, y), -fixed.distribution(z).logpmf(y)[:, 0], rtol=1e-8)
    np.testing.assert_allclose(fixed.floor(y), fixed.loss(np.log(np.maximum(y, 1e-300)), y), rtol=1e-12, atol=1e-12)
    with pytest.raises(ValueError, match="alpha=0 of family 'negative_binomial' must be a finite number above 0"):
        NegativeBinomial(alpha=0).bind(1)


@pytest.mark.parametrize("log_dispersion", [-20.0, -30.0, -80.0])
def test_negative_binomial_becomes_poisson(rng, log_dispersion):
    a, y = rng.normal(1, 1, (40, 1)), rng.poisson(3, (40, 1)).astype(float)
    z = np.column_stack([a, np.full(40, log_dispersion)])
    found = NegativeBinomial().bind(1).loss(z, y)
    np.testing.assert_allclose(found, Poisson().bind(1).loss(a, y), rtol=1e-6)


def test_negative_binomial_in_float32_is_that_of_float64(rng):
    z = np.column_stack([rng.normal(1, 1, 80), np.linspace(-14, 4, 80)])
    y = rng.negative_binomial(1, 0.1, (80, 1)).astype(float)
    family = NegativeBinomial().bind(1)
    narrow = family.loss(z.astype(np.float32), y.astype(np.float32))
    np.testing.assert_allclose(narrow, family.loss(z, y), rtol=3e-5, atol=3e-5)


def test_negative_binomial_intercept_recovers_what_drew_the_counts():
    rng = np.random.default_rng(0)
    r, mean = 1 / 0.8, 5.0
    y = rng.negative_binomial(r, r / (r + mean), (40_000, 1)).astype(float)
    log_mean, log_dispersion = NegativeBinomial().bind(1).intercept(y, np.ones(len(y)))
    assert np.exp(log_mean) == pytest.approx(y.mean(), rel=1e-12)
    assert np.exp(log_dispersion) == pytest.approx(0.8, rel=0.05)


def test_negative_binomial_intercept_of_counts_that_vary_little_is_poissons():
    assert best_log_dispersion(np.array([2.0, 3.0, 3.0, 4.0]), np.ones(4)) == -FARTHEST_INTERCEPT
    assert best_log_dispersion(np.zeros(5), np.ones(5)) == -FARTHEST_INTERCEPT


def test_negative_binomial_intercept_of_barely_overdispersed_counts():
    # Variance above the mean by one in a thousand: α is about 1e-4, where the likelihood is almost flat.
    y = np.arange(60.0)
    w = scipy.stats.nbinom.pmf(y, 1e4, 1e4 / (1e4 + 10))
    assert np.exp(best_log_dispersion(y, w)) == pytest.approx(1e-4, rel=1e-3)


def test_categorical_of_the_worked_example():  # N-36: mean .1724722
    loss = Categorical().bind(3).loss(np.array([[2.1, 0.1, -1.0], [1.0, 3.0, 0.2]]), np.array([0, 1]))
    assert loss.mean() == pytest.approx(0.1724722, abs=1e-7)


def test_label_smoothing_has_its_floor():  # C-121, T-06
    family = Categorical(0.1).bind(10)
    assert family.floor(np.array([3]))[0] == pytest.approx(0.500288, abs=5e-7)
    best = family.intercept(np.array([3]), np.ones(1))
    assert family.loss(best[None], np.array([3]))[0] == pytest.approx(0.500288, abs=5e-7)


def test_label_smoothing_is_the_smoothed_target(rng):  # G-29
    z, y = rng.normal(size=(20, 5)), rng.integers(0, 5, 20)
    target = 0.9 * np.eye(5)[y] + 0.02
    expected = -(target * scipy.special.log_softmax(z, axis=1)).sum(1)
    np.testing.assert_allclose(Categorical(0.1).bind(5).loss(z, y), expected, rtol=1e-12)
    np.testing.assert_allclose(Categorical(0.1).bind(5).loss(z, np.eye(5)[y]), expected, rtol=1e-12)


def test_multilabel_sums_or_averages():  # E-30: .9945 against .3315 with three labels
    z, y = np.array([[1.0, -0.5, 0.3]]), np.array([[1.0, 0.0, 1.0]])
    total = MultiLabel().bind(3).loss(z, y)
    np.testing.assert_allclose(total, -np.log(scipy.special.expit([1.0, 0.5, 0.3])).sum(), rtol=1e-12)
    np.testing.assert_allclose(MultiLabel(reduction="mean").bind(3).loss(z, y), total / 3, rtol=1e-12)


def test_bernoulli_probabilities_keep_their_tails():
    p = Bernoulli().mean(np.array([[-700.0], [40.0]]))
    np.testing.assert_allclose(p[0, 1], np.exp(-700.0), rtol=1e-12)
    np.testing.assert_allclose(p[1, 0], np.exp(-40.0), rtol=1e-12)
    assert np.isfinite(Bernoulli().log_mean(np.array([[-5000.0]]))).all()


def test_a_class_that_never_occurs_has_a_finite_intercept():
    found = Categorical().bind(3).intercept(np.array([0, 0, 1]), np.ones(3))
    np.testing.assert_allclose(found, [np.log(2 / 3), np.log(1 / 3), -FARTHEST_INTERCEPT])
    assert Bernoulli().intercept(np.ones(4), np.ones(4)) == FARTHEST_INTERCEPT


@pytest.mark.parametrize(("family", "spread"), [(Normal, np.std), (Laplace, lambda r, axis: np.abs(r).mean(axis))])
def test_dispersion_is_the_most_likely_scale(rng, family, spread):
    y, z = rng.normal(0, 2, (200, 2)), rng.normal(0, 0.1, (200, 2))
    z += (y - z).mean(0)
    fitted = family().bind(2).with_dispersion(z, y, np.ones(200))
    np.testing.assert_allclose(fitted.scale, spread(y - z, axis=0), rtol=1e-12)
    losses = [family(s).bind(2).loss(z, y).mean() for s in (fitted.scale, fitted.scale * 1.01, fitted.scale * 0.99)]
    assert losses[0] == min(losses)
    assert family().bind(2).with_dispersion(y, y, np.ones(200)).distribution(y).std().min() > 0
    learnt = family(learn_scale=True).bind(2)
    assert learnt.with_dispersion(np.c_[z, z], y, np.ones(200)) is learnt


def test_laplace_intercept_is_the_weighted_median():
    y = np.array([[1.0], [2.0], [3.0], [10.0]])
    assert Laplace().bind(1).intercept(y, np.ones(4)) == [2.5]
    assert Laplace().bind(1).intercept(y, np.array([1.0, 1.0, 1.0, 5.0])) == [10.0]


def test_huber_is_squared_near_and_absolute_far():  # C-105
    family = Huber(1.0).bind(1)
    np.testing.assert_allclose(family.loss(np.zeros((3, 1)), np.array([[0.5], [1.0], [-3.0]])), [0.125, 0.5, 2.5])
    assert family.distribution(np.zeros((3, 1))) is None


def test_huber_intercept_moves_little_for_an_outlier():
    y = np.array([[-1.0], [0.0], [1.0], [1000.0]])
    assert abs(Huber(1.0).bind(1).intercept(y, np.ones(4))[0]) < 1
    assert Huber().bind(1).intercept(np.full((3, 1), 2.0), np.ones(3)) == [2.0]


def test_quantiles_do_not_cross_and_the_middle_level_is_predicted():
    family = Quantile((0.05, 0.4, 0.9)).bind(2)
    z = np.array([[3.0, 1.0, 2.0, -1.0, -3.0, -2.0]])
    np.testing.assert_array_equal(family.quantiles(z), [[[1, 2, 3], [-3, -2, -1]]])
    np.testing.assert_array_equal(family.predict(z), [[2, -2]])


def test_quantile_intercept_holds_the_right_share():
    y = np.random.default_rng(0).normal(size=(5000, 1))
    levels = (0.1, 0.5, 0.9)
    found = Quantile(levels).bind(1).intercept(y, np.ones(5000))
    np.testing.assert_allclose([(y <= q).mean() for q in found], levels, atol=3e-4)
    np.testing.assert_allclose(found, np.quantile(y, levels), atol=5e-3)


def test_scores_are_scikit_learns(rng):
    w = rng.random(60) + 0.1
    y, z = rng.normal(size=(60, 2)), rng.normal(size=(60, 2))
    assert Normal().bind(2).score(z, y, w) == pytest.approx(r2_score(y, z, sample_weight=w))
    theirs = d2_pinball_score(y[:, 0], z[:, 0], alpha=0.3, sample_weight=w)
    assert Quantile((0.3,)).bind(1).score(z[:, :1], y[:, :1], w) == pytest.approx(theirs, rel=5e-2)
    counts = rng.poisson(3, 60).astype(float)[:, None]
    theirs = d2_tweedie_score(counts[:, 0], np.exp(z[:, 0]), power=1, sample_weight=w)
    assert Poisson().bind(1).score(z[:, :1], counts, w) == pytest.approx(theirs)
    flags = rng.integers(0, 2, (60, 2))
    theirs = accuracy_score(flags, z > 0, sample_weight=w)
    assert MultiLabel().bind(2).score(z, flags, w) == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Bernoulli().bind(3), "2 classes, and y has 3"),
        (lambda: Bernoulli(1.0).bind(2), "smoothing=1.0"),
        (lambda: Categorical(-0.1).bind(3), "smoothing=-0.1"),
        (lambda: Categorical().bind(1), "at least 2 classes, and y has 1"),
        (lambda: MultiLabel(reduction="max").bind(3), "'sum' or 'mean'"),
        (lambda: Normal(0.0).bind(1), "scale=0.0 of family 'normal'"),
        (lambda: Laplace(np.nan).bind(1), "scale=nan of family 'laplace'"),
        (lambda: Huber(-1.0).bind(1), "delta=-1.0"),
        (lambda: Quantile((0.9, 0.1)).bind(1), "increasing numbers between 0 and 1"),
        (lambda: Quantile((0.0, 0.5)).bind(1), "between 0 and 1"),
        (lambda: Quantile(()).bind(1), "between 0 and 1"),
        (lambda: Poisson().bind(0), "at least 1 target"),
    ],
)
def test_bad_numbers_are_refused_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
