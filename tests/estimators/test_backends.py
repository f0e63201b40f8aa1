"""Searches over joblib's other backends: processes here (loky) and workers elsewhere (dask) give the same scores."""

import os

import joblib
import numpy as np
import pytest
import sklearn.model_selection as theirs
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import scale

import wellfit
from wellfit import NeuralClassifier

GRID = {"learning_rate": [1e-3, 1e-2]}


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X), y


@pytest.fixture(scope="module")
def model():
    return NeuralClassifier(hidden=(8,), max_epochs=4, random_state=0)


def facts():
    """Scorers: how good, in which process, and how many programs it has compiled; functions that travel by value."""

    def process(model, X, y):
        return os.getpid()

    def compiled(model, X, y):
        from wellfit.training.programs import compilations

        return compilations()

    return {"accuracy": "accuracy", "process": process, "compiled": compiled}


def scores(search, name="accuracy"):
    return np.array([search.cv_results_[f"split{fold}_test_{name}"] for fold in range(3)])


@pytest.fixture(scope="module")
def sequential(cancer, model):
    """The search without any backend; its programs are then on disk for all processes."""
    return theirs.GridSearchCV(model, GRID, cv=3, scoring=facts(), refit=False).fit(*cancer)


def shown(found, sequential):
    np.testing.assert_array_equal(scores(found), scores(sequential))
    assert os.getpid() not in scores(found, "process")
    assert not scores(found, "compiled").any()


@pytest.mark.slow
def test_without_a_chosen_backend_all_fits_are_in_this_process(cancer, model):
    found = wellfit.GridSearchCV(model, GRID, cv=3, scoring=facts(), refit=False).fit(*cancer)
    assert set(scores(found, "process").ravel()) == {os.getpid()}
    with joblib.parallel_config(backend="threading", n_jobs=2):
        found = wellfit.GridSearchCV(model, GRID, cv=3, scoring=facts(), refit=False).fit(*cancer)
    assert set(scores(found, "process").ravel()) == {os.getpid()}


@pytest.mark.slow
@pytest.mark.parametrize("home", [theirs, wellfit], ids=["scikit-learn", "wellfit"])
def test_processes_of_loky_take_the_compiled_programs_from_disk(cancer, model, sequential, home):
    with joblib.parallel_config(backend="loky", n_jobs=2):
        found = home.GridSearchCV(model, GRID, cv=3, scoring=facts(), refit=False).fit(*cancer)
    shown(found, sequential)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of dask's own shutdown
@pytest.mark.parametrize("home", [theirs, wellfit], ids=["scikit-learn", "wellfit"])
def test_two_workers_of_dask_give_the_same_scores(cancer, model, sequential, home):
    distributed = pytest.importorskip("distributed", reason="dask is not installed: pip install dask distributed")
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster), joblib.parallel_config(backend="dask"):
        found = home.GridSearchCV(model, GRID, cv=3, scoring=facts(), refit=False).fit(*cancer)
    shown(found, sequential)
    assert len(set(scores(found, "process").ravel())) == 2
