"""Predictive distributions: intervals that cover, and mixtures of members."""

import numpy as np
import pytest
import scipy.stats

from wellfit.families.beta import Beta
from wellfit.families.gamma import Gamma
from wellfit.families.generalized_normal import GeneralizedNormal
from wellfit.families.laplace import Laplace
from wellfit.families.log_cosh import LogCosh
from wellfit.families.log_normal import LogNormal
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson
from wellfit.families.predictive import Mixture
from wellfit.families.student_t import StudentT
from wellfit.families.zero_inflated_poisson import ZeroInflatedPoisson


@pytest.mark.parametrize(
    ("family", "z", "at_least"),
    [
        (Normal(0.7), [0.3], False),
        (Normal(learn_scale=True), [0.3, -1.0], False),
        (Laplace(2.0), [0.3], False),
        (Poisson(), [3.0], True),
        (NegativeBinomial(), [4.0, -1.0], True),
        (ZeroInflatedPoisson(), [3.0, -3.0], True),
        (StudentT(3.0), [0.3], False),
        (LogCosh(0.4), [0.3], False),
        (GeneralizedNormal(1.3), [0.3], False),
        (Gamma(0.6), [1.0], False),
        (LogNormal(), [0.3, -0.5], False),
        (Beta(), [0.3, -0.5], False),
    ],
    ids=lambda value: str(value)[:12],
)
def test_intervals_cover(family, z, at_least):
    n = 20_000
    distribution = family.bind(1).distribution(np.tile(z, (n, 1)))
    y = distribution.rvs(random_state=0)
    low, high = distribution.interval(0.8)
    covered = ((y >= low) & (y <= high)).mean()
    assert 0.79 <= covered <= (0.87 if at_least else 0.81)


NORMALS = [scipy.stats.norm([-2.0, 0.0], [0.5, 1.0]), scipy.stats.norm([3.0, 0.0], [2.0, 1.0])]
COUNTS = [scipy.stats.poisson([1.0, 7.0]), scipy.stats.poisson([9.0, 7.0])]


@pytest.mark.parametrize("members", [NORMALS, COUNTS], ids=["normal", "poisson"])
def test_mixture_is_what_sampling_gives(members):
    mixture, n = Mixture(members), 100_000
    drawn = mixture.rvs(size=(n, 2), random_state=0)
    np.testing.assert_allclose(mixture.mean(), drawn.mean(0), atol=0.03)
    np.testing.assert_allclose(mixture.std(), drawn.std(0), rtol=0.01)
    for q in (0.05, 0.3, 0.8, 0.975):
        near = 0.1 if members is NORMALS else 1
        np.testing.assert_allclose(mixture.ppf(q), np.quantile(drawn, q, axis=0), atol=near)
    np.testing.assert_allclose(mixture.cdf(1.0), (drawn <= 1).mean(0), atol=0.01)


def test_a_mixture_of_equals_is_the_member():
    member = scipy.stats.norm([1.0, 2.0], [1.0, 3.0])
    mixture = Mixture([member, member, member])
    for q in (1e-9, 0.2, 0.5, 1 - 1e-9):
        np.testing.assert_allclose(mixture.ppf(q), member.ppf(q), rtol=1e-14)
    np.testing.assert_allclose(mixture.interval(0.9), member.interval(0.9), rtol=1e-14)
    np.testing.assert_allclose(mixture.median(), [1.0, 2.0])
    np.testing.assert_allclose(mixture.pdf(0.5), member.pdf(0.5), rtol=1e-14)


def test_quantiles_of_a_mixture_invert_its_cdf():
    mixture = Mixture(NORMALS)
    q = np.linspace(0.001, 0.999, 101)[:, None]
    np.testing.assert_allclose(mixture.cdf(mixture.ppf(q)), np.broadcast_to(q, (101, 2)), atol=1e-14)
    np.testing.assert_allclose(mixture.sf(mixture.ppf(q)), np.broadcast_to(1 - q, (101, 2)), atol=1e-14)


def test_quantiles_of_counts_are_the_smallest_integers_that_reach_the_level():
    mixture = Mixture(COUNTS)
    for q in (0.01, 0.37, 0.5, 0.999):
        x = mixture.ppf(q)
        np.testing.assert_array_equal(x, np.floor(x))
        assert (mixture.cdf(x) >= q).all()
        assert (mixture.cdf(x - 1) < q).all()
    np.testing.assert_allclose(mixture.pmf(3), mixture.cdf(3) - mixture.cdf(2), rtol=1e-12)


def test_levels_0_and_1_are_the_ends_of_the_support():
    np.testing.assert_array_equal(Mixture(NORMALS).ppf(0.0), [-np.inf, -np.inf])
    np.testing.assert_array_equal(Mixture(NORMALS).ppf(1.0), [np.inf, np.inf])
    np.testing.assert_array_equal(Mixture(COUNTS).ppf(1.0), [np.inf, np.inf])
    levels = np.array([[0.0], [0.5], [1.0]])
    np.testing.assert_allclose(Mixture(NORMALS).ppf(levels)[1], Mixture(NORMALS).ppf(0.5), rtol=1e-14)


def test_mixtures_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        Mixture([])
    with pytest.raises(ValueError, match="all continuous or all discrete"):
        Mixture([NORMALS[0], COUNTS[0]])
