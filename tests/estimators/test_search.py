"""Searches, cross-validation and bagging on cores of one process: scikit-learn's results, one compiled program."""

import inspect
import os
import signal
import threading

import numpy as np
import pytest
import sklearn.ensemble
import sklearn.model_selection as theirs
from joblib import effective_n_jobs, parallel_config
from joblib.parallel import ThreadingBackend, get_active_backend
from scipy.stats import loguniform
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, ShuffleSplit, StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, scale

import wellfit
from wellfit import MLPClassifier, MLPRegressor, NeuralClassifier
from wellfit.core.errors import ConvergenceWarning
from wellfit.estimators import cores, search
from wellfit.native import library
from wellfit.training import rungs
from wellfit.training.programs import compilations, forget

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore:One or more of the test scores are non-finite"),
    pytest.mark.filterwarnings("ignore:The groups parameter is ignored by ShuffleSplit"),
]
GRID = {"alpha": [1e-4, 0.1, 10.0], "learning_rate_init": [1e-3, 0.03]}


def parameters(function):
    """Names, kinds and defaults, as text: NaN is not itself."""
    return [str(parameter) for parameter in inspect.signature(function).parameters.values()]


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X)[:300], y[:300]


@pytest.fixture(scope="module")
def model():
    return MLPClassifier((6,), max_iter=15, random_state=0)


def test_the_scores_are_those_of_fitting_each_by_itself(cancer, model):
    X, y = cancer
    found = wellfit.GridSearchCV(model, GRID, cv=3, return_train_score=True).fit(X, y)
    for index, parameters in enumerate(found.cv_results_["params"]):
        for fold, (train, test) in enumerate(StratifiedKFold(3).split(X, y)):
            alone = clone(model).set_params(**parameters).fit(X[train], y[train])
            assert found.cv_results_[f"split{fold}_test_score"][index] == alone.score(X[test], y[test])
    assert found.best_estimator_.score(X, y) == clone(model).set_params(**found.best_params_).fit(X, y).score(X, y)


def test_every_parameter_and_result_of_scikit_learn(cancer, model):
    X, y = cancer
    settings = {"cv": 3, "scoring": ["accuracy", "neg_log_loss"], "refit": "neg_log_loss", "return_train_score": True}
    one = theirs.GridSearchCV(model, GRID, **settings, n_jobs=1).fit(X, y)
    other = wellfit.GridSearchCV(model, GRID, **settings).fit(X, y)
    assert one.cv_results_.keys() == other.cv_results_.keys()
    for name, values in one.cv_results_.items():
        if "time" not in name and name != "params":
            np.testing.assert_array_equal(np.asarray(values), np.asarray(other.cv_results_[name]))
    assert one.best_params_ == other.best_params_
    for name in ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV"):
        assert parameters(getattr(theirs, name)) == parameters(getattr(wellfit, name))


def test_numbers_and_folds_share_one_program(cancer, model, by_xla):
    by_xla()
    X, y = cancer
    forget()
    before = compilations()
    os.environ["WELLFIT_CACHE"], kept = "off", os.environ["WELLFIT_CACHE"]
    try:
        wellfit.GridSearchCV(model, GRID, cv=3, refit=False).fit(X, y)
    finally:
        os.environ["WELLFIT_CACHE"] = kept
    assert compilations() == before + 1


@pytest.mark.parametrize("kernel", [True, False])
@pytest.mark.parametrize(
    "made",
    [
        MLPClassifier((6,), max_iter=8, early_stopping=True, validation_fraction=0.7, batch_size=32, random_state=0),
        MLPRegressor(
            "poisson", (6,), max_iter=8, early_stopping=True, validation_fraction=0.7, batch_size=32, random_state=0
        ),
    ],
    ids=["classifier", "poisson"],
)
def test_the_last_fit_shares_the_program_of_the_folds_and_no_bit_changes(cancer, made, kernel, by_xla):
    if not kernel:
        by_xla()
    X, y = cancer
    forget()
    before = compilations()
    os.environ["WELLFIT_CACHE"], kept = "off", os.environ["WELLFIT_CACHE"]
    weight = np.random.default_rng(0).uniform(0.5, 2, len(y))  # sums whose order matters
    try:
        found = wellfit.GridSearchCV(made, {"alpha": [1e-4, 1.0]}, cv=3).fit(X, y, sample_weight=weight)
    finally:
        os.environ["WELLFIT_CACHE"] = kept
    compiled = 0 if kernel and library.available() and isinstance(made, MLPClassifier) else 1
    assert compilations() == before + compiled
    cv = StratifiedKFold(3) if isinstance(made, MLPClassifier) else KFold(3)
    for fold, (train, test) in enumerate(cv.split(X, y)):
        alone = clone(made).fit(X[train], y[train], sample_weight=weight[train])
        assert found.cv_results_[f"split{fold}_test_score"][0] == alone.score(X[test], y[test], weight[test])
    alone = clone(made).set_params(**found.best_params_).fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(alone.coefs_[0], found.best_estimator_.coefs_[0])
    np.testing.assert_array_equal(alone.validation_scores_, found.best_estimator_.validation_scores_)


def test_the_best_goes_on_as_it_would_have_alone(cancer, model):
    X, y = cancer
    found = wellfit.GridSearchCV(model, {"alpha": [1e-4, 1.0]}, cv=3).fit(X, y).best_estimator_
    alone = clone(found).fit(X, y)
    for estimator in (found, alone):
        estimator.partial_fit(X, y).partial_fit(X, y)  # rows in the order of epochs 16 and 17
    np.testing.assert_array_equal(found.coefs_[0], alone.coefs_[0])


@pytest.mark.parametrize("how", ["search", "threads"])
def test_a_callback_that_fits_in_threads_does_not_wait_for_ever(cancer, model, how):
    X, y = cancer
    small = clone(model).set_params(max_iter=2)

    def fits(_):
        if how == "search":
            wellfit.cross_val_score(small, X, y, cv=2)
        else:
            thread = threading.Thread(target=lambda: clone(small).fit(X, y), daemon=True)
            thread.start()
            thread.join(20)
            assert not thread.is_alive()

    watched = clone(model).set_params(max_iter=2, callbacks=fits)
    assert np.isfinite(wellfit.cross_val_score(watched, X, y, cv=2, error_score="raise")).all()


@pytest.mark.slow
def test_structures_groups_pipelines_and_any_splitter(cancer):
    X, y = cancer
    pipe = make_pipeline(StandardScaler(), MLPClassifier(max_iter=5, random_state=0))
    grid = {"mlpclassifier__hidden_layer_sizes": [(4,), (6,)]}
    for cv in (GroupKFold(2), ShuffleSplit(2, random_state=0)):
        one = theirs.GridSearchCV(pipe, grid, cv=cv).fit(X, y, groups=np.arange(len(y)) // 10)
        other = wellfit.GridSearchCV(pipe, grid, cv=cv).fit(X, y, groups=np.arange(len(y)) // 10)
        np.testing.assert_array_equal(one.cv_results_["mean_test_score"], other.cv_results_["mean_test_score"])
    assert wellfit.GridSearchCV(LogisticRegression(), {"C": [1, 10]}).fit(X, y).best_score_ > 0.9
    found = wellfit.GridSearchCV(
        NeuralClassifier(hidden=(8,), max_epochs=5, random_state=0), {"learning_rate": [0.01, 0.02]}, cv=2
    ).fit(X, y)
    assert found.best_score_ > 0.8


@pytest.mark.parametrize(
    "name", ["RandomizedSearchCV", "HalvingGridSearchCV", pytest.param("HalvingRandomSearchCV", marks=pytest.mark.slow)]
)
def test_the_other_searches_are_scikit_learns(cancer, model, name):
    X, y = cancer
    space = GRID if "Grid" in name else {"alpha": loguniform(1e-4, 10)}
    settings = {"random_state": 0, "cv": 2, **({"n_iter": 3} if name == "RandomizedSearchCV" else {"factor": 3})}
    one = getattr(theirs, name)(model, space, **settings).fit(X, y)
    other = getattr(wellfit, name)(model, space, **settings).fit(X, y)
    np.testing.assert_array_equal(one.cv_results_["mean_test_score"], other.cv_results_["mean_test_score"])
    assert one.best_params_ == other.best_params_


@pytest.mark.parametrize("name", ["cross_validate", "cross_val_score", "cross_val_predict"])
def test_cross_validation_is_scikit_learns(cancer, model, name):
    X, y = cancer
    one, other = (getattr(module, name)(model, X, y, cv=3) for module in (theirs, wellfit))
    if name == "cross_validate":
        one, other = one["test_score"], other["test_score"]
    np.testing.assert_array_equal(one, other)
    assert parameters(getattr(wellfit, name)) == parameters(getattr(theirs, name))


def test_curves_are_scikit_learns(cancer, model):
    X, y = cancer
    for name, more in (("learning_curve", ()), ("validation_curve", ("alpha", [1e-4, 1.0]))):
        settings = {"cv": 2} if more else {"cv": 2, "train_sizes": [0.5, 1.0], "shuffle": True, "random_state": 0}
        if more:
            settings |= {"param_name": more[0], "param_range": more[1]}
        one, other = (getattr(module, name)(model, X, y, **settings) for module in (theirs, wellfit))
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_bagging_is_scikit_learns_with_out_of_bag_scores(cancer, model):
    X, y = cancer
    settings = {"n_estimators": 20, "oob_score": True, "random_state": 0}
    one = sklearn.ensemble.BaggingClassifier(model, **settings).fit(X, y)
    other = wellfit.BaggingClassifier(model, **settings).fit(X, y)
    assert one.oob_score_ == other.oob_score_
    np.testing.assert_array_equal(one.predict_proba(X), other.predict_proba(X))
    X, y = load_diabetes(return_X_y=True)
    member = MLPRegressor(hidden_layer_sizes=(6,), max_iter=15, random_state=0)
    one = sklearn.ensemble.BaggingRegressor(member, **settings).fit(X, scale(y))
    other = wellfit.BaggingRegressor(member, **settings).fit(X, scale(y))
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


asked = []


def tell():
    """Note the process, the thread, the joblib backend, and the rows that fits are padded for meanwhile."""
    asked.append((os.getpid(), threading.get_ident(), type(get_active_backend()[0]).__name__, tuple(rungs._rooms)))


class Telling(LogisticRegression):
    def predict_proba(self, X):
        tell()
        return super().predict_proba(X)

    def decision_function(self, X):
        tell()
        return super().decision_function(X)


class TellingNumbers(LinearRegression):
    def predict(self, X):
        tell()
        return super().predict(X)


METHODS = {
    "BaggingClassifier": ["predict", "predict_proba", "predict_log_proba", "decision_function", "score"],
    "BaggingRegressor": ["predict", "score"],
}
MEMBERS = {
    "BaggingClassifier": (Telling(), LogisticRegression()),
    "BaggingRegressor": (TellingNumbers(), LinearRegression()),
}


@pytest.mark.parametrize("jobs", [None, 2])
@pytest.mark.parametrize(("name", "method"), [(name, method) for name in METHODS for method in METHODS[name]])
def test_bagging_predicts_in_threads_of_this_process(cancer, name, method, jobs):
    X, y = cancer
    settings = {"n_estimators": 5, "random_state": 0, "n_jobs": jobs}
    arguments = (X, y) if method == "score" else (X,)
    member, peers = MEMBERS[name]
    ours = getattr(wellfit, name)(member, **settings).fit(X, y)
    asked.clear()
    found = getattr(ours, method)(*arguments)
    processes, threads, backends, rows = map(set, zip(*asked, strict=True))
    assert len(asked) >= 5
    assert processes == {os.getpid()}
    assert (threading.get_ident() in threads) == (jobs is None)
    assert backends == {"ThreadingBackend"}
    assert rows == {()}
    with parallel_config("threading"):
        other = getattr(sklearn.ensemble, name)(peers, **settings).fit(X, y)
        np.testing.assert_array_equal(found, getattr(other, method)(*arguments))


class Elsewhere(ThreadingBackend):
    """A backend that claims to share no memory with this process, and counts what it is given."""

    supports_sharedmem = False

    def __init__(self):
        super().__init__()
        self.given = 0

    def submit(self, func, callback=None):
        self.given += 1
        return super().submit(func, callback)


@pytest.mark.parametrize("name", METHODS)
def test_bagging_leaves_the_work_to_a_backend_that_the_user_chose(cancer, name):
    X, y = cancer
    bagged = getattr(wellfit, name)(MEMBERS[name][0], 4, n_jobs=2, random_state=0)
    with parallel_config(Elsewhere()) as found:
        bagged.fit(X, y)
        assert found["backend"].given == 2
        for times, method in enumerate(METHODS[name], start=2):
            getattr(bagged, method)(*((X, y) if method == "score" else (X,)))
            assert found["backend"].given == 2 * times


def test_how_many_jobs_may_be_chosen_for_joblib(monkeypatch):
    monkeypatch.setattr(cores, "cores", lambda: 3)
    for settings, jobs in (({}, 3), ({"n_jobs": 1}, 1), ({"backend": "threading", "n_jobs": 2}, 2)):
        with parallel_config(**settings), cores.on_cores(np.zeros((cores.FEW_ROWS + 1, 1))):
            assert effective_n_jobs(None) == jobs
            assert isinstance(get_active_backend()[0], ThreadingBackend)


def test_a_decision_function_is_there_where_the_members_have_one(cancer):
    X, y = cancer
    assert hasattr(wellfit.BaggingClassifier(LogisticRegression(), 2).fit(X, y), "decision_function")
    assert not hasattr(wellfit.BaggingClassifier(GaussianNB(), 2).fit(X, y), "decision_function")


class Presses:
    """A callback that presses Ctrl-C in a later fit, once."""

    def __init__(self, after):
        self.left = after
        self.lock = threading.Lock()

    def __deepcopy__(self, memo):
        return self

    def __call__(self, progress):
        if progress.epochs[0] == 1:
            with self.lock:
                self.left -= 1
                if self.left == 0:
                    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
@pytest.mark.parametrize("jobs", [None, 1])
def test_ctrl_c_keeps_what_is_finished(cancer, interrupts, jobs):
    X, y = cancer
    model = MLPClassifier((6,), max_iter=15, random_state=0, callbacks=Presses(12))  # the second candidate is done
    with pytest.warns(ConvergenceWarning, match="fits are finished, the best of them is kept"):
        found = wellfit.GridSearchCV(model, GRID, cv=3, n_jobs=jobs).fit(X, y)
    scores = found.cv_results_["mean_test_score"]
    assert np.isnan(scores).any()
    assert np.isfinite(scores[0])
    assert np.isfinite(found.best_score_)
    assert found.best_estimator_.score(X, y) > 0.8
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.FitFailedWarning")
def test_ctrl_c_before_anything_is_finished_is_an_interrupt(cancer, interrupts):
    X, y = cancer
    model = MLPClassifier((6,), max_iter=15, random_state=0, callbacks=Presses(1))
    with pytest.raises(KeyboardInterrupt):
        wellfit.GridSearchCV(model, GRID, cv=3, n_jobs=1).fit(X, y)


def test_a_bad_candidate_is_told_of(cancer, model):
    X, y = cancer
    with pytest.warns(FitFailedWarning, match="must be a float in the range"):
        found = wellfit.GridSearchCV(model, {"alpha": [1e-4, -1.0]}, cv=2).fit(X, y)
    assert np.isnan(found.cv_results_["mean_test_score"][1])


def test_progress_counts_fits(cancer, model, capsys):
    X, y = cancer
    wellfit.GridSearchCV(model, {"alpha": [1e-4, 0.1]}, cv=2, verbose=1).fit(X, y)
    out, err = capsys.readouterr()
    assert "totalling 4 fits" in out
    assert "4 fits finished" in err
    assert search.GridSearchCV is wellfit.GridSearchCV
    assert cores.cross_validate is wellfit.cross_validate


@pytest.mark.slow
def test_cross_validation_passes_groups_parameters_and_failures_on_as_scikit_learn_does(cancer):
    X, y = cancer
    model = NeuralClassifier(hidden=(4,), max_epochs=2, n_members=1, random_state=0)
    weights, groups = np.arange(len(y)) % 3 + 1.0, np.arange(len(y)) // 10
    settings = {
        "cv": GroupKFold(2),
        "groups": groups,
        "params": {"sample_weight": weights},
        "return_train_score": True,
        "return_estimator": True,
        "return_indices": True,
    }
    one, other = (module.cross_validate(model, X, y, **settings) for module in (theirs, wellfit))
    for name in ("test_score", "train_score"):
        np.testing.assert_array_equal(one[name], other[name])
    for a, b in zip(one["estimator"], other["estimator"], strict=True):
        np.testing.assert_array_equal(a.predict_proba(X), b.predict_proba(X))
    for fold, train in enumerate(other["indices"]["train"]):
        alone = clone(model).fit(X[train], y[train], weights[train])
        assert alone.score(X[train], y[train]) == other["train_score"][fold]
    one, other = (
        module.learning_curve(model, X, y, cv=GroupKFold(2), groups=groups, params={"sample_weight": weights})
        for module in (theirs, wellfit)
    )
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
    broken = clone(model).set_params(hidden=(-1,))
    with pytest.raises(ValueError, match="All the 2 fits failed"):
        wellfit.cross_validate(broken, X, y, cv=2, error_score=np.nan)
    with pytest.raises(ValueError, match="'hidden' parameter"):
        wellfit.cross_validate(broken, X, y, cv=2, error_score="raise")
