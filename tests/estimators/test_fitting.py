"""What the estimators do with data: targets, weights, regimes, stopping, going on."""

import os
import pickle
import signal
import threading

import jax
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.metrics import d2_tweedie_score, log_loss, r2_score
from sklearn.model_selection import cross_val_score

from wellfit import ConvergenceWarning, NeuralClassifier, NeuralRegressor
from wellfit.estimators.recipe import patience, recipe
from wellfit.families.categorical import Categorical
from wellfit.families.normal import Normal
from wellfit.families.quantile import Quantile
from wellfit.functions.schedules import Cosine, OneCycle, Plateau
from wellfit.layers.dense import Dense
from wellfit.layers.embedding import Tabular
from wellfit.networks.network import Network
from wellfit.optimizers.adam import Adam
from wellfit.training.programs import compilations

QUICK = {"hidden": (16,), "max_epochs": 15, "n_members": 1, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:600], y[:600]


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


@pytest.fixture(scope="module")
def numbers(diabetes):
    return NeuralRegressor(**QUICK).fit(*diabetes)


# -- targets


def test_defaults_are_good_on_bundled_data():
    X, y = load_breast_cancer(return_X_y=True)
    model = NeuralClassifier(random_state=0).fit(X[::2], y[::2])
    assert model.score(X[1::2], y[1::2]) > 0.94
    assert log_loss(y[1::2], model.predict_proba(X[1::2])) < 0.2


@pytest.mark.parametrize(
    "labels",
    [["a", "b", "c"], [10, -3, 7], [0.5 + 0.5, 2.0, 3.0], np.array(["x", "y", "z"], object)],
    ids=["str", "int", "float", "object"],
)
def test_any_label_type_comes_back(labels):
    X, y = load_iris(return_X_y=True)
    y = np.asarray(labels)[y]
    model = NeuralClassifier(**QUICK).fit(X, y)
    assert model.predict(X).dtype == y.dtype
    assert set(model.predict(X)) <= set(y)
    np.testing.assert_array_equal(model.classes_, np.unique(y))


@pytest.mark.slow
def test_boolean_labels():
    X, y = load_breast_cancer(return_X_y=True)
    model = NeuralClassifier(**QUICK).fit(X, y.astype(bool))
    assert model.predict(X).dtype == bool
    assert type(model.family_).__name__ == "Bernoulli"


def test_multi_label():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 5))
    Y = (X[:, :3] + 0.1 * rng.normal(size=(300, 3)) > 0).astype(int)
    model = NeuralClassifier(**{**QUICK, "max_epochs": 60}).fit(X, Y)
    p = model.predict_proba(X)
    assert p.shape == (300, 3)
    assert (model.predict(X) == Y).mean() > 0.9
    np.testing.assert_array_equal(model.predict(X), (p > 0.5).astype(int))


def test_many_targets_keep_their_shape_and_units(diabetes):
    X, y = diabetes
    Y = np.stack([y, -3 * y + 1000], axis=1)
    model = NeuralRegressor(**QUICK).fit(X, Y)
    assert model.predict(X).shape == Y.shape
    assert r2_score(Y, model.predict(X)) > 0.2
    assert model.predict_interval(X).shape == (len(X), 2, 2)


def test_counts_choose_a_count_family_and_score_is_d2():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 3))
    y = rng.poisson(np.exp(0.5 * X[:, 0]))
    model = NeuralRegressor(**QUICK).fit(X, y)
    assert type(model.family_).__name__ in ("Poisson", "NegativeBinomial")
    poisson = NeuralRegressor(family="poisson", **QUICK).fit(X, y)
    assert poisson.score(X, y) == pytest.approx(d2_tweedie_score(y, poisson.predict(X), power=1), abs=1e-6)
    assert (poisson.predict(X) > 0).all()
    low, high = poisson.predict_interval(X, 0.9).T
    assert ((low <= y) & (y <= high)).mean() > 0.85


def test_probabilities_are_float64_and_sum_to_one(digits):
    model = NeuralClassifier(**QUICK).fit(*digits)
    p = model.predict_proba(digits[0])
    assert p.dtype == np.float64
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(model.predict_log_proba(digits[0]), np.log(p), atol=1e-9)


# -- uncertainty


@pytest.mark.parametrize("family", ["normal", Normal(learn_scale=True), "laplace", "quantile"], ids=str)
@pytest.mark.slow
def test_intervals_cover_and_quantiles_are_ordered(family, diabetes):
    X, y = diabetes
    model = NeuralRegressor(family=family, **{**QUICK, "max_epochs": 40}).fit(X, y)
    low, high = model.predict_interval(X, 0.9).T
    assert 0.75 < ((low <= y) & (y <= high)).mean() <= 1
    quantiles = model.predict_quantile(X, [0.1, 0.5, 0.9])
    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_an_interval_of_a_crowd_is_that_of_the_mixture(diabetes):
    X, y = diabetes
    model = NeuralRegressor(**{**QUICK, "n_members": 3}).fit(X, y)
    z = model._raw(model._encoded(X[:5]))
    low, high = model.predict_interval(X[:5], 0.8, method="distribution").T
    members = [f.distribution(own) for f, own in zip(model._families, z, strict=True)]
    for edge, level in ((low, 0.1), (high, 0.9)):
        inside = model._target.encode(edge)
        np.testing.assert_allclose(np.mean([m.cdf(inside) for m in members], axis=0), level, atol=1e-6)


@pytest.mark.slow
def test_no_distribution_no_interval(diabetes):
    model = NeuralRegressor(family="huber", **QUICK).fit(*diabetes)
    with pytest.raises(ValueError, match="Huber has no predictive distribution"):
        model.predict_interval(diabetes[0], method="distribution")
    model = NeuralRegressor(family=Quantile((0.4, 0.5)), **QUICK).fit(*diabetes)
    with pytest.raises(ValueError, match="outside the fitted levels"):
        model.predict_interval(diabetes[0], method="distribution")


# -- weights


@pytest.mark.parametrize("task", ["classes", "reals"])
def test_integer_weights_equal_repeated_rows_up_to_100_rows(task):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 4))
    y = rng.integers(0, 3, 30) if task == "classes" else X[:, 0] + 0.1 * rng.normal(size=30)
    w = rng.integers(0, 4, 30)
    kind = NeuralClassifier if task == "classes" else NeuralRegressor
    one = kind(random_state=0).fit(X, y, sample_weight=w)
    other = kind(random_state=0).fit(X.repeat(w, axis=0), y.repeat(w))
    answer = [m.predict_proba(X) if task == "classes" else m.predict(X) for m in (one, other)]
    np.testing.assert_allclose(*answer, rtol=1e-7, atol=1e-9)


def test_rows_of_weight_zero_are_not_there(digits):
    X, y = digits
    w = np.ones(len(y))
    w[::3] = 0
    keep = w > 0
    one = NeuralClassifier(**QUICK).fit(X, y, sample_weight=w)
    other = NeuralClassifier(**QUICK).fit(X[keep], y[keep])
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))


def test_class_weight_moves_predictions_and_keeps_probabilities_honest():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(3000, 2))
    y = (rng.random(3000) < 0.1 / (1 + np.exp(-2 * X[:, 0]))).astype(int)  # few of class 1
    plain = NeuralClassifier(**QUICK).fit(X, y)
    balanced = NeuralClassifier(class_weight="balanced", **QUICK).fit(X, y)
    assert balanced.predict(X).mean() > plain.predict(X).mean() + 0.1
    assert balanced.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), abs=0.02)
    shifted = balanced.predict_proba(X) * balanced.class_weight_
    np.testing.assert_array_equal(balanced.predict(X), balanced.classes_[shifted.argmax(axis=1)])


# -- one program


def test_prediction_compiles_once_for_1_7_and_300_rows(digits):
    X, y = digits
    model = NeuralClassifier(**QUICK).fit(X, y)
    model.predict(X[:1])
    before = compilations()
    events = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda name, seconds, **_: events.append(name) if "backend_compile" in name else None
    )
    seven, many = model.predict_proba(X[:7]), model.predict_proba(X[:300])
    assert compilations() == before
    assert not events
    np.testing.assert_array_equal(seven, many[:7])


def test_five_folds_compile_once(digits):
    X, y = digits
    model = NeuralClassifier(**QUICK, learning_rate=0.01)
    cross_val_score(model, X, y, cv=5)
    before = compilations()
    cross_val_score(clone(model).set_params(learning_rate=0.02, random_state=1), X, y, cv=5)
    assert compilations() == before


def test_same_seed_same_bits(digits):
    X, y = digits
    one, other = (NeuralClassifier(**{**QUICK, "n_members": 3}).fit(X, y) for _ in range(2))
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    different = NeuralClassifier(**{**QUICK, "random_state": 1}).fit(X, y)
    assert (different.predict_proba(X) != one.predict_proba(X)).any()


# -- stopping


def test_early_stopping_keeps_the_best_epoch(digits):
    X, y = digits
    model = NeuralClassifier(**{**QUICK, "max_epochs": 200, "learning_rate": 0.05}, patience=3).fit(X, y)
    held = model.history_["validation_loss"]
    assert model.status_ == "stopped_early"
    assert model.best_epoch_ == int(np.argmin(held)) + 1 == model.n_iter_ - 4
    assert model.loss_ == pytest.approx(min(held))
    assert len(model.history_["loss"]) == len(held) == model.n_iter_


def test_auto_waits_as_long_as_the_best_epoch_took(digits):
    X, y = digits
    y = np.where(np.arange(len(y)) % 3 == 0, np.roll(y, 7), y)  # a third of them cannot be learnt
    options = {**QUICK, "max_epochs": 200, "calibrate": False}
    early = NeuralClassifier(**options, learning_rate=0.02).fit(X, y)
    late = NeuralClassifier(**options, learning_rate=0.001).fit(X, y)
    assert early.best_epoch_ < 16 < late.best_epoch_
    assert early.n_iter_ == early.best_epoch_ + 17
    assert late.n_iter_ == 2 * late.best_epoch_ + 1
    assert early.status_ == late.status_ == "stopped_early"


@pytest.mark.parametrize(
    ("asked", "steps", "rate", "found"),
    [
        ("auto", 40, Cosine(0.1), {"patience": 16, "patience_share": 1.0}),
        ("auto", 40, 0.1, {"patience": 16, "patience_share": 1.0}),
        ("auto", 5, Cosine(0.1), {"patience": 60, "patience_share": 1.0}),  # 300 steps
        ("auto", 40, OneCycle(0.1), {"patience": 66}),
        ("auto", 1, Cosine(0.1), {"patience": 66}),
        (7, 40, Cosine(0.1), {"patience": 7}),
        (None, 40, 0.1, {"patience": None}),
    ],
)
def test_patience_of_the_recipe(asked, steps, rate, found):
    assert patience(asked, recipe(2000, 10, 1), steps, rate) == found


def test_the_users_own_validation_rows(digits):
    X, y = digits
    model = NeuralClassifier(**QUICK, calibrate=False).fit(X[:400], y[:400], validation_data=(X[400:], y[400:]))
    last = model.history_["validation_loss"][model.best_epoch_ - 1]
    assert model.figures_["n"] == 200
    assert log_loss(y[400:], model.predict_proba(X[400:])) == pytest.approx(last, rel=1e-4)


def test_max_time_ends_training_with_the_best_so_far(digits):
    X, y = digits
    endless = {**QUICK, "max_epochs": 10**6, "schedule": "constant"}
    model = NeuralClassifier(**endless, early_stopping=False, max_time=0.5).fit(X, y)
    assert model.status_ == "timed_out"
    assert np.isfinite(model.predict_proba(X)).all()


def test_ctrl_c_keeps_the_best_model_so_far(digits, interrupts):
    X, y = digits

    def press(progress):
        if progress.epochs[0] == 3:
            threading.Timer(0, os.kill, (os.getpid(), signal.SIGINT)).start()

    endless = {**QUICK, "max_epochs": 10**6, "schedule": "constant"}
    model = NeuralClassifier(**endless, early_stopping=False, callbacks=press, max_time=60)
    with pytest.warns(ConvergenceWarning, match="interrupted"):
        model.fit(X, y)
    assert model.status_ == "interrupted"
    assert model.predict(X).shape == y.shape
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_callbacks_hear_every_epoch_and_may_stop(digits):
    X, y = digits
    heard = []

    def watch(progress):
        heard.append(int(progress.epochs[0]))
        return progress.epochs[0] >= 4

    model = NeuralClassifier(**QUICK, callbacks=watch).fit(X, y)
    assert heard == [1, 2, 3, 4]
    assert model.status_ == "stopped_by_callback"
    assert model.n_iter_ == 4


@pytest.mark.slow
def test_scikit_learns_callbacks():
    callback = pytest.importorskip("sklearn.callback", reason="scikit-learn 1.9 brought callbacks")

    class Epochs:
        def __init__(self):
            self.scores = []

        def setup(self, estimator, context):
            pass

        def teardown(self, estimator, context):
            pass

        def on_fit_task_begin(self, estimator, context):
            pass

        def on_fit_task_end(self, estimator, context, *, X=None, y=None, fitted_estimator=None):
            if context.task_name == "epoch":
                self.scores.append(fitted_estimator.score(X, y))

    assert isinstance(Epochs(), callback.FitCallback)
    X, y = load_iris(return_X_y=True)
    epochs = Epochs()
    NeuralClassifier(**QUICK).set_callbacks(epochs).fit(X, y)
    assert len(epochs.scores) == 15
    assert epochs.scores[-1] > epochs.scores[0]


def test_divergence_is_repaired_and_told(diabetes):
    X, y = diabetes
    with pytest.warns(ConvergenceWarning, match="smaller steps"):
        model = NeuralRegressor(**QUICK, optimizer="sgd", learning_rate=1e4, schedule="constant").fit(X, y)
    assert np.isfinite(model.predict(X)).all()


# -- going on


def test_warm_start_goes_on_from_the_last_parameters(digits):
    X, y = digits
    model = NeuralClassifier(**{**QUICK, "max_epochs": 5}, warm_start=True, early_stopping=False).fit(X, y)
    first = model.history_["loss"]
    model.fit(X, y)
    assert model.history_["loss"][0] < first[-1] * 1.1 < first[0]


def test_partial_fit_learns_and_coexists_with_early_stopping(digits):
    X, y = digits
    model = NeuralClassifier(**QUICK, early_stopping=True, learning_rate=0.01)
    for _ in range(10):
        for part in np.array_split(np.arange(len(y)), 3):
            model.partial_fit(X[part], y[part], classes=np.unique(y))
    assert len(model.history_["loss"]) == 30
    assert model.score(X, y) > 0.9


def test_partial_fit_once_equals_itself_and_survives_pickling(diabetes):
    X, y = diabetes
    one, other = NeuralRegressor(**QUICK), NeuralRegressor(**QUICK)
    for _ in range(3):
        one.partial_fit(X, y)
        other = pickle.loads(pickle.dumps(other.partial_fit(X, y)))
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


# -- descriptions


def test_optimizers_and_schedules_by_object_and_nested_name(diabetes):
    X, y = diabetes
    model = NeuralRegressor(**QUICK, optimizer=Adam(learning_rate=0.01), schedule=Plateau(patience=2))
    model.set_params(optimizer__beta1=0.8)
    assert model.optimizer.beta1 == 0.8
    assert model.get_params()["optimizer__beta1"] == 0.8
    assert clone(model).optimizer.beta1 == 0.8
    assert model.fit(X, y).score(X, y) > 0.2


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lbfgs"])
@pytest.mark.slow
def test_every_optimizer_fits(name, diabetes):
    X, y = diabetes
    model = NeuralRegressor(**QUICK, optimizer=name, early_stopping=False).fit(X, y)
    assert model.history_["loss"][-1] < model.history_["loss"][0]


def test_a_network_of_ones_own(digits):
    X, y = digits
    network = Network((Tabular(), Dense(10, "glorot_uniform")))
    model = NeuralClassifier(network, max_epochs=30, random_state=0, n_members=1).fit(X, y)
    assert model.score(X, y) > 0.9
    with pytest.raises(ValueError, match=r"end it with Dense\(10\)"):
        NeuralClassifier(Network((Tabular(), Dense(9))), max_epochs=1).fit(X, y)


def test_linear_map_with_a_normal_prior_is_ridge_regression():
    # theory C-149: the MAP estimate is ridge regression with λ = σ²/σ0², here in standardised units
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, 3))
    y = X @ [1.0, -2.0, 0.5] + 0.3 * rng.normal(size=80)
    model = NeuralRegressor(hidden=(), optimizer="lbfgs", l2=5.0, max_epochs=200, random_state=0).fit(X, y)
    x = model._table.transform(X, np.float64)["numeric"]
    t = model._target.encode(y)[:, 0]
    centred = x - x.mean(axis=0)
    ridge = np.linalg.solve(centred.T @ centred + 5.0 * np.eye(3), centred.T @ (t - t.mean()))
    np.testing.assert_allclose(model.params_[-1]["weight"][0, :, 0], ridge, atol=1e-6)


def test_l1_leaves_exact_zeros():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 20))
    y = X[:, :3] @ [2.0, -1.0, 1.5] + 0.1 * rng.normal(size=90)
    model = NeuralRegressor(hidden=(), l1=10.0, l2=None, max_epochs=500, random_state=0).fit(X, y)
    weights = model.params_[-1]["weight"][0, :, 0]
    assert (weights[3:] == 0).sum() >= 15
    assert (weights[:3] != 0).all()


# -- what is kept


def test_pickles_are_small_and_plain(digits):
    model = NeuralClassifier(**QUICK).fit(*digits)
    content = pickle.dumps(model)
    assert len(content) < 30_000
    assert b"jax" not in content
    np.testing.assert_array_equal(pickle.loads(content).predict(digits[0]), model.predict(digits[0]))


def test_the_repr_says_what_was_fitted(numbers):
    assert "fitted: Normal" in repr(numbers)
    assert "parameters" in repr(numbers)
    assert "fitted" not in repr(NeuralRegressor())


def test_reasons_are_sentences(numbers):
    assert all(reason.endswith((".", ")")) for reason in numbers.reasons_)
    assert any("held out" in reason for reason in numbers.reasons_)


@pytest.mark.slow
def test_categorical_of_two_equals_bernoulli_in_shape():
    X, y = load_breast_cancer(return_X_y=True)
    model = NeuralClassifier(family=Categorical(), **QUICK).fit(X, y)
    assert model.predict_proba(X).shape == (len(y), 2)
    assert model.score(X, y) > 0.9
