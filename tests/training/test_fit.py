"""``wellfit.fit``: the estimators' building blocks on encoded arrays, against other people's numbers."""

import warnings

import numpy as np
import pytest
import scipy.optimize

import wellfit
from wellfit.core.errors import ConvergenceWarning
from wellfit.families.categorical import Categorical
from wellfit.families.normal import Normal
from wellfit.families.quantile import Quantile
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.networks.network import Network
from wellfit.optimizers.adam import Adam
from wellfit.training.encoded import bound, check_target
from wellfit.training.programs import compilations

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 3))
Y = X @ [1.0, -2.0, 0.5] + 3 + 0.1 * RNG.normal(size=120)
LINE = Network((Dense(1),))
QUICK = {"max_epochs": 3}


def deep(outputs=1, rate=None):
    layers = (Dense(8), Activation("relu"), *((Dropout(rate),) if rate else ()), Dense(outputs))
    return Network(layers)


def test_it_is_a_function_beside_the_module():
    import wellfit.training.fit

    assert callable(wellfit.fit)
    assert wellfit.fit is wellfit.training.fit.fit
    assert "fit" in dir(wellfit)


@pytest.mark.parametrize("w", [None, RNG.integers(0, 4, 120)], ids=["plain", "weighted"])
def test_a_linear_network_finds_the_least_squares_of_numpy(w):
    root = np.sqrt(np.ones(120) if w is None else w)
    design = np.column_stack([X, np.ones(120)])
    expected = np.linalg.lstsq(design * root[:, None], Y * root, rcond=None)[0]
    found = wellfit.fit(LINE, "normal", X, Y, weights=w, optimizer="lbfgs", max_epochs=60, dtype=np.float64)
    np.testing.assert_allclose(found.params[0]["weight"][0, :, 0], expected[:3], rtol=1e-7)
    np.testing.assert_allclose(found.params[0]["bias"][0], expected[3:], rtol=1e-7)
    np.testing.assert_allclose(found.predict(X), design @ expected, rtol=1e-7)


def test_the_prior_is_that_of_ridge_regression():
    found = wellfit.fit(LINE, "normal", X, Y, optimizer="lbfgs", max_epochs=60, l2=7.0, dtype=np.float64)
    centred = X - X.mean(0)
    expected = np.linalg.solve(centred.T @ centred + 7 * np.eye(3), centred.T @ (Y - Y.mean()))
    np.testing.assert_allclose(found.params[0]["weight"][0, :, 0], expected, rtol=1e-7)


def test_logistic_regression_is_scipys_minimum():
    y = (X[:, 0] + RNG.logistic(size=120) > 0).astype(int)

    def loss(b):
        z = X @ b[:3] + b[3]
        return np.sum(np.logaddexp(0, z) - y * z)

    expected = scipy.optimize.minimize(loss, np.zeros(4), tol=1e-10).x
    found = wellfit.fit(LINE, "bernoulli", X, y, optimizer="lbfgs", max_epochs=80, dtype=np.float64)
    np.testing.assert_allclose(found.params[0]["weight"][0, :, 0], expected[:3], atol=1e-5)
    assert found.predict(X).dtype == np.int32
    np.testing.assert_allclose(found.mean(X).sum(axis=1), 1)


@pytest.mark.slow
def test_equal_bits_as_the_estimators_building_blocks():
    """The same network, seed and numbers as NeuralRegressor's, given what its codecs make of X and y."""
    y = (Y - Y.mean()) / Y.std()
    model = wellfit.NeuralRegressor(
        hidden=8, dropout=None, optimizer="adam", learning_rate=0.01, schedule="constant", batch_size=16,
        max_epochs=5, early_stopping=False, weight_decay=None, l2=None, n_members=2, random_state=3,
    ).fit(X, y)  # fmt: skip
    seed = int(np.random.RandomState(3).randint(2**31 - 1))
    x = model._table.transform(X, np.float32)
    found = wellfit.fit(
        model.network_, "normal", x, model._target.encode(y), optimizer=Adam(0.01), schedule="constant", batch_size=16,
        max_epochs=5, members=2, seed=seed,
    )  # fmt: skip
    for mine, its in zip(found.params, model.params_, strict=True):
        for name, leaf in mine.items():
            np.testing.assert_array_equal(leaf, its[name])
    assert found.history == model.history_
    np.testing.assert_array_equal(found.raw_outputs(x), model._raw(x))


def test_other_numbers_and_seeds_compile_nothing():
    options = {"batch_size": 16, "optimizer": "adam", "l2": 1.0, "validation": (X[:30], Y[:30]), "patience": 4}
    wellfit.fit(deep(rate=0.1), "normal", X, Y, learning_rate=0.01, **options).predict(X)
    before = compilations()
    again = wellfit.fit(
        deep(rate=0.3), Normal(0.5), X[:115], Y[:115],
        **{**options, "l2": 2, "patience": 7, "learning_rate": 0.02, "seed": 9, "max_epochs": 40},
    )  # fmt: skip
    again.predict(X[:7])
    assert compilations() == before


def test_the_same_seed_gives_the_same_bits_and_a_member_is_itself_in_a_crowd():
    one, again = (wellfit.fit(deep(), "normal", X, Y, seed=5, **QUICK) for _ in range(2))
    crowd = wellfit.fit(deep(), "normal", X, Y, seed=5, members=3, **QUICK)
    np.testing.assert_array_equal(one.raw_outputs(X), again.raw_outputs(X))
    np.testing.assert_array_equal(one.raw_outputs(X)[0], crowd.raw_outputs(X)[0])
    assert crowd.raw_outputs(X).shape == (3, 120, 1)
    np.testing.assert_allclose(crowd.predict(X), crowd.raw_outputs(X).mean(axis=0)[:, 0])


def test_held_out_rows_keep_the_best_epoch_and_stop():
    found = wellfit.fit(
        deep(), "normal", X[:20], RNG.normal(size=20), validation=(X[20:], Y[20:], np.ones(100)), patience=3,
        learning_rate=0.05, max_epochs=500,
    )  # fmt: skip
    assert found.status == "stopped_early"
    history = found.history["validation_loss"]
    assert len(history) == found.n_iter < 500
    assert found.best_epoch == 1 + int(np.argmin(history))
    loss = np.mean(0.5 * (found.predict(X[20:]) - Y[20:]) ** 2 + 0.5 * np.log(2 * np.pi))
    assert loss == pytest.approx(min(history), rel=1e-4)


def test_a_callback_and_the_clock_end_training():
    seen = []
    found = wellfit.fit(deep(), "normal", X, Y, callback=lambda p: seen.append(int(p.epochs[0])) or len(seen) == 2)
    assert (found.status, seen) == ("stopped_by_callback", [1, 2])
    assert wellfit.fit(deep(), "normal", X, Y, max_epochs=10**5, max_time=0.1).status == "timed_out"


def test_divergence_is_a_warning_and_a_status():
    with pytest.warns(ConvergenceWarning, match="diverged"):
        found = wellfit.fit(LINE, "normal", X, Y, optimizer="sgd", learning_rate=1e30, **QUICK)
    assert found.status == "diverged"


def test_a_row_of_weight_0_is_not_there():
    w = RNG.integers(0, 2, 120)
    found = wellfit.fit(deep(), "normal", X, Y, weights=w, **QUICK)
    without = wellfit.fit(deep(), "normal", X[w > 0], Y[w > 0], **QUICK)
    np.testing.assert_array_equal(found.predict(X), without.predict(X))


CLASSES = RNG.integers(0, 3, 120)
TARGETS = {
    "normal": ("normal", Y, 1, (120, 1)),
    "two numbers": ("normal", np.column_stack([Y, -Y]), 2, (120, 2)),
    "learnt scale": (Normal(learn_scale=True), Y, 2, (120, 1)),
    "quantiles": (Quantile((0.1, 0.9)), Y[:, None], 2, (120, 1)),
    "poisson": ("poisson", RNG.poisson(2, 120), 1, (120, 1)),
    "bernoulli": ("bernoulli", CLASSES % 2, 1, (120,)),
    "soft bernoulli": ("bernoulli", RNG.random(120), 1, (120,)),
    "truth": ("log_loss", CLASSES > 1, 1, (120,)),
    "classes": ("categorical", CLASSES, 3, (120,)),
    "classes as floats": ("log_loss", CLASSES.astype(float), 3, (120,)),
    "soft classes": ("categorical", RNG.dirichlet(np.ones(3), 120), 3, (120, 3)),
    "a class without rows": (Categorical(classes=5), CLASSES, 5, (120,)),
    "flags": ("multilabel", RNG.integers(0, 2, (120, 2)), 2, (120, 2)),
    "flags by alias": ("cross_entropy", RNG.integers(0, 2, (120, 2)), 2, (120, 2)),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_family_is_bound_to_y_and_y_is_as_the_family_takes_it(name):
    given, y, outputs, shape = TARGETS[name]
    family = bound(given, y)
    assert family.outputs == outputs
    found = check_target(family, y, "y")
    assert found.shape == shape
    assert found.dtype == (np.int32 if family.target == "classes" and "soft" not in name else np.float64)
    assert np.isfinite(family.loss(np.zeros((120, outputs)), found)).all()


@pytest.mark.parametrize(
    ("name", "predicted"),
    [("learnt scale", (120,)), ("two numbers", (120, 2)), ("soft classes", (120,)), ("flags", (120, 2))],
)
def test_predictions_have_the_shape_of_y(name, predicted):
    family, y, outputs, _ = TARGETS[name]
    found = wellfit.fit(Network((Dense(outputs),)), family, X, y, **QUICK)
    assert found.predict(X).shape == predicted
    assert found.raw_outputs(X[:2]).shape == (1, 2, outputs)
    assert found.n_iter == len(found.history["loss"]) == 3
    assert found.status == "finished"


def test_a_pytree_of_rows():
    network = Network((Tabular(Embedding((3,), (2,))), Dense(1)))
    x = {"numeric": X, "codes": CLASSES[:, None]}
    found = wellfit.fit(network, "normal", x, Y, **QUICK)
    assert found.params[0]["embedding0"].shape == (1, 3, 2)
    assert found.predict({"numeric": X[:4], "codes": CLASSES[:4, None]}).shape == (4,)


def test_nothing_of_the_callers_is_changed():
    x, y = X.copy(), Y.copy()
    wellfit.fit(LINE, "normal", x, y, **QUICK)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


NAN = np.where(np.arange(120) == 7, np.nan, Y)
WRONG = {
    "rows": ({"y": Y[:9]}, r"y must have shape \(120,\) or \(120, k\), one row for each of X, got \(9,\)"),
    "cube": ({"y": np.zeros((120, 1, 1))}, "y must have shape"),
    "outputs": ({"network": Network((Dense(2),))}, r"needs \(1,\) raw outputs; end it with Dense\(1\)"),
    "images": ({"X": np.zeros((120, 2, 2))}, "a dense layer needs rows of one axis"),
    "no rows": ({"X": X[:0]}, "at least 1"),
    "no arrays": ({"X": {}}, "X must be an array"),
    "two lengths": ({"X": {"a": X, "b": X[:3]}}, r"one number of rows, at least 1, in all its arrays, got \[3, 120\]"),
    "text": ({"X": np.full((120, 3), "a")}, "X must hold arrays of numbers"),
    "nan in X": ({"X": np.where(X[7, 1] == X, np.nan, X)}, "X contains NaN or infinity at row 7, 1"),
    "nan in y": ({"y": NAN}, "y must hold finite numbers, already encoded, got NaN or infinity at row 7"),
    "labels": ({"y": np.full(120, "a"), "family": "categorical"}, "y must hold finite numbers, already encoded"),
    "class": ({"y": CLASSES - 1, "family": "categorical"}, "class numbers 0 to 1 of shape .*, got -1 at row"),
    "third": ({"y": CLASSES, "family": "bernoulli"}, "bernoulli"),
    "half": ({"y": CLASSES / 2 + 0.1, "family": Categorical(classes=3)}, "class numbers 0 to 2"),
    "counts": ({"y": Y, "family": "poisson"}, "non-negative integers"),
    "flags": ({"y": CLASSES[:, None], "family": "multilabel"}, "domain of MultiLabel"),
    "family": ({"family": "normel"}, "did you mean 'normal'"),
    "no family": ({"family": 3}, "family=3 must be a name or an object"),
    "weights": ({"weights": -np.ones(120)}, "weights must be 120 finite numbers >= 0.* from -1 to -1"),
    "few weights": ({"weights": [1.0]}, r"weights must be 120 .*got shape \(1,\)"),
    "optimizer": ({"optimizer": "adamm"}, "did you mean 'adam'"),
    "rate": ({"learning_rate": -1.0}, "learning_rate"),
    "schedule": ({"schedule": "cosin"}, "did you mean 'cosine'"),
    "schedule's type": ({"schedule": 3}, "schedule=3 must be a Schedule or a name"),
    "batch": ({"batch_size": 0}, "batch_size must be an integer >= 1 or 'full', got 0"),
    "epochs": ({"max_epochs": 2.5}, "max_epochs must be an integer >= 1"),
    "members": ({"members": 0}, "members must be"),
    "seed": ({"seed": -1}, "seed must be"),
    "l1": ({"l1": -1.0}, "l1 must be None or a number >= 0"),
    "l2": ({"l2": np.nan}, "l2 must be None or a number >= 0"),
    "patience": ({"patience": 3}, "patience=3 needs held-out rows"),
    "validation": ({"validation": X}, r"validation must be \(X, y\)"),
    "its X": ({"validation": (X[:, :2], Y)}, r"validation's X has rows of shape \(2,\), and X of \(3,\)"),
    "its y": ({"validation": (X, Y[:3])}, "validation's y must have shape"),
    "its targets": ({"validation": (X, np.column_stack([Y, Y]))}, "validation's y has rows of shape"),
    "dtype": ({"dtype": np.float16}, "dtype='float16' must be"),
    "time": ({"max_time": -1}, "max_time"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_one_sentence(name):
    changes, words = WRONG[name]
    given = {"network": LINE, "family": "normal", "X": X, "y": Y, **changes}
    with pytest.raises(ValueError, match=words) as refusal:
        wellfit.fit(given.pop("network"), given.pop("family"), given.pop("X"), given.pop("y"), **given)
    assert "\n" not in str(refusal.value)


def test_rows_of_another_shape_are_refused_in_predict():
    found = wellfit.fit(LINE, "normal", X, Y, **QUICK)
    with pytest.raises(ValueError, match="rows of shape"):
        found.predict(X[:, :2])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found.predict(X[:1].tolist()).shape == (1,)
