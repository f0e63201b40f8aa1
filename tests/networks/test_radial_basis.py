"""Radial-basis-function networks: scipy's interpolants, curves, spirals and digits."""

import numpy as np
import pytest
from scipy.interpolate import RBFInterpolator
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from wellfit import NeuralClassifier, NeuralRegressor, fit, load
from wellfit.layers.dense import Dense
from wellfit.layers.radial import Radial
from wellfit.networks import Network, RadialBasis


@pytest.mark.parametrize(
    ("kernel", "width"),
    [("gaussian", 0.3), ("inverse_quadratic", 0.15), ("inverse_multiquadric", 0.15), ("linear", 1.0)],
)
def test_with_a_centre_for_each_row_it_is_scipys_interpolant(kernel, width):  # C-019
    rng = np.random.default_rng(0)
    X, y = np.stack(np.meshgrid(*[np.linspace(-1, 1, 5)] * 2), axis=-1).reshape(-1, 2), rng.normal(size=25)
    X = X + rng.uniform(-0.05, 0.05, X.shape)
    epsilon = 1 / (width * np.sqrt(2)) if kernel == "gaussian" else 1 / width
    theirs = RBFInterpolator(X, y, kernel=kernel, epsilon=epsilon, degree=-1 if kernel != "linear" else 0)
    if kernel == "linear":  # conditionally definite: scipy adds a constant, and so does a bias only if its sum is 0
        theirs._coeffs, theirs.powers = np.linalg.solve(np.sqrt(((X[:, None] - X) ** 2).sum(-1)), y[:, None]), None
    radial = Radial(25, kernel, learn_centres=False, learn_widths=False, start_width=width)
    found = fit(
        Network((radial, Dense(1, bias=False))), "normal", X, y, optimizer="lbfgs", max_epochs=3000, dtype=np.float64
    )
    new = rng.uniform(-1, 1, (50, 2))
    if kernel == "linear":
        expected = np.sqrt(((new[:, None] - X) ** 2).sum(-1)) @ theirs._coeffs[:, 0]
    else:
        expected = theirs(new)
    np.testing.assert_allclose(found.mean(X), y, atol=1e-5)
    np.testing.assert_allclose(found.mean(new), expected, atol=1e-5)


@pytest.mark.parametrize("kernel", ["gaussian", "multiquadric"])
def test_a_sine(kernel):
    X = np.linspace(0, 10, 400)[:, None]
    y = np.sin(X[:, 0])
    model = NeuralRegressor(
        RadialBasis(20, kernel), optimizer="lbfgs", l2=None, max_epochs=100, n_members=1, random_state=0
    ).fit(X, y)
    assert model.score(X, y) > 0.995


def spirals(n=300):
    rng = np.random.default_rng(0)
    t = np.sqrt(rng.random(n)) * 3 * np.pi
    y = rng.integers(0, 2, n)
    turn = t + np.pi * y
    return np.stack([t * np.cos(turn), t * np.sin(turn)], axis=1) + rng.normal(0, 0.2, (n, 2)), y


def test_two_spirals():
    X, y = spirals()
    options = {"learning_rate": 0.03, "l2": None, "weight_decay": None, "max_epochs": 150, "n_members": 1}
    model = NeuralClassifier(RadialBasis(60), **options, random_state=0, early_stopping=False).fit(X, y)
    assert model.score(X, y) > 0.97


def test_digits_and_files(tmp_path):
    X, y = load_digits(return_X_y=True)
    X, new, y, truth = train_test_split(X, y, random_state=0)
    model = NeuralClassifier(RadialBasis(100), learning_rate=0.02, max_epochs=30, n_members=1, random_state=0)
    assert model.fit(X, y).score(new, truth) > 0.95
    model.save(tmp_path / "m.wellfit")
    again = load(tmp_path / "m.wellfit")
    np.testing.assert_array_equal(again.predict_proba(new), model.predict_proba(new))
    assert again.network == RadialBasis(100)


def test_fixed_centres_stay_and_members_differ():
    X, y = spirals(150)
    model = NeuralClassifier(
        RadialBasis(10, learn_centres=False), max_epochs=5, n_members=2, weight_decay=0.5, random_state=0
    ).fit(X, y)
    centres = model.params_[1]["centre"]
    bent = model._table.transform(X, np.float32)["numeric"]
    assert not np.array_equal(centres[0], centres[1])
    for own in centres:  # means of training rows, untouched by decay
        assert ((own > bent.min(axis=0)) & (own < bent.max(axis=0))).all()
    moved = NeuralClassifier(RadialBasis(10), max_epochs=5, n_members=2, random_state=0).fit(X, y).params_[1]["centre"]
    assert 0 < np.abs(moved - centres).max() < 0.5


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="kernel 'bell' is unknown"):
        RadialBasis(kernel="bell")
    with pytest.raises(ValueError, match="centres=0 of RadialBasis must be an integer >= 1"):
        RadialBasis(0)
