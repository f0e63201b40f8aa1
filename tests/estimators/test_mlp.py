"""MLPClassifier and MLPRegressor beside scikit-learn's: the same numbers, and what scikit-learn lacks."""

import pickle
import warnings

import numpy as np
import pytest
import scipy.sparse
import sklearn.neural_network as theirs
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, make_multilabel_classification
from sklearn.ensemble import BaggingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

import wellfit
from wellfit.core.errors import WellfitWarning
from wellfit.optimizers.adamw import AdamW
from wellfit.training.programs import compilations

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
SLOWLY = {"max_iter": 100, "learning_rate_init": 0.01, "random_state": 0}
SHORT = {"hidden_layer_sizes": (12,), "max_iter": 12, "random_state": 0}


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return scale(X), scale(y)


def pair(name, **parameters):
    return getattr(theirs, name)(**parameters), getattr(wellfit, name)(**parameters)


def same(one, other, X, tolerance=1e-9):
    """Both models hold the same numbers after fit."""
    for name in ("coefs_", "intercepts_"):
        for a, b in zip(getattr(one, name), getattr(other, name), strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(b, a, rtol=tolerance, atol=tolerance)
    for name in ("n_iter_", "n_layers_", "n_outputs_", "out_activation_", "t_", "n_features_in_"):
        assert getattr(one, name, None) == getattr(other, name, None), name
    assert other.loss_ == pytest.approx(one.loss_, rel=tolerance)
    if hasattr(one, "loss_curve_"):
        np.testing.assert_allclose(other.loss_curve_, one.loss_curve_, rtol=tolerance)
        assert (one.best_loss_ is None) == (other.best_loss_ is None)
        if one.validation_scores_ is not None:
            np.testing.assert_allclose(other.validation_scores_, one.validation_scores_, rtol=tolerance)
    np.testing.assert_allclose(other.predict(X), one.predict(X), rtol=tolerance, atol=tolerance)


SETTINGS = {
    "adam": {},
    "adam, all rows": {"batch_size": 10_000_000, "hidden_layer_sizes": (7, 5), "activation": "tanh"},
    "adam, small batches": {"batch_size": 16, "alpha": 0.1, "activation": "logistic"},
    "sgd": {"solver": "sgd", "learning_rate_init": 0.05},
    "sgd, plain momentum": {"solver": "sgd", "nesterovs_momentum": False, "momentum": 0.5, "shuffle": False},
    "sgd, invscaling": {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.3, "power_t": 0.2},
    "sgd, adaptive": {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2, "max_iter": 40},
    "early stopping": {"early_stopping": True, "n_iter_no_change": 3, "max_iter": 40},
    "lbfgs": {"solver": "lbfgs", "hidden_layer_sizes": (5,)},
    "linear": {"hidden_layer_sizes": (), "activation": "identity"},
}


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize(
    "task", ["iris", *(pytest.param(name, marks=pytest.mark.slow) for name in ("cancer", "diabetes"))]
)
def test_the_same_seed_gives_scikit_learns_numbers(task, setting, request):
    X, y = request.getfixturevalue(task)
    name = "MLPRegressor" if task == "diabetes" else "MLPClassifier"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of batches larger than the data, which both tell
        one, other = (model.fit(X, y) for model in pair(name, **{**SHORT, **SETTINGS[setting]}))
    same(one, other, X, 1e-4 if setting == "lbfgs" else 1e-9)  # a line search amplifies rounding
    if task != "diabetes":
        np.testing.assert_allclose(other.predict_proba(X), one.predict_proba(X), atol=1e-4)


@pytest.mark.slow
def test_several_targets_counts_labels_and_single_precision(diabetes):
    X, y = diabetes
    both = np.column_stack([y, X[:, 0] - y])
    same(*(model.fit(X, both) for model in pair("MLPRegressor", **SHORT)), X)
    counts = np.random.default_rng(0).poisson(np.exp(0.5 * y))
    same(*(model.fit(X, counts) for model in pair("MLPRegressor", loss="poisson", **SHORT)), X)
    labels, flags = make_multilabel_classification(120, 6, random_state=0)
    same(*(model.fit(scale(labels), flags) for model in pair("MLPClassifier", **SHORT)), scale(labels))
    X32 = X.astype(np.float32)
    one, other = (model.fit(X32, y) for model in pair("MLPRegressor", **SHORT))
    assert other.predict(X32).dtype == one.predict(X32).dtype == np.float32
    same(one, other, X32, 1e-3)


def test_sample_weights_are_scikit_learns(cancer):
    X, y = cancer
    w = np.random.default_rng(0).integers(0, 4, len(y)).astype(float)
    same(*(model.fit(X, y, w) for model in pair("MLPClassifier", **SHORT)), X)


@pytest.mark.parametrize("kind", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix, scipy.sparse.csr_array])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_sparse_rows_are_rows(cancer, kind, solver):
    X, y = cancer
    X = np.where(X > 0.5, X, 0)
    model = wellfit.MLPClassifier(**SHORT, solver=solver)
    dense, sparse = clone(model).fit(X, y), clone(model).fit(kind(X), y)
    np.testing.assert_allclose(sparse.coefs_[0], dense.coefs_[0], atol=1e-6)
    np.testing.assert_allclose(sparse.predict_proba(kind(X)), dense.predict_proba(X), atol=1e-6)


@pytest.mark.slow
def test_a_wide_sparse_table_is_never_made_dense():
    rows, columns = 2000, 200_000  # 3.2 GB if dense
    X = scipy.sparse.random_array((rows, columns), density=20 / columns, format="csr", rng=0)
    y = np.asarray(X.sum(axis=1)).ravel() > 10
    model = wellfit.MLPClassifier((2,), max_iter=2, batch_size=50, random_state=0).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all()


# -- going on


def test_a_fitted_model_keeps_no_row_orders_of_epochs(cancer):
    X, y = cancer
    fitted = wellfit.MLPClassifier(**SHORT).fit(X, y)
    assert len(pickle.dumps(fitted)) < 30_000 + 16 * len(X)  # 64 orders of 569 rows take 146 KB
    fitted.partial_fit(X, y).partial_fit(X, y)
    longer = wellfit.MLPClassifier(**{**SHORT, "max_iter": 14}).fit(X, y)
    np.testing.assert_allclose(fitted.coefs_[0], longer.coefs_[0], rtol=1e-9)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("task", ["iris", pytest.param("diabetes", marks=pytest.mark.slow)])
def test_a_hundred_partial_fits_are_a_fit_of_a_hundred_epochs(task, solver, request):
    X, y = request.getfixturevalue(task)
    kind = wellfit.MLPRegressor if task == "diabetes" else wellfit.MLPClassifier
    settings = {"hidden_layer_sizes": (9,), "solver": solver, "random_state": 3, "tol": 0, "n_iter_no_change": np.inf}
    whole = kind(max_iter=100, **settings).fit(X, y)
    parts = kind(**settings)
    for _ in range(100):
        parts.partial_fit(X, y, **({} if task == "diabetes" else {"classes": np.unique(y)}))
    for a, b in zip(whole.coefs_ + whole.intercepts_, parts.coefs_ + parts.intercepts_, strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_, rtol=1e-7)
    assert parts.t_ == whole.t_


def test_warm_start_goes_on_from_the_coefficients(iris):
    X, y = iris
    one, other = pair("MLPClassifier", **{**SHORT, "random_state": np.random.RandomState(1)}, warm_start=True)
    other.set_params(random_state=np.random.RandomState(1))
    one.set_params(random_state=np.random.RandomState(1))
    for _ in range(3):
        one.fit(X, y)
        other.fit(X, y)
    same(one, other, X)


def test_coefficients_can_be_set(iris):
    X, y = iris
    one, other = (model.fit(X, y) for model in pair("MLPClassifier", **SHORT))
    for model in (one, other):
        model.coefs_ = [2 * weights for weights in model.coefs_]
        model.intercepts_[-1][:] = [0.1, 0.2, 0.3]
    np.testing.assert_allclose(other.predict_proba(X), one.predict_proba(X), rtol=1e-9)


# -- to and from scikit-learn, files


MODELS = {
    "classes": ("MLPClassifier", {}, "iris"),
    "two classes": ("MLPClassifier", {"early_stopping": True}, "cancer"),
    "numbers": ("MLPRegressor", {"activation": "tanh"}, "diabetes"),
    "lbfgs": ("MLPRegressor", {"solver": "lbfgs", "activation": "logistic"}, "diabetes"),
}


@pytest.mark.parametrize("model", MODELS)
def test_a_model_is_taken_over_and_given_back(model, request):
    name, settings, task = MODELS[model]
    X, y = request.getfixturevalue(task)
    one, other = pair(name, **SHORT, **settings)
    one.fit(X, y)
    taken = type(other).from_sklearn(one)
    back = taken.to_sklearn()
    assert taken.get_params()["hidden_layer_sizes"] == (12,)
    for given in (taken, back):
        same(one, given, X)
        if name == "MLPClassifier":
            np.testing.assert_allclose(given.predict_proba(X), one.predict_proba(X), rtol=1e-6)
    other.fit(X, y)
    np.testing.assert_allclose(other.to_sklearn().predict(X), other.predict(X), rtol=1e-6)
    if settings.get("solver") != "lbfgs" and not settings.get("early_stopping"):
        taken.partial_fit(X, y)
        back.partial_fit(X, y)


def test_labels_of_any_type_travel():
    X, y = make_multilabel_classification(60, 6, random_state=0)
    one = theirs.MLPClassifier(**SHORT).fit(X, y)
    taken = wellfit.MLPClassifier.from_sklearn(one)
    np.testing.assert_array_equal(taken.predict(X), one.predict(X))
    names = np.array(["low", "high"])[y[:, 0]]
    one = theirs.MLPClassifier(**SHORT).fit(X, names)
    np.testing.assert_array_equal(wellfit.MLPClassifier.from_sklearn(one).to_sklearn().predict(X), one.predict(X))


def test_what_cannot_be_exchanged_is_one_sentence(iris):
    X, y = iris
    with pytest.raises(ValueError, match="from_sklearn takes scikit-learn's MLPRegressor, got"):
        wellfit.MLPRegressor.from_sklearn(theirs.MLPClassifier(**SHORT).fit(X, y))
    with pytest.raises(ValueError, match="activation='gelu' is not one of"):
        wellfit.MLPClassifier(**SHORT, activation="gelu").fit(X, y).to_sklearn()
    with pytest.warns(WellfitWarning, match="has no dropout, solver like this model's"):
        wellfit.MLPClassifier(**SHORT, dropout=0.1, solver="rmsprop").fit(X, y).to_sklearn()


@pytest.mark.parametrize("model", MODELS)
def test_save_load_and_pickle_keep_everything(model, request, tmp_path):
    name, settings, task = MODELS[model]
    X, y = request.getfixturevalue(task)
    y = np.array(["a", "b", "c"])[y] if name == "MLPClassifier" else y
    fitted = getattr(wellfit, name)(**SHORT, **settings).fit(X, y)
    fitted.save(tmp_path / "m.wellfit")
    for again in (wellfit.load(tmp_path / "m.wellfit"), pickle.loads(pickle.dumps(fitted)), clone(fitted).fit(X, y)):
        np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
        assert again.n_iter_ == fitted.n_iter_
        assert again.get_params() == fitted.get_params()
        assert getattr(again, "loss_curve_", None) == getattr(fitted, "loss_curve_", None)
    if settings.get("solver") != "lbfgs" and not settings.get("early_stopping"):
        wellfit.load(tmp_path / "m.wellfit").partial_fit(X, y)


# -- what scikit-learn lacks


@pytest.mark.parametrize("activation", ["gelu", "silu", ["tanh", "elu"], ("relu", "softplus")])
def test_more_activations_also_one_per_layer(iris, activation):
    X, y = iris
    model = wellfit.MLPClassifier((8, 6), activation, random_state=0, max_iter=100, learning_rate_init=0.01).fit(X, y)
    assert model.score(X, y) > 0.9
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, atol=1e-12)


@pytest.mark.parametrize("solver", ["rmsprop", "adamw", "adagrad", AdamW(learning_rate=0.01, weight_decay=0.1)])
def test_more_solvers(iris, solver):
    X, y = iris
    model = wellfit.MLPClassifier((8,), solver=solver, learning_rate_init=0.05, random_state=0, max_iter=100).fit(X, y)
    assert model.score(X, y) > 0.9


def test_dropout_trains_another_model_and_predicts_without_noise(cancer):
    X, y = cancer
    plain, dropped = (wellfit.MLPClassifier(**SHORT, dropout=rate).fit(X, y) for rate in (None, 0.5))
    assert dropped.loss_ > plain.loss_
    np.testing.assert_array_equal(dropped.predict_proba(X), dropped.predict_proba(X))
    again = wellfit.MLPClassifier(**SHORT, dropout=0.5).fit(X, y)
    np.testing.assert_array_equal(again.coefs_[0], dropped.coefs_[0])


def test_class_weights_are_sample_weights(cancer):
    X, y = cancer
    weighted = wellfit.MLPClassifier(**SHORT, class_weight={0: 3.0, 1: 1.0}).fit(X, y)
    same(theirs.MLPClassifier(**SHORT).fit(X, y, np.where(y == 0, 3.0, 1.0)), weighted, X)
    rare = np.flatnonzero((y == 1) | (np.arange(len(y)) % 9 == 0))
    recalls = [
        (wellfit.MLPClassifier(**SHORT, class_weight=w).fit(X[rare], y[rare]).predict(X)[y == 0] == 0).mean()
        for w in (None, "balanced")
    ]
    assert recalls[1] > recalls[0]
    with pytest.raises(ValueError, match="class_weight='balanced' is not known in partial_fit"):
        wellfit.MLPClassifier(class_weight="balanced").partial_fit(X, y, classes=[0, 1])


def test_l1_leaves_exact_zeros(diabetes):
    X, y = diabetes
    X = np.hstack([X, np.random.default_rng(0).normal(size=(len(X), 10))])
    model = wellfit.MLPRegressor(
        hidden_layer_sizes=(), l1=10.0, max_iter=300, learning_rate_init=0.01, random_state=0
    ).fit(X, y)
    assert (model.coefs_[0][10:] == 0).sum() >= 7
    assert (model.coefs_[0][:10] != 0).sum() >= 3


@pytest.mark.parametrize("family", ["laplace", "huber"])
def test_another_family(diabetes, family):
    X, y = diabetes
    model = wellfit.MLPRegressor(hidden_layer_sizes=(8,), family=family, **SLOWLY).fit(X, y)
    assert model.score(X, y) > 0.3


def test_a_validation_curve_a_time_limit_and_callbacks(cancer):
    X, y = cancer
    model = wellfit.MLPClassifier(**SHORT, early_stopping=True).fit(X, y)
    assert len(model.validation_loss_curve_) == len(model.validation_scores_) == model.n_iter_
    assert model.validation_loss_curve_[-1] < model.validation_loss_curve_[0]
    endless = {"random_state": 0, "max_iter": 10**6, "tol": 0, "n_iter_no_change": np.inf}
    assert wellfit.MLPClassifier(**endless, max_time=0.3).fit(X, y).status_ == "timed_out"
    heard = []
    model = wellfit.MLPClassifier(**endless, callbacks=lambda p: heard.append(p.loss) or len(heard) == 5).fit(X, y)
    assert (model.status_, model.n_iter_) == ("stopped_by_callback", 5)
    np.testing.assert_allclose(heard, model.loss_curve_)


def test_other_numbers_compile_nothing(iris):
    X, y = iris
    wellfit.MLPClassifier(**SHORT).fit(X, y)
    before = compilations()
    changed = {**SHORT, "random_state": 5, "max_iter": 7}
    wellfit.MLPClassifier(**changed, alpha=0.1, learning_rate_init=0.02, beta_1=0.8, tol=1e-3).fit(X[:140], y[:140])
    assert compilations() == before


def test_bad_parameters_are_told_as_in_scikit_learn(iris):
    X, y = iris
    with pytest.raises(ValueError, match="The 'alpha' parameter of MLPClassifier must be a float in the range"):
        wellfit.MLPClassifier(alpha=-1).fit(X, y)
    with pytest.raises(ValueError, match="activation names 3 functions for 1 hidden layers"):
        wellfit.MLPClassifier((5,), ["relu", "tanh", "elu"]).fit(X, y)
    with pytest.raises(ValueError, match=r"dropout=0\.5 needs steps on batches"):
        wellfit.MLPClassifier(solver="lbfgs", dropout=0.5).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(12\) reached"):
        wellfit.MLPClassifier(**SHORT).fit(X, y)


def test_verbose_says_what_scikit_learn_says(iris, capsys):
    X, y = iris
    settings = {"solver": "sgd", "learning_rate": "adaptive", "tol": 0.1, "n_iter_no_change": 2, "max_iter": 30}
    texts = []
    for model in pair("MLPClassifier", **{**SHORT, **settings}, verbose=True):
        model.fit(X, y)
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert "Setting learning rate to" in texts[1]


# -- scikit-learn's own tools


@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.slow
def test_scikit_learns_tools_take_them_unchanged(jobs):
    X, y = load_digits(return_X_y=True)
    X, y = X[:300], y[:300]
    model = wellfit.MLPClassifier((16,), max_iter=30, learning_rate_init=0.02, random_state=0)
    pipe = make_pipeline(StandardScaler(), model)
    grid = GridSearchCV(pipe, {"mlpclassifier__alpha": [1e-4, 1.0]}, cv=2, n_jobs=jobs, error_score="raise").fit(X, y)
    assert grid.best_score_ > 0.8
    assert cross_val_score(pipe, X, y, cv=2, n_jobs=jobs).min() > 0.8
    bagged = BaggingClassifier(model, 3, n_jobs=jobs, random_state=0).fit(X, y)
    assert bagged.score(X, y) > 0.8
    calibrated = CalibratedClassifierCV(model, cv=2, n_jobs=jobs).fit(X, y)
    assert calibrated.score(X, y) > 0.5  # two halves of 300 rows are little to calibrate ten classes on
    found = permutation_importance(model.fit(X, y), X, y, n_repeats=2, n_jobs=jobs, random_state=0)
    assert found.importances_mean[0] == 0  # the first pixel of the digits is always empty
    assert found.importances_mean.max() > 0.01


@pytest.mark.parametrize("kind", [object, str])
def test_labels_that_are_strings_score_as_in_scikit_learn(kind):
    X = np.random.default_rng(0).normal(size=(200, 3))
    y = np.where(X[:, 0] > 0, "yes", "no").astype(kind)
    model = wellfit.MLPClassifier((4,), solver="lbfgs", max_iter=20, random_state=0).fit(X, y)
    unseen = np.where(X[:, 1] > 0, "yes", "perhaps").astype(kind)
    for truth in (y, unseen):
        assert model.score(X, truth) == accuracy_score(truth, model.predict(X))
