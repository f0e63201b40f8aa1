"""Likelihoods of real, positive, bounded and ordered targets and of counts against scipy, scikit-learn, statsmodels."""

import numpy as np
import pytest
import scipy.optimize
import scipy.stats
from sklearn.linear_model import GammaRegressor, TweedieRegressor
from sklearn.metrics import d2_tweedie_score, r2_score

from wellfit.families.bernoulli import Bernoulli
from wellfit.families.beta import Beta
from wellfit.families.bounded import Bounded
from wellfit.families.fractional import Fractional
from wellfit.families.gamma import Gamma
from wellfit.families.generalized_normal import GeneralizedNormal
from wellfit.families.laplace import Laplace
from wellfit.families.log_cosh import LogCosh
from wellfit.families.log_normal import LogNormal
from wellfit.families.non_negative import NonNegative
from wellfit.families.normal import Normal
from wellfit.families.ordinal import Ordinal
from wellfit.families.pseudo_huber import PseudoHuber
from wellfit.families.student_t import StudentT
from wellfit.families.tweedie import Tweedie
from wellfit.families.zero_inflated_poisson import ZeroInflatedPoisson
from wellfit.functions.links import FARTHEST_INTERCEPT, MINIMUM_SCALE, sigmoid
from wellfit.functions.numerics import softplus

ONES = np.ones(300)


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def scale_of(raw):
    return softplus(raw) + MINIMUM_SCALE


@pytest.mark.parametrize(
    ("family", "y"),
    [
        (StudentT(learn_scale=True), lambda rng: rng.normal(0, 3, (30, 2))),
        (LogCosh(learn_scale=True), lambda rng: rng.normal(0, 3, (30, 2))),
        (GeneralizedNormal(1.4, learn_scale=True), lambda rng: rng.normal(0, 3, (30, 2))),
        (Gamma(0.4), lambda rng: rng.gamma(2, 1, (30, 2))),
        (Gamma(learn_scale=True), lambda rng: rng.gamma(2, 1, (30, 2))),
        (LogNormal(), lambda rng: rng.gamma(2, 1, (30, 2))),
        (Beta(), lambda rng: rng.beta(1, 2, (30, 2))),
    ],
    ids=lambda value: type(value).__name__ if not callable(value) else "",
)
def test_the_loss_is_that_of_the_distribution(rng, family, y):
    bound, y = family.bind(2), y(rng)
    z = rng.normal(0, 0.7, (30, bound.outputs))
    np.testing.assert_allclose(bound.loss(z, y), -bound.distribution(z).logpdf(y).sum(1), rtol=1e-8)
    means = bound.distribution(z).mean()
    np.testing.assert_allclose(np.broadcast_to(means, (30, 2)), bound.mean(z), rtol=1e-9, atol=1e-12)


def test_the_parameters_mean_what_the_documentation_says(rng):
    z = rng.normal(0, 0.7, (40, 2))
    s = scale_of(z[:, 1:])
    np.testing.assert_allclose(StudentT(5.0, learn_scale=True).distribution(z).std(), s * np.sqrt(5 / 3))
    np.testing.assert_allclose(LogCosh(learn_scale=True).distribution(z).std(), s * np.pi / 2)
    np.testing.assert_allclose(GeneralizedNormal(2.0, learn_scale=True).distribution(z).std(), s / np.sqrt(2))
    np.testing.assert_allclose(Gamma(learn_scale=True).distribution(z).std(), s * np.exp(z[:, :1]))
    mean = sigmoid(z[:, :1])
    np.testing.assert_allclose(Beta().distribution(z).var(), mean * (1 - mean) * s**2 / (1 + s**2))
    median = LogNormal().distribution(z).median()
    np.testing.assert_allclose(median, np.exp(z[:, :1]))


def test_special_cases_are_each_other(rng):  # C-104
    z, y = rng.normal(0, 1, (30, 2)), rng.normal(0, 2, (30, 2))
    like = lambda a, b: np.testing.assert_allclose(a.bind(2).loss(z, y), b.bind(2).loss(z, y), rtol=1e-7)  # noqa: E731
    like(GeneralizedNormal(1.0, 0.7), Laplace(0.7))
    like(GeneralizedNormal(2.0, 0.7 * np.sqrt(2)), Normal(0.7))
    like(StudentT(1e12, 0.7), Normal(0.7))
    two = Ordinal().bind(2)
    classes = rng.integers(0, 2, 30)
    np.testing.assert_allclose(two.loss(z[:, :1], classes), Bernoulli().loss(z[:, :1], classes), rtol=1e-12)
    np.testing.assert_allclose(two.mean(z[:, :1]), Bernoulli().mean(z[:, :1]), rtol=1e-12)
    far = np.column_stack([z, np.full((30, 2), -700.0)])
    counts = rng.poisson(2, (30, 2)).astype(float)
    poisson = -scipy.stats.poisson.logpmf(counts, np.exp(z)).sum(1)
    np.testing.assert_allclose(ZeroInflatedPoisson().bind(2).loss(far, counts), poisson, rtol=1e-12)


@pytest.mark.parametrize(
    ("family", "theirs", "draw"),
    [
        (StudentT(4.0, learn_scale=True), lambda y: scipy.stats.t.fit(y, f0=4)[1:], lambda rng: rng.standard_t(3, 300)),
        (LogCosh(learn_scale=True), scipy.stats.hypsecant.fit, lambda rng: rng.standard_t(3, 300)),
        (
            GeneralizedNormal(1.5, learn_scale=True),
            lambda y: scipy.stats.gennorm.fit(y, f0=1.5)[1:],
            lambda rng: rng.standard_t(3, 300),
        ),
        (LogNormal(), lambda y: (np.log(y).mean(), np.log(y).std()), lambda rng: rng.lognormal(1, 0.4, 300)),
        (
            Gamma(learn_scale=True),
            lambda y: (np.log(y.mean()), scipy.stats.gamma.fit(y, floc=0)[0] ** -0.5),
            lambda rng: rng.gamma(3, 1, 300),
        ),
    ],
    ids=["t", "log cosh", "gennorm", "log-normal", "gamma"],
)
def test_intercepts_are_scipys_fits(rng, family, theirs, draw):
    y = draw(rng)
    location, raw = family.bind(1).intercept(y[:, None], ONES)
    np.testing.assert_allclose([location, scale_of(raw)], theirs(y), rtol=2e-4, atol=2e-4)


def test_beta_intercept_is_scipys_fit(rng):
    y = rng.beta(0.6, 2.5, 300)
    raw_mean, raw = Beta().bind(1).intercept(y[:, None], ONES)
    precision = scale_of(raw) ** -2
    a, b, _, _ = scipy.stats.beta.fit(y, floc=0, fscale=1)
    np.testing.assert_allclose([precision * sigmoid(raw_mean), precision * sigmoid(-raw_mean)], [a, b], rtol=1e-3)


@pytest.mark.parametrize("family", [StudentT(), LogCosh(), GeneralizedNormal(1.5)], ids=lambda f: f.name)
def test_dispersion_is_the_most_likely_scale(rng, family):
    y, z = rng.standard_t(4, (200, 2)), rng.normal(0, 0.1, (200, 2))
    bound = family.bind(2)
    fitted = bound.with_dispersion(z, y, np.ones(200))
    losses = [type(family)(scale=s).bind(2).loss(z, y).mean() for s in (fitted.scale, fitted.scale * 1.01)]
    losses.append(type(family)(scale=fitted.scale * 0.99).bind(2).loss(z, y).mean())
    assert losses[0] == min(losses)
    np.testing.assert_allclose(bound.with_dispersion(y, y, np.ones(200)).scale, MINIMUM_SCALE)
    learnt = type(family)(learn_scale=True).bind(2)
    assert learnt.with_dispersion(np.c_[z, z], y, np.ones(200)) is learnt


def test_dispersion_of_gamma(rng):
    mean = np.exp(rng.normal(0, 0.5, (400, 2)))
    y = rng.gamma(4.0, mean / 4)
    fitted = Gamma().bind(2).with_dispersion(np.log(mean), y, np.ones(400))
    np.testing.assert_allclose(fitted.scale, 0.5, rtol=0.1)
    losses = [Gamma(fitted.scale * f).bind(2).loss(np.log(mean), y).mean() for f in (1, 1.01, 0.99)]
    assert losses[0] == min(losses)
    np.testing.assert_allclose(Gamma().bind(2).with_dispersion(np.log(y), y, np.ones(400)).scale, MINIMUM_SCALE)


def test_outliers_hardly_move_the_robust_constants():  # E-85
    y = np.append(np.random.default_rng(0).normal(0, 1, 60), 50.0)[:, None]
    w = np.ones(61)
    assert Normal().bind(1).intercept(y, w)[0] > 0.7
    for family in (StudentT(), LogCosh(), PseudoHuber(1.0), GeneralizedNormal(1.0), Laplace()):
        assert abs(family.bind(1).intercept(y, w)[0]) < 0.25, family


def test_students_location_may_be_one_of_several_maxima():
    y = np.concatenate([np.full(30, -20.0), np.full(70, 20.0)])[:, None] + np.linspace(0, 1, 100)[:, None]
    location = StudentT(3.0, scale=0.5).bind(1).intercept(y, np.ones(100))[0]
    grid = np.linspace(-25, 25, 2001)
    losses = [StudentT(3.0, scale=0.5).bind(1).loss(np.full((100, 1), m), y).sum() for m in grid]
    assert abs(location - grid[np.argmin(losses)]) < 0.05


def fit_linear(family, X, y, outputs=1, start=None):
    """The coefficients (d + 1, outputs) of the least mean loss of a linear network."""
    A = np.column_stack([np.ones(len(X)), X])

    def loss(b):
        return family.loss(A @ b.reshape(A.shape[1], outputs), y).mean()

    best = np.zeros((A.shape[1], outputs)) if start is None else start
    best[0] = family.intercept(y, np.ones(len(X)))
    found = scipy.optimize.minimize(loss, best.ravel(), method="BFGS", options={"gtol": 1e-8})
    return found.x.reshape(A.shape[1], outputs), found.fun


@pytest.mark.parametrize(
    ("family", "theirs"),
    [
        (Gamma(), GammaRegressor(alpha=0, solver="newton-cholesky", tol=1e-10)),
        (Tweedie(1.5), TweedieRegressor(power=1.5, alpha=0, link="log", solver="newton-cholesky", tol=1e-10)),
    ],
    ids=["gamma", "tweedie"],
)
def test_linear_networks_are_scikit_learns_regressors(rng, family, theirs):
    X = rng.normal(size=(150, 3))
    mean = np.exp(0.3 + X @ [0.5, -0.3, 0.1])
    y = rng.gamma(2.0, mean / 2) * (1 if family.target == "positives" else rng.random(150) < 0.8)
    theirs.fit(X, y)
    found, _ = fit_linear(family.bind(1), X, y[:, None])
    np.testing.assert_allclose(found[:, 0], [theirs.intercept_, *theirs.coef_], atol=1e-4)
    z = np.log(theirs.predict(X))[:, None]
    power = 2 if family.target == "positives" else 1.5
    w = rng.random(150)
    expected = d2_tweedie_score(y, theirs.predict(X), power=power, sample_weight=w)
    assert family.bind(1).score(z, y[:, None], w) == pytest.approx(expected)


@pytest.fixture
def statsmodels():
    return pytest.importorskip("statsmodels.api")


def test_zero_inflated_poisson_is_statsmodels(rng, statsmodels):
    from statsmodels.discrete.count_model import ZeroInflatedPoisson as Theirs

    X = rng.normal(size=(250, 2))
    y = rng.poisson(np.exp(0.8 + X @ [0.4, -0.2])) * (rng.random(250) < sigmoid(1 + X @ [0.5, 0.5]))
    A = statsmodels.add_constant(X)
    model = Theirs(y, A, exog_infl=A)
    params = rng.normal(0, 0.5, 6)  # those of the inflation first
    z = np.column_stack([A @ params[3:], A @ params[:3]])
    family = ZeroInflatedPoisson().bind(1)
    np.testing.assert_allclose(family.loss(z, y[:, None].astype(float)), -model.loglikeobs(params), rtol=1e-8)
    found, loss = fit_linear(family, X, y[:, None].astype(float), outputs=2)
    assert model.score(found.T[::-1].ravel()) == pytest.approx(np.zeros(6), abs=1e-3)
    assert -model.loglike(found.T[::-1].ravel()) / 250 == pytest.approx(loss)


def test_beta_is_statsmodels(rng, statsmodels):
    from statsmodels.othermod.betareg import BetaModel

    X = rng.normal(size=(150, 2))
    mean = sigmoid(0.2 + X @ [0.5, -0.7])
    y = rng.beta(8 * mean, 8 * (1 - mean))
    model = BetaModel(y, statsmodels.add_constant(X))
    params = np.array([0.1, 0.4, -0.5, 1.7])  # of the mean, and the log precision
    raw = np.log(np.expm1(np.exp(-0.85) - MINIMUM_SCALE))
    z = np.column_stack([statsmodels.add_constant(X) @ params[:3], np.full(150, raw)])
    np.testing.assert_allclose(Beta().bind(1).loss(z, y[:, None]), -model.loglikeobs(params), rtol=1e-8)


def test_ordinal_is_statsmodels(rng, statsmodels):
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    X = rng.normal(size=(150, 2))
    y = np.searchsorted([-0.5, 0.4, 1.5], X @ [1.0, -0.5] + rng.logistic(size=150))
    model = OrderedModel(y, X, distr="logit")
    theta, slopes = np.array([-0.7, 0.2, 1.1]), np.array([0.9, -0.4])
    params = [*slopes, theta[0], *np.log(np.diff(theta))]
    gaps = np.log(np.expm1(np.diff(theta)))
    z = np.column_stack([X @ slopes - theta[0], np.tile(gaps, (150, 1))])  # proportional odds: the gaps do not move
    np.testing.assert_allclose(Ordinal().bind(4).loss(z, y), -model.loglikeobs(params), rtol=1e-9)
    np.testing.assert_allclose(Ordinal().bind(4).mean(z), model.predict(params, exog=X), rtol=1e-9)


def test_zero_inflated_counts_as_scipy_distributions_are(rng):
    mean, extra = rng.gamma(2, 1, (5, 2)), rng.random((5, 2))
    z = np.column_stack([np.log(mean), np.log(extra / (1 - extra))])
    family = ZeroInflatedPoisson().bind(2)
    frozen, x = family.distribution(z), np.arange(60)[:, None, None]
    pmf = frozen.pmf(x)
    np.testing.assert_allclose(pmf.sum(0), 1, rtol=1e-12)
    np.testing.assert_allclose(np.cumsum(pmf, axis=0), frozen.cdf(x), rtol=1e-12)
    np.testing.assert_allclose((x * pmf).sum(0), frozen.mean(), rtol=1e-10)
    np.testing.assert_allclose(frozen.mean(), family.mean(z), rtol=1e-12)
    np.testing.assert_allclose(((x - frozen.mean()) ** 2 * pmf).sum(0), frozen.var(), rtol=1e-9)
    np.testing.assert_allclose(1 - frozen.cdf(3), frozen.sf(3), rtol=1e-9)
    for q in (0.01, 0.5, 0.9, 0.999):
        quantile = frozen.ppf(q)
        assert (frozen.cdf(quantile) >= q).all()
        assert (frozen.cdf(quantile - 1) < q).all()
    y = rng.integers(0, 6, (5, 2)).astype(float)
    np.testing.assert_allclose(family.loss(z, y), -frozen.logpmf(y).sum(1), rtol=1e-10)


def test_zero_inflation_is_found_where_there_is_some():
    rng = np.random.default_rng(0)
    y = (rng.poisson(2.5, 40_000) * (rng.random(40_000) < 0.6)).astype(float)[:, None]
    log_mean, raw = ZeroInflatedPoisson().bind(1).intercept(y, np.ones(len(y)))
    assert np.exp(log_mean) == pytest.approx(2.5, rel=0.02)
    assert sigmoid(raw) == pytest.approx(0.4, abs=0.01)
    few = np.array([[1.0], [2.0], [3.0], [2.0]])
    assert ZeroInflatedPoisson().bind(1).intercept(few, np.ones(4)).tolist() == [np.log(2.0), -FARTHEST_INTERCEPT]


def test_means_stay_where_the_target_is(rng):  # C-041, C-042
    z = rng.normal(0, 200, (50, 2))
    assert (NonNegative().bind(2).mean(z) >= 0).all()
    for family in (Bounded(), Fractional()):
        mean = family.bind(2).mean(z)
        assert ((mean >= 0) & (mean <= 1)).all()
    np.testing.assert_allclose(2 * Bounded().bind(2).mean(2 * z) - 1, np.tanh(z), atol=1e-15)
    y, w = rng.random((50, 2)), rng.random(50)
    assert Bounded().bind(2).score(z, y, w) == pytest.approx(r2_score(y, sigmoid(z), sample_weight=w))
    assert NonNegative().bind(2).score(z, y, w) == pytest.approx(r2_score(y, softplus(z), sample_weight=w))


def test_ordinal_in_order(rng):
    family = Ordinal().bind(5)
    shares = np.array([0.1, 0.4, 0.0, 0.3, 0.2])
    y = np.repeat(np.arange(5), (shares * 50).astype(int))
    found = family.mean(family.intercept(y, np.ones(len(y)))[None])[0]
    np.testing.assert_allclose(found, shares, atol=1e-12)
    z = rng.normal(0, 3, (30, 4))
    up = z + np.array([1.0, 0, 0, 0])
    assert (np.cumsum(family.mean(up), axis=1) <= np.cumsum(family.mean(z), axis=1) + 1e-15).all()
    assert Ordinal(("low", "middle", "high")).bind(2).classes == 3
    assert Ordinal(["low", "high"]).bind(2).codec == {"order": ("low", "high")}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: StudentT(2.0).bind(1), "df=2.0 of family 'student_t' must be a finite number above 2"),
        (lambda: StudentT(scale=0.0).bind(1), "scale=0.0 of family 'student_t'"),
        (lambda: GeneralizedNormal(0.5).bind(1), "power=0.5 of family 'generalized_normal'"),
        (lambda: PseudoHuber(0.0).bind(1), "delta=0.0 of family 'pseudo_huber'"),
        (lambda: Gamma(-1.0).bind(1), "scale=-1.0 of family 'gamma'"),
        (lambda: Tweedie(2.0).bind(1), "power=2.0 of family 'tweedie' must lie between 1 and 2; .*'gamma'"),
        (lambda: Bounded(1.0, 1.0).bind(1), "low=1.0 and high=1.0 of family 'bounded'"),
        (lambda: Beta(0.0, np.inf).bind(1), "high=inf of family 'beta'"),
        (lambda: Ordinal().bind(1), "at least 2 classes"),
        (lambda: Ordinal(("a", "b")).bind(3), "must name each of y's 3 classes once"),
        (lambda: Ordinal(("a", "a")).bind(2), "must name each of y's 2 classes once"),
    ],
)
def test_bad_numbers_are_refused_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
