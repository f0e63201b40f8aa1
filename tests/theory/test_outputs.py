"""Targets, output layers and losses that belong together; decisions; targets as classes, flags and numbers."""

import jax
import numpy as np
import pytest

from wellfit.data.targets import Classes
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.bounded import Bounded
from wellfit.families.categorical import Categorical
from wellfit.families.laplace import Laplace
from wellfit.families.multilabel import MultiLabel
from wellfit.families.non_negative import NonNegative
from wellfit.families.normal import Normal
from wellfit.families.table import names, resolve
from wellfit.functions.activations.rows import softmax
from wellfit.functions.links import sigmoid
from wellfit.functions.losses.classification import binary_cross_entropy, cross_entropy

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("kind", "name", "k", "outputs"),
    [
        ("reals", "squared_error", 1, 1),
        ("reals", "squared_error", 2, 2),  # latitude and longitude, width and height
        ("reals", "squared_error", 3, 3),  # a place in space, a colour
        ("reals", "squared_error", 4, 4),  # a box
        ("classes", "cross_entropy", 2, 1),
        ("classes", "categorical", 2, 2),
        ("classes", "cross_entropy", 3, 3),  # irises
        ("classes", "cross_entropy", 5, 5),
        ("classes", "cross_entropy", 10, 10),  # digits
        ("flags", "cross_entropy", 14, 14),  # diseases
    ],
)
def test_the_number_of_outputs(kind, name, k, outputs):  # C-043, C-044, C-046 to C-049, C-064, N-77, N-83
    family = resolve(name, kind, k)
    assert family.outputs == outputs
    z = RNG.normal(size=(6, outputs))
    assert family.mean(z).shape[0] == 6


def test_the_menu_of_losses():  # C-065
    assert {"squared_error", "absolute_error", "huber"} <= set(names("reals"))
    assert {"binary_cross_entropy", "hinge", "cross_entropy", "categorical", "kl_divergence"} <= set(names("classes"))
    assert {"cross_entropy", "multilabel"} <= set(names("flags"))


def test_outputs_of_numbers_are_straight_lines():  # C-040, C-045
    z = RNG.normal(size=(5, 2))
    for family in (Normal().bind(2), Laplace().bind(2)):
        np.testing.assert_array_equal(family.mean(z), z)
    np.testing.assert_allclose(Laplace().bind(2).loss(z, 0 * z) - np.abs(z).sum(axis=1), 2 * np.log(2))


def test_outputs_of_limited_numbers_stay_within():  # C-041, C-042, C-256
    z = np.linspace(-30, 30, 13)[:, None]
    assert (NonNegative().bind(1).mean(z) >= 0).all()
    low, high = -2.0, 6.0
    bounded = Bounded(low, high).bind(1)
    shares = np.asarray(bounded.mean(z))[:, 0]
    assert ((shares >= 0) & (shares <= 1)).all()  # the target's codec rescales it
    np.testing.assert_allclose(2 * sigmoid(z) - 1, np.tanh(z / 2), atol=1e-15)  # a tanh output is this one, stretched


def test_two_outputs_with_a_softmax_are_one_with_a_sigmoid():  # C-031, C-046, C-047, C-305
    z, y = RNG.normal(size=(20, 2)), RNG.integers(0, 2, 20)
    difference = z[:, 1:] - z[:, :1]
    two, one = Categorical(classes=2), Bernoulli()
    np.testing.assert_allclose(two.loss(z, y), one.loss(difference, y.astype(float)))
    np.testing.assert_allclose(two.mean(z), one.mean(difference))


def test_a_sigmoid_for_each_class_is_no_distribution():  # C-050, C-048, C-049
    z = np.array([[2.0, 1.0, -0.5]])
    assert MultiLabel().bind(3).mean(z).sum() > 1.5
    assert Categorical(classes=3).mean(z).sum() == pytest.approx(1)


def test_decisions_are_made_after_training():  # C-058, C-059, C-083, E-53, E-102
    z = np.array([[0.2, 1.5, 1.4], [3.0, -1.0, 0.0]])
    np.testing.assert_array_equal(Categorical(classes=3).predict(z), z.argmax(axis=1))
    np.testing.assert_array_equal(softmax(z).argmax(axis=1), z.argmax(axis=1))  # the order stays
    assert (softmax(z) > 0).all()  # a distribution: one label comes from argmax
    raw = np.array([[-0.1], [0.0], [0.1]])
    np.testing.assert_array_equal(Bernoulli().predict(raw), [0, 0, 1])
    np.testing.assert_array_equal(Bernoulli().mean(raw)[:, 1] > 0.5, Bernoulli().predict(raw))
    with jax.enable_x64(True):
        slope = jax.grad(lambda z: (jax.nn.one_hot(z.argmax(axis=1), 3) * np.arange(3.0)).sum())(z)
    assert not np.asarray(slope).any()  # 0 where there is a slope; at a tie there is none
    jumps = [np.argmax(np.array([1.0, 1.0 + e])) for e in (-1e-9, 1e-9)]
    assert jumps == [0, 1]


def test_indicators_and_class_numbers_are_the_same_target():  # C-060, C-061, C-108, E-86
    z, y = RNG.normal(size=(12, 4)), RNG.integers(0, 4, 12)
    hot = np.eye(4)[y]
    np.testing.assert_array_equal(hot.sum(axis=1), 1)
    np.testing.assert_allclose(cross_entropy(z, hot), cross_entropy(z, y))
    flowers = Classes.fit(np.array(["versicolor", "setosa", "virginica", "setosa"]))
    np.testing.assert_array_equal(flowers.classes, ["setosa", "versicolor", "virginica"])  # sorted, numbered from 0
    np.testing.assert_array_equal(flowers.encode(np.array(["setosa", "virginica"])), [0, 2])


def test_the_contract_of_cross_entropy():  # C-051, C-361, C-362
    """Raw outputs (n, K) and class numbers (n,); of a whole batch the mean."""
    z = np.array([[2.1, 0.1, -1.0], [1.0, 3.0, 0.2]])
    loss = cross_entropy(z, np.array([0, 1]))
    assert loss.shape == (2,)
    np.testing.assert_allclose(loss, [0.165840, 0.179104], atol=5e-7)
    assert loss.mean() == pytest.approx(0.1724722, abs=5e-8)  # N-36: torch's CrossEntropyLoss prints .1725


def test_the_last_activation_is_of_a_row_and_the_loss_of_a_batch():  # C-062, C-128
    z, y = RNG.normal(size=(8, 3)), RNG.integers(0, 3, 8)
    family = Categorical(classes=3)
    np.testing.assert_allclose(family.mean(z)[2:3], family.mean(z[2:3]))  # no row knows of the others
    assert family.loss(z, y).shape == (8,)
    assert np.ndim(family.loss(z, y).mean()) == 0


def test_softmax_as_a_table():  # C-345, N-01 to N-04
    logits = np.array([[1.47, -0.39, 0.22], [5, 6, 4], [0.9, 0.8, 1.1], [-2, 2, -3]])
    printed = np.array([[0.69, 0.11, 0.20], [0.24, 0.67, 0.09], [0.32, 0.29, 0.39], [0.02, 0.98, 0.01]])
    np.testing.assert_array_equal(softmax(logits).round(2), printed)
    np.testing.assert_allclose(softmax(logits).sum(axis=1), 1)
    np.testing.assert_allclose(printed.sum(axis=1), [1, 1, 1, 1.01])  # rounded entries need not add to 1


def test_a_table_of_predictions_has_a_loss():  # C-277, C-306, N-05 to N-07
    p = np.array([[0.22, 0.70, 0.08], [0.70, 0.22, 0.08], [0.70, 0.08, 0.22]])
    found = cross_entropy(np.log(p), np.array([1, 1, 1]))
    np.testing.assert_array_equal(found.round(4), [0.3567, 1.5141, 2.5257])


def test_labels_of_a_row_are_weighted_by_the_row():  # C-049, C-303, E-30, G-31
    z, y, w = RNG.normal(size=(6, 3)), RNG.integers(0, 2, (6, 3)).astype(float), np.array([1.0, 1, 5, 1, 1, 5])
    family = MultiLabel().bind(3)
    np.testing.assert_allclose(family.loss(z, y), binary_cross_entropy(z, y).sum(axis=1))
    assert w @ family.loss(z, y) == pytest.approx((w[:, None] * binary_cross_entropy(z, y)).sum())
    with jax.enable_x64(True):
        slope = jax.grad(lambda z: (w * family.loss(z, y)).sum())(z)
    np.testing.assert_allclose(slope, w[:, None] * (sigmoid(z) - y), atol=1e-14)
    np.testing.assert_allclose(family.intercept(y, w), np.log((w @ y) / (w @ (1 - y))))
