"""Regularisers of the estimators, beside scikit-learn's linear models and closed forms."""

import numpy as np
import pytest
import scipy.optimize
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.functions.penalties import Lp
from wellfit.networks.presets import MLP
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.sgd import SGD
from wellfit.training.programs import compilations

EXACT = {"hidden": (), "max_epochs": 500, "random_state": 0}


def problem(kind: str, n: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """20 columns, of which 3 matter."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 20))
    score = X[:, :3] @ [2.0, -1.0, 1.5]
    if kind == "reals":
        return X, score + 0.1 * rng.normal(size=n)
    return X, (score + 0.5 * rng.normal(size=n) > 0).astype(int)


def inside(model, X, y):
    """Standardised columns and the target as the network sees them, and its weights."""
    x = model._table.transform(X, np.float64)["numeric"]
    return x, model._target.encode(y), model.params_[-1]["weight"][0, :, 0]


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_elastic_net_is_scikit_learns(optimizer):
    X, y = problem("reals")
    model = NeuralRegressor(optimizer=optimizer, l1=5.0, l2=2.0, **EXACT).fit(X, y)  # C-222
    x, t, weight = inside(model, X, y)
    theirs = ElasticNet(alpha=7 / 90, l1_ratio=5 / 7, tol=1e-12, max_iter=100_000).fit(x, t[:, 0]).coef_
    np.testing.assert_allclose(weight, theirs, atol=1e-6)
    np.testing.assert_array_equal(weight == 0, theirs == 0)
    assert (weight == 0).sum() >= 15


@pytest.mark.slow
def test_elastic_net_of_classes_is_scikit_learns():
    X, y = problem("classes")
    model = NeuralClassifier(optimizer="lbfgs", l1=3.0, l2=1.0, calibrate=False, **EXACT).fit(X, y)
    x, t, weight = inside(model, X, y)
    theirs = LogisticRegression(C=0.25, l1_ratio=0.75, solver="saga", tol=1e-10, max_iter=100_000).fit(x, t).coef_[0]
    np.testing.assert_allclose(weight, theirs, atol=1e-4)
    np.testing.assert_array_equal(weight == 0, theirs == 0)


def test_a_normal_prior_is_ridge_regression():
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:100], y[:100]
    model = NeuralRegressor(optimizer="lbfgs", l2=7.0, **EXACT).fit(X, y)  # C-149, G-34, N-81
    x, t, weight = inside(model, X, y)
    centred, r = x - x.mean(axis=0), t[:, 0] - t[:, 0].mean()
    closed = np.linalg.solve(centred.T @ centred + 7.0 * np.eye(10), centred.T @ r)
    np.testing.assert_allclose(weight, closed, atol=1e-6)
    np.testing.assert_allclose(weight, Ridge(7.0).fit(x, t[:, 0]).coef_, atol=1e-6)


@pytest.mark.parametrize("kind", ["reals", "classes"])
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
@pytest.mark.parametrize("n", [90, 400])
@pytest.mark.slow
def test_l1_keeps_three_of_twenty_columns(kind, optimizer, n):
    # C-233, E-44: 90 rows are a fit of all rows in float64, 400 one of shuffled batches in float32
    X, y = problem(kind, n)
    estimator = NeuralRegressor if kind == "reals" else NeuralClassifier
    settings = {**EXACT, "max_epochs": 200, "n_members": 1, "early_stopping": False}
    model = estimator(optimizer=optimizer, l1=0.08 * n, l2=None, weight_decay=None, **settings).fit(X, y)
    weight = model.params_[-1]["weight"][0, :, 0]
    assert (weight[3:] == 0).sum() >= 15
    assert (weight[:3] != 0).all()


@pytest.mark.slow
def test_l1_of_the_first_layer_alone_selects_columns():
    X, y = problem("reals")
    model = NeuralRegressor(hidden=(4,), l1=(8.0, None), l2=None, max_epochs=400, random_state=0).fit(X, y)
    first, last = (params["weight"][0] for params in model.params_ if "weight" in params)
    assert (first[3:] == 0).all(axis=1).sum() >= 15
    assert (first[:3] != 0).any(axis=1).all()
    assert (last != 0).all()


@pytest.mark.slow
def test_decay_under_gradient_descent_is_the_penalty_and_under_adam_is_not():
    X, y = problem("reals")
    full = {**EXACT, "batch_size": "full", "schedule": "constant", "max_epochs": 3000}
    penalty = NeuralRegressor(optimizer="lbfgs", l2=9.0, **EXACT).fit(X, y)
    descent = NeuralRegressor(optimizer=SGD(), learning_rate=0.2, l2=None, weight_decay=0.1, **full).fit(X, y)
    adam = NeuralRegressor(optimizer="adamw", learning_rate=0.01, l2=None, weight_decay=0.1, **full).fit(X, y)
    wanted, *found = (inside(model, X, y)[2] for model in (penalty, descent, adam))
    np.testing.assert_allclose(found[0], wanted, atol=1e-6)  # weight_decay times 90 rows is l2
    assert abs(found[1] - wanted).max() > 0.01
    assert "l2 = weight_decay · Σw = 9:" in str(descent.priors_)
    assert "no prior: a weight loses 0.001 of itself in a step" in str(adam.priors_)


@pytest.mark.slow
def test_an_lp_prior_is_its_penalised_least_squares():
    X, y = problem("reals")
    settings = {"optimizer": "lbfgs", "l2": None, **EXACT}
    model = NeuralRegressor(lp=Lp(1.5, 5.0), **settings).fit(X, y)
    x, t, weight = inside(model, X, y)
    centred, r = x - x.mean(axis=0), t[:, 0] - t[:, 0].mean()

    def slope(w):
        return centred.T @ (centred @ w - r) + 5.0 * np.sign(w) * np.sqrt(np.abs(w))

    np.testing.assert_allclose(weight, scipy.optimize.root(slope, 0.9 * weight, tol=1e-12).x, atol=1e-6)
    l2, lp = (NeuralRegressor(**{**settings, **own}).fit(X, y) for own in ({"l2": 5.0}, {"lp": Lp(2.0, 5.0)}))
    np.testing.assert_allclose(inside(l2, X, y)[2], inside(lp, X, y)[2], atol=1e-9)


@pytest.mark.slow
def test_max_norm_and_noise_are_reached_from_the_estimator():
    X, y = problem("reals")
    settings = {"hidden": (8,), "max_epochs": 30, "random_state": 0, "early_stopping": False}
    model = NeuralRegressor(max_norm=(0.5, None), input_dropout=0.1, input_noise=0.1, weight_noise=0.01, **settings)
    model.fit(X, y)
    kinds = [type(layer).__name__ for layer in model.network_.layers]
    assert kinds.index("GaussianNoise") < kinds.index("Dense")
    assert kinds.index("Dropout") < kinds.index("Dense")
    first = next(params["weight"][0] for params in model.params_ if "weight" in params)
    assert np.linalg.norm(first, axis=0).max() <= 0.5001
    before = compilations()
    model.set_params(max_norm=(0.7, None), input_dropout=0.2, input_noise=0.3, weight_noise=0.05).fit(X, y)
    assert compilations() == before


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"l2": (1.0, 2.0, 3.0)}, r"l2=\(1.0, 2.0, 3.0\) has 3 entries, and the network has 2 layers"),
        ({"lp": 1.5}, r"'lp' parameter of NeuralRegressor must be None or Lp\(p, strength\)"),
        ({"lp": Lp(0.9, 1.0)}, "with p >= 1 and strength >= 0"),
        ({"max_norm": 0.0}, "'max_norm' parameter of NeuralRegressor must be None, a number > 0"),
        ({"max_norm": 1.0, "optimizer": "lbfgs"}, "max_norm=1.0 moves weights after the step"),
        ({"l1": (-1.0, 1.0)}, "'l1' parameter of NeuralRegressor must be None, a number >= 0"),
        ({"input_noise": 0.1, "network": MLP((8,))}, r"put it there, as in MLP\(input_noise=...\)"),
    ],
)
def test_what_cannot_be_is_refused(settings, words):
    X, y = problem("reals")
    with pytest.raises(ValueError, match=words):
        NeuralRegressor(**{"hidden": (8,), "max_epochs": 1, **settings}).fit(X, y)


@pytest.mark.slow
def test_zero_takes_a_part_out_of_the_program():
    X, y = problem("reals")
    settings = {"hidden": (8,), "max_epochs": 2, "random_state": 0}
    plain = NeuralRegressor(**settings).fit(X, y)
    before = compilations()
    zero = {"l1": 0.0, "lp": Lp(1.5, 0.0), "input_dropout": 0.0, "input_noise": 0.0, "weight_noise": 0.0}
    other = NeuralRegressor(**settings, **zero).fit(X, y)
    assert compilations() == before
    np.testing.assert_array_equal(plain.predict(X), other.predict(X))


@pytest.mark.parametrize("kernel", [True, False])
def test_label_smoothing_bounds_the_probabilities_of_two_classes(kernel, by_xla):  # C-121
    if not kernel:
        by_xla()
    X = np.tile([[-1.0], [1.0]], (30, 1))
    options = {"hidden": (), "max_epochs": 300, "learning_rate": 0.1, "calibrate": False, "early_stopping": False}
    model = NeuralClassifier(label_smoothing=0.4, weight_decay=None, l2=None, random_state=0, n_members=1, **options)
    highest = model.fit(X, (X[:, 0] > 0).astype(int)).predict_proba(X).max(axis=1)
    np.testing.assert_allclose(highest, 0.8, atol=0.01)


def test_label_smoothing_is_refused_where_a_family_has_none():
    X, y = problem("classes")
    with pytest.raises(ValueError, match=r"label_smoothing=0.1 .* Hinge"):
        NeuralClassifier(family="hinge", label_smoothing=0.1, max_epochs=1).fit(X, y)
    NeuralClassifier(label_smoothing=0.1, max_epochs=1, calibrate=False).fit(X, y)


def test_the_fit_says_how_it_was_regularised():
    X, y = problem("reals")
    model = NeuralRegressor(hidden=(8,), l1=(2.0, None), l2=0.5, weight_decay=0, max_epochs=2, optimizer="adam")
    sentence = next(reason for reason in model.fit(X, y).reasons_ if reason.startswith("Regularised"))
    assert sentence.startswith("Regularised by l1=(2, None), l2=0.5; model.priors_ reads them as priors")


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("adamw", 0.01),
        (AdamW(weight_decay=0.03), 0.03),
        (SGD(weight_decay=0.02), 0.02),
        ("adam", None),
        ("lbfgs", None),
        ("natural_gradient", None),
    ],
    ids=str,
)
def test_decay_by_itself_is_the_optimizers_own(method, expected):
    X, y = problem("reals", 150)
    for n in (150, 90):
        task = NeuralRegressor(optimizer=method, hidden=())._prepare(X[:n], y[:n], None, None, None, None)
        decay = task.plan.optimizer.weight_decay
        assert decay is None if expected is None else decay == pytest.approx(expected)
