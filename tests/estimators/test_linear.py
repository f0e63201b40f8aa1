"""Networks without hidden layers are linear and logistic regression."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from wellfit import NeuralClassifier, NeuralRegressor, fit
from wellfit.layers.dense import Dense
from wellfit.networks import Network

WHOLE = {"hidden": (), "optimizer": "lbfgs", "random_state": 0}


def weights(n):
    return np.random.default_rng(0).integers(1, 4, n).astype(float)


@pytest.mark.slow
def test_linear_regression():  # C-007, C-013
    X, y = load_diabetes(return_X_y=True)
    w = weights(len(y))
    theirs = LinearRegression().fit(X, y, sample_weight=w)
    z = (y - y.mean()) / y.std()
    found = fit(
        Network((Dense(1),)), "normal", X * 20, z, weights=w, optimizer="lbfgs", max_epochs=500, dtype=np.float64
    )
    np.testing.assert_allclose(found.mean(X * 20) * y.std() + y.mean(), theirs.predict(X), rtol=1e-6)
    few = NeuralRegressor(**WHOLE, l2=None).fit(X[:90], y[:90])
    np.testing.assert_allclose(few.predict(X), LinearRegression().fit(X[:90], y[:90]).predict(X), rtol=1e-6)


def test_ridge_regression_is_the_prior():
    X, y = load_diabetes(return_X_y=True)
    X, y = StandardScaler().fit_transform(X[:90]), y[:90]
    few = NeuralRegressor(**WHOLE, l2=3.0).fit(X, y)
    np.testing.assert_allclose(few.predict(X), Ridge(3.0).fit(X, y).predict(X), rtol=1e-6)


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris])
@pytest.mark.slow
def test_logistic_regression(load):  # C-008, G-35
    X, y = load(return_X_y=True)
    X, w = StandardScaler().fit_transform(X), weights(len(y))
    classes = int(y.max()) + 1
    theirs = LogisticRegression(C=1 / 2.0, tol=1e-12, max_iter=10_000).fit(X, y, sample_weight=w)
    found = fit(
        Network((Dense(1 if classes == 2 else classes),)), "log_loss", X, y, weights=w, l2=2.0, optimizer="lbfgs",
        max_epochs=2000, dtype=np.float64,
    )  # fmt: skip
    np.testing.assert_allclose(found.mean(X), theirs.predict_proba(X), atol=1e-6)
    weight = found.params[0]["weight"][0]
    np.testing.assert_allclose(weight.T, theirs.coef_, atol=1e-5)


def test_logistic_regression_by_the_estimator():
    X, y = load_iris(return_X_y=True)
    X, y = StandardScaler().fit_transform(X[25:115]), y[25:115]
    few = NeuralClassifier(**WHOLE, l2=1.0, calibrate=False).fit(X, y)
    theirs = LogisticRegression(C=1.0, tol=1e-12, max_iter=10_000).fit(X, y)
    np.testing.assert_allclose(few.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
