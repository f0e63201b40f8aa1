"""Classes under margin and robust losses: best constants, the probabilities they stand for, what is refused."""

import numpy as np
import pytest
import scipy.optimize
from sklearn.metrics import hinge_loss

from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.exponential import Exponential
from wellfit.families.focal import Focal
from wellfit.families.generalized_cross_entropy import GeneralizedCrossEntropy
from wellfit.families.hinge import Hinge, SquaredHinge
from wellfit.families.levels import best_levels
from wellfit.families.perceptron import PerceptronCriterion
from wellfit.families.probability_error import ProbabilityError
from wellfit.families.table import EVALUATION_ONLY, FAMILIES, resolve
from wellfit.functions.links import sigmoid, softmax

ALL = [Hinge, SquaredHinge, PerceptronCriterion, Exponential, Focal, GeneralizedCrossEntropy, ProbabilityError]
HONEST = [Exponential(), Focal(), Focal(0.5), Focal(5.0), GeneralizedCrossEntropy(), GeneralizedCrossEntropy(0.2)]
named = pytest.mark.parametrize("family", HONEST, ids=repr)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@named
def test_two_classes_where_the_loss_is_least_the_probability_is_the_truth(family):
    bound = family.bind(2)
    for p in (0.02, 0.3, 0.5, 0.9):
        expected = lambda z, p=p: bound.loss(np.array([[z]]), np.array([p]))[0]  # noqa: E731
        best = scipy.optimize.minimize_scalar(expected, bounds=(-40, 40), method="bounded", options={"xatol": 1e-9}).x
        assert bound.mean(np.array([[best]]))[0, 1] == pytest.approx(p, abs=1e-5)
        assert bound.best_of_two(np.array([p]))[0] == pytest.approx(best, abs=1e-4)


@named
def test_several_classes_where_the_loss_is_least_the_probabilities_are_the_truth(family, rng):
    bound, p, z = family.bind(4), np.array([0.5, 0.28, 0.15, 0.07]), np.zeros(4)

    def expected(z):
        return p @ bound.loss(np.tile(z, (4, 1)), np.arange(4))

    for _ in range(3):  # the focal loss is flat far out
        z = scipy.optimize.minimize(expected, z, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14}).x
    np.testing.assert_allclose(bound.mean(z[None])[0], p, atol=2e-5)
    np.testing.assert_allclose(bound.mean(bound.best_of_many(p)[None])[0], p, atol=1e-9)


@pytest.mark.parametrize("family", ALL)
@pytest.mark.parametrize("k", [2, 4])
def test_probabilities_keep_the_order_of_raw_outputs(family, k, rng):
    bound = family().bind(k)
    z = rng.normal(0, 4, (200, bound.outputs))
    p = bound.mean(z)
    np.testing.assert_array_equal(bound.predict(z), p.argmax(axis=1))
    if k > 2:
        np.testing.assert_array_equal(np.argsort(z, axis=1), np.argsort(bound.log_mean(z), axis=1))
    far = bound.log_mean(np.where(z > 0, 700.0, -700.0))
    assert np.isfinite(far).all()
    assert np.isfinite(bound.log_mean(700 * z.astype(np.float32))).all()


def test_focal_without_focus_is_cross_entropy(rng):
    z, y = rng.normal(0, 2, (30, 4)), rng.integers(0, 4, 30)
    np.testing.assert_allclose(Focal(0.0).bind(4).loss(z, y), Categorical().bind(4).loss(z, y), rtol=1e-10)
    np.testing.assert_allclose(Focal(0.0).bind(4).mean(z), softmax(z), rtol=1e-12)
    np.testing.assert_allclose(Focal(0.0).bind(2).mean(z[:, :1]), Bernoulli().mean(z[:, :1]), rtol=1e-12)
    w = rng.random(30)
    gap = Focal(0.0).bind(4).intercept(y, w) - Categorical().bind(4).intercept(y, w)
    np.testing.assert_allclose(gap, gap[0], atol=1e-9)


def test_focal_alpha_weighs_the_classes(rng):  # C-120
    """The second of two by α and the first by 1 - α (Lin et al. 2017), of expected targets too; several by theirs."""
    z, y = rng.normal(0, 2, (30, 1)), rng.random(30)
    plain, weighed = Focal().bind(2), Focal(alpha=0.8).bind(2)
    both = 0.8 * y * plain.loss(z, np.ones(30)) + 0.2 * (1 - y) * plain.loss(z, np.zeros(30))
    np.testing.assert_allclose(weighed.loss(z, y), both, rtol=1e-12)
    z, y, alpha = rng.normal(0, 2, (30, 4)), rng.integers(0, 4, 30), np.array([1.0, 2.0, 0.5, 4.0])
    found = Focal(alpha=alpha).bind(4).loss(z, y)
    np.testing.assert_allclose(found, alpha[y] * Focal().bind(4).loss(z, y), rtol=1e-12)


def test_focal_alpha_moves_decisions_and_not_probabilities():  # C-120
    """Where the weighted loss is least the probability is the truth, and classes are decided by α times it."""
    weighed = Focal(alpha=0.8).bind(2)
    for p in (0.02, 0.3, 0.5, 0.9):
        expected = lambda z, p=p: weighed.loss(np.array([[z]]), np.array([p]))[0]  # noqa: E731
        best = scipy.optimize.minimize_scalar(expected, bounds=(-40, 40), method="bounded", options={"xatol": 1e-9}).x
        assert weighed.mean(np.array([[best]]))[0, 1] == pytest.approx(p, abs=1e-5)
        assert weighed.best_of_two(np.array([p]))[0] == pytest.approx(best, abs=1e-4)
        assert weighed.predict(np.array([[best]]))[0] == (0.8 * p > 0.2 * (1 - p))
        assert weighed.floor(np.array([p]))[0] == pytest.approx(expected(best), abs=1e-9)
    p, several = np.array([0.5, 0.28, 0.15, 0.07]), Focal(1.5, alpha=(1.0, 2.0, 0.5, 4.0)).bind(4)
    best = several.best_of_many(p)
    expected = lambda z: p @ several.loss(np.tile(z, (4, 1)), np.arange(4))  # noqa: E731
    np.testing.assert_allclose(several.mean(best[None])[0], p, atol=1e-9)
    np.testing.assert_allclose(scipy.optimize.approx_fprime(best, expected, 1e-6), 0, atol=1e-5)


@pytest.mark.parametrize("family", ALL)
def test_two_classes_are_the_general_case_of_two(family, rng):
    two, z, y = family().bind(2), rng.normal(0, 2, (30, 1)), rng.integers(0, 2, 30)
    both = np.concatenate([-z / 2, z / 2], axis=1)
    np.testing.assert_allclose(two.loss(z, y), two.of_many(both, y), rtol=1e-12)
    np.testing.assert_allclose(two.mean(z), softmax(two.scores(both)), rtol=1e-12)


def test_hinges_are_scikit_learns(rng):  # C-116, C-117
    z, y = rng.normal(0, 1, (40, 1)), rng.integers(0, 2, 40)
    assert Hinge().bind(2).loss(z, y).mean() == pytest.approx(hinge_loss(y, z[:, 0]))
    z, y = rng.normal(0, 1, (40, 4)), rng.integers(0, 4, 40)
    assert Hinge("crammer_singer").bind(4).loss(z, y).mean() == pytest.approx(hinge_loss(y, z, labels=range(4)))


@pytest.mark.parametrize("k", [3, 4, 7])
def test_best_levels_are_those_of_a_linear_program(k):
    rng = np.random.default_rng(k)
    own = np.eye(k, dtype=bool)

    def loss(z, shares):
        return shares @ np.where(own, 0, np.maximum(0, 1 - (z[:, None] - z))).sum(axis=1)

    pairs = [(t, j) for t in range(k) for j in range(k) if t != j]
    for concentration in (0.2, 1.0, 10.0, 0.5, 3.0):
        shares = rng.dirichlet(np.full(k, concentration))
        # the least Σ π_t ξ_tj with ξ_tj ≥ 1 - (z_t - z_j), ξ ≥ 0
        rows = np.zeros((len(pairs), k + len(pairs)))
        for i, (t, j) in enumerate(pairs):
            rows[i, [t, j, k + i]] = -1, 1, -1
        cost = np.concatenate([np.zeros(k), [shares[t] for t, _ in pairs]])
        bounds = [(None, None)] * k + [(0, None)] * len(pairs)
        program = scipy.optimize.linprog(cost, rows, -np.ones(len(pairs)), bounds=bounds)
        assert loss(best_levels(shares), shares) == pytest.approx(program.fun, abs=1e-9)


def test_where_training_starts(rng):
    y, w = rng.choice(3, 60, p=[0.6, 0.3, 0.1]), rng.random(60)
    logs = Categorical().bind(3).intercept(y, w)
    for family in (ProbabilityError(), GeneralizedCrossEntropy()):  # at their best constant there is next to no slope
        np.testing.assert_allclose(family.bind(3).start(y, w), logs)
        np.testing.assert_allclose(family.bind(2).start(y > 0, w), Bernoulli().intercept(y > 0, w), rtol=1e-12)
    for family in (Hinge(), Focal(), Exponential(), Categorical()):
        np.testing.assert_allclose(family.bind(3).start(y, w), family.bind(3).intercept(y, w))


def test_a_class_without_rows_and_one_with_all(rng):
    for family in (f() for f in ALL):
        bound = family.bind(4)
        y = np.array([2, 2, 0, 2, 0])
        best = bound.intercept(y, np.ones(5))
        assert np.isfinite(best).all()
        assert best[2] > max(best[1], best[3])
        assert bound.intercept(np.zeros(3, int), np.ones(3)).argmax() == 0


def test_soft_targets_of_several_classes_are_refused(rng):
    for family in ALL:
        with pytest.raises(
            ValueError, match=r"needs class numbers \(n,\), and y has shape \(3, 4\); use 'categorical'"
        ):
            family().bind(4).loss(np.zeros((3, 4)), np.full((3, 4), 0.25))


def test_a_soft_target_costs_what_is_expected(rng):
    z, t = rng.normal(0, 2, (20, 1)), rng.random(20)
    for family in ALL:
        bound = family().bind(2)
        ones, zeros = np.ones(20), np.zeros(20)
        expected = t * bound.loss(z, ones) + (1 - t) * bound.loss(z, zeros)
        np.testing.assert_allclose(bound.loss(z, t), expected, rtol=1e-12)
    np.testing.assert_allclose(ProbabilityError().bind(2).loss(z, np.ones(20)), 2 * sigmoid(-z[:, 0]), rtol=1e-12)


@pytest.mark.parametrize("name", EVALUATION_ONLY)
def test_losses_for_evaluation_only_are_refused_with_the_reason(name):  # C-118
    with pytest.raises(
        ValueError, match=r"for evaluation only: its gradient is 0 wherever it has one.*'cross_entropy'"
    ):
        resolve(name, "classes", 3)
    assert name not in FAMILIES


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Hinge("one_vs_rest").bind(3), "multiclass='one_vs_rest' of family 'hinge' must be one of"),
        (lambda: Focal(-1.0).bind(3), "gamma=-1.0 of family 'focal'"),
        (lambda: Focal(alpha=1.0).bind(2), "alpha=1.0 of family 'focal' must be a number between 0 and 1"),
        (lambda: Focal(alpha=0.3).bind(3), "one finite number above 0 for each of them; y has 3"),
        (lambda: GeneralizedCrossEntropy(1.0).bind(3), "q=1.0 of family 'generalized_cross_entropy'"),
        (lambda: SquaredHinge().bind(1), "family 'squared_hinge' needs at least 2 classes"),
    ],
)
def test_bad_numbers_are_refused_in_one_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()
