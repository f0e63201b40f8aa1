"""A linear network has the coefficients of the generalised linear model of its family."""

import numpy as np
import pytest
from sklearn.linear_model import GammaRegressor, PoissonRegressor, TweedieRegressor

from wellfit import fit
from wellfit.families.gamma import Gamma
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.poisson import Poisson
from wellfit.families.tweedie import Tweedie
from wellfit.families.zero_inflated_poisson import ZeroInflatedPoisson
from wellfit.functions.links import sigmoid
from wellfit.layers.dense import Dense
from wellfit.networks.network import Network

pytestmark = pytest.mark.slow  # a program each

EXACT = {"alpha": 0, "solver": "newton-cholesky", "tol": 1e-10}
ITERATIONS = {"disp": 0, "method": "bfgs", "maxiter": 1000, "gtol": 1e-8}


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def X(rng):
    return rng.normal(size=(300, 3))


@pytest.fixture
def mean(X):
    return np.exp(0.6 + X @ [0.5, -0.3, 0.1])


def linear(family, X, y):
    """The coefficients (outputs, 1 + d) of a linear network, intercepts first."""
    found = fit(
        Network((Dense(family.bind(1).outputs),)), family, X, y, optimizer="lbfgs", max_epochs=200, dtype=np.float64
    ).params[0]
    return np.column_stack([found["bias"][0], found["weight"][0].T])


def ones_and(X):
    return np.column_stack([np.ones(len(X)), X])


@pytest.mark.parametrize(
    ("family", "theirs", "draw"),
    [
        (Poisson(), PoissonRegressor(**EXACT), lambda rng, mean: rng.poisson(mean)),
        (Gamma(), GammaRegressor(**EXACT), lambda rng, mean: rng.gamma(2.0, mean / 2)),
        (
            Tweedie(1.5),
            TweedieRegressor(power=1.5, link="log", **EXACT),
            lambda rng, mean: rng.gamma(2.0, mean / 2) * (rng.random(len(mean)) < 0.8),
        ),
    ],
    ids=["poisson", "gamma", "tweedie"],
)
def test_coefficients_are_scikit_learns(rng, X, mean, family, theirs, draw):
    y = draw(rng, mean).astype(float)
    theirs.fit(X, y)
    np.testing.assert_allclose(linear(family, X, y), [[theirs.intercept_, *theirs.coef_]], atol=1e-4)


def test_negative_binomial_coefficients_are_statsmodels(rng, X, mean):
    """At the α that is most likely, which statsmodels finds besides."""
    discrete = pytest.importorskip("statsmodels.discrete.discrete_model")
    y = rng.negative_binomial(1 / 0.7, 1 / (1 + 0.7 * mean)).astype(float)
    theirs = discrete.NegativeBinomial(y, ones_and(X)).fit(**ITERATIONS)
    family = NegativeBinomial(alpha=theirs.params[-1])
    found = linear(family, X, y)
    np.testing.assert_allclose(found, [theirs.params[:-1]], atol=1e-4)
    loss = family.bind(1).loss(ones_and(X) @ found.T, y[:, None])
    np.testing.assert_allclose(loss, -theirs.model.loglikeobs(theirs.params), atol=1e-5)


def test_negative_binomial_with_a_fixed_dispersion_solves_its_score_equations(rng, X, mean):
    """Σ x (y - μ) / (1 + α μ) = 0 (Cameron and Trivedi 2013)."""
    y = rng.negative_binomial(1 / 0.7, 1 / (1 + 0.7 * mean)).astype(float)
    fitted = np.exp(ones_and(X) @ linear(NegativeBinomial(alpha=0.7), X, y)[0])
    np.testing.assert_allclose(ones_and(X).T @ ((y - fitted) / (1 + 0.7 * fitted)), 0, atol=1e-4)


def test_zero_inflated_poisson_coefficients_are_statsmodels(rng, X, mean):
    """Those of the mean, and those of the log odds of extra zeros."""
    counts = pytest.importorskip("statsmodels.discrete.count_model")
    y = (rng.poisson(mean) * (rng.random(300) < sigmoid(1 + X @ [0.5, 0.5, 0.0]))).astype(float)
    theirs = counts.ZeroInflatedPoisson(y, ones_and(X), exog_infl=ones_and(X)).fit(**ITERATIONS)
    np.testing.assert_allclose(
        linear(ZeroInflatedPoisson(), X, y), theirs.params.reshape(2, 4)[::-1], atol=1e-4
    )  # theirs begin with the extra zeros
