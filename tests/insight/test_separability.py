"""Whether classes are linearly separable, and the certificates of it."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from wellfit.insight.separability import LARGEST, most_mistakes, pairs, separability

RNG = np.random.default_rng(0)
SQUARE = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)


def with_ones(X):
    return np.column_stack([X, np.ones(len(X))])


@pytest.mark.parametrize("number", range(16))
def test_of_the_16_functions_of_two_bits_two_are_not_separable(number):  # C-004
    y = np.array([number >> bit & 1 for bit in range(4)])
    if y.min() == y.max():
        assert separability(SQUARE, y, 2).separable
        return
    assert separability(SQUARE, y, 2).separable is (number not in (0b0110, 0b1001))


def test_real_tables():
    for load, expected in ((load_breast_cancer, True), (load_wine, True), (load_iris, False)):
        X, y = load(return_X_y=True)
        assert separability(with_ones(X), y, y.max() + 1).separable is expected
    X, y = load_iris(return_X_y=True)
    assert separability(with_ones(X), (y == 0).astype(int), 2).separable
    assert not separability(with_ones(X), (y == 1).astype(int), 2).separable
    line = with_ones(np.array([[-1.0], [0], [1], [-1.1], [0.1], [1.2]]))
    middle = np.array([0, 1, 2, 0, 1, 2])  # the class in the middle is not separable from the rest, yet all three are
    assert separability(line, middle, 3).separable
    assert not separability(line, (middle == 1).astype(int), 2).separable


@pytest.mark.parametrize("classes", [2, 4])
def test_both_answers_come_with_a_certificate(classes):
    X = RNG.normal(size=(60, 5)) * [1, 1e3, 1e-3, 1, 1]
    y = (X / [1, 1e3, 1e-3, 1, 1] @ RNG.normal(size=(5, classes))).argmax(axis=1)
    found = separability(X, y, classes)
    assert found.separable
    z = X @ found.weights.T
    np.testing.assert_array_equal(z.argmax(axis=1), y)
    assert (pairs(X, y, classes) @ found.weights.ravel() > 0).all()
    wrong = (y + (RNG.random(60) < 0.4)) % classes
    found = separability(X, wrong, classes)
    assert found.separable is False
    scaled = X / np.abs(X).max(axis=0)
    scaled /= np.linalg.norm(scaled, axis=1, keepdims=True)
    assert (found.mixture >= 0).all()
    assert found.mixture.sum() == pytest.approx(1)
    np.testing.assert_allclose(pairs(scaled, wrong, classes).T @ found.mixture, 0, atol=1e-8)


def test_one_point_of_two_classes_is_enough():
    X = with_ones(np.array([[0.0, 0], [1, 1], [1, 1], [2, 5]]))
    assert separability(X, np.array([0, 0, 1, 1]), 2).separable is False


def test_the_bound_is_novikoffs():
    X, y = np.array([[3.0, 4.0], [-1.0, 0.0]]), np.array([1, 0])
    w = np.array([1.0, 0.5])
    margin = min((X @ w) * [1, -1]) / np.linalg.norm(w)
    assert most_mistakes(X, y, np.stack([-w, w])) == pytest.approx(25 / margin**2)


def test_what_is_too_large_is_not_asked():
    n = LARGEST // 20
    assert separability(np.ones((n, 11)), np.arange(n) % 2, 2).separable is None
