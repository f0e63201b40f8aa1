"""Regularisers read as priors, with their scale in the units of the data."""

import math

import numpy as np
import pytest
import scipy.stats
from sklearn.datasets import load_breast_cancer

from wellfit import NeuralClassifier, NeuralRegressor, load
from wellfit.functions.penalties import Lp
from wellfit.insight.priors import prior_deviation


@pytest.mark.parametrize("strength", [1e-4, 0.5, 3.0, 1e6])
def test_deviations_of_closed_forms(strength):
    assert prior_deviation(l2=strength) == pytest.approx(1 / math.sqrt(strength), rel=1e-6)
    assert prior_deviation(l1=strength) == pytest.approx(math.sqrt(2) / strength, rel=1e-6)
    for p in (1.2, 1.5, 2.0, 4.0):
        scale = (p / strength) ** (1 / p)
        known = scipy.stats.gennorm(p, scale=scale).std()
        assert prior_deviation(p=p, strength=strength) == pytest.approx(known, rel=1e-6)


def test_deviation_of_an_elastic_net():
    # exp(-l1 |w| - ½ l2 w²) is, on each side of 0, a normal around -l1/l2 cut off there
    l1, l2 = 2.0, 0.5
    half = scipy.stats.truncnorm(l1 / math.sqrt(l2), np.inf, loc=-l1 / l2, scale=1 / math.sqrt(l2))
    assert prior_deviation(l1=l1, l2=l2) == pytest.approx(math.sqrt(half.var() + half.mean() ** 2), rel=1e-6)


def line(slope=(3.0, -0.02), noise=0.5, n=95):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 2)) * [2.0, 300.0] + [10.0, -50.0]
    return X, X @ slope + noise * rng.normal(size=n)


def test_a_normal_prior_in_the_units_of_the_columns():
    # C-149: λ = σ²/σ_w², so that σ_w of a slope is σ/√λ over the column's standard deviation, σ in y's units
    X, y = line()
    model = NeuralRegressor(hidden=(), optimizer="lbfgs", l2=4.0, max_epochs=200, random_state=0).fit(X, y)
    sigma = np.mean([family.scale for family in model._families]) * y.std()
    found = model.priors_.columns
    assert found["x0"] == pytest.approx(sigma / 2 / X[:, 0].std(), rel=1e-9)
    assert found["x1"] == pytest.approx(sigma / 2 / X[:, 1].std(), rel=1e-9)
    assert model.priors_.noise == pytest.approx((sigma / y.std()) ** 2)
    assert "Normal(0, " in str(model.priors_)
    assert "λ = σ²/σ_w² being the noise" in str(model.priors_)


def test_the_report_does_not_depend_on_units():
    X, y = line()
    one, other = (
        NeuralRegressor(hidden=(), optimizer="lbfgs", l2=4.0, max_epochs=200, random_state=0).fit(a, b).priors_
        for a, b in ((X, y), (X * [1000.0, 1.0], 7 * y))
    )
    assert one.noise == pytest.approx(other.noise)
    assert other.columns["x0"] == pytest.approx(7 / 1000 * one.columns["x0"])
    assert other.columns["x1"] == pytest.approx(7 * one.columns["x1"])


def test_the_map_slope_is_that_of_bayes_with_the_reported_prior():
    # Taken at its word, the reported prior and noise give the fitted slopes by Bayes' rule in the data's own units.
    X, y = line(n=60)
    model = NeuralRegressor(hidden=(), optimizer="lbfgs", l2=9.0, max_epochs=300, random_state=0).fit(X, y)
    sigma2 = model.priors_.noise * y.var()
    centred = X - X.mean(axis=0)
    precision = np.diag([1 / model.priors_.columns[name] ** 2 for name in ("x0", "x1")])
    slopes = np.linalg.solve(centred.T @ centred / sigma2 + precision, centred.T @ (y - y.mean()) / sigma2)
    weight = model.params_[-1]["weight"][0, :, 0] * model._table.scaler.factor * model._target.scale
    np.testing.assert_allclose(weight, slopes, rtol=1e-6)


def test_classes_have_log_odds_and_no_noise():
    X, y = load_breast_cancer(return_X_y=True)
    model = NeuralClassifier(hidden=(), l1=2.0, l2=None, weight_decay=None, max_epochs=2, n_members=1, optimizer="adam")
    found = model.fit(X[:300, :4], y[:300]).priors_
    assert found.noise == 1
    assert found.effect == "the log odds"
    assert [row.name for row in found.rows] == ["l1"]
    assert found.rows[0].deviation == pytest.approx(math.sqrt(2) / 2, rel=1e-6)
    assert "Laplace(0, 0.5), which leaves exact zeros" in str(found)


def test_a_row_for_each_layer_and_for_what_is_no_prior(tmp_path):
    X, y = load_breast_cancer(return_X_y=True)
    model = NeuralClassifier(
        hidden=(6,), l1=(1.0, None), l2=3.0, lp=Lp(1.5, 0.2), dropout=0.5, input_dropout=0.2, input_noise=0.1,
        weight_noise=0.01, max_norm=2.0, weight_decay=0.1, max_epochs=2, random_state=0,
    ).fit(X, y)  # fmt: skip
    found = {row.name: row for row in model.priors_.rows}
    assert list(found) == [
        *("l1 + l2 + lp", "l2 + lp", "weight_decay", "max_norm", "weight_noise"),
        *("input_noise", "input_dropout", "dropout"),
    ]
    rows = model._regularisers["weight"]
    assert rows == len(y) - round(len(y) * 0.2)
    assert found["input_dropout"].deviation == pytest.approx(1 / math.sqrt(0.25 * rows))
    assert found["input_noise"].deviation == pytest.approx(1 / math.sqrt(0.01 * rows))
    assert model.priors_.effect == "a unit of the first layer"
    model.save(tmp_path / "m.wellfit")
    assert load(tmp_path / "m.wellfit").priors_ == model.priors_
    assert model.priors_.to_dict()["rows"][0]["name"] == "l1 + l2 + lp"


def test_no_prior_is_said():
    X, y = line()
    model = NeuralRegressor(hidden=(), l2=None, weight_decay=None, optimizer="adam", max_epochs=2).fit(X, y)
    assert str(model.priors_).startswith("no prior")
