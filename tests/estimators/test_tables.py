"""Whole fits on tables as people have them: the same model from every frame, and a word where a later one differs."""

import datetime
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.sparse as sp

from wellfit import NeuralClassifier, NeuralRegressor, load
from wellfit.core.errors import WellfitWarning

N = 120
rng = np.random.default_rng(0)
FRAME = pd.DataFrame({
    "id": np.arange(N),
    "size": np.where(np.arange(N) % 7 == 0, np.nan, rng.normal(size=N)),
    "rooms": rng.integers(1, 5, N),
    "town": rng.choice(["Rome", "Oslo", "Lima"], N),
    "new": rng.random(N) < 0.5,
    "day": [datetime.datetime(2020, 1, 1) + datetime.timedelta(days=3 * i) for i in range(N)],
})  # fmt: skip
Y = np.where(FRAME["town"] == "Rome", 2.0, 0.0) + FRAME["size"].fillna(0) + 0.1 * rng.normal(size=N)
QUICK = {"hidden": (8,), "max_epochs": 30, "n_members": 2, "random_state": 0}
MAKERS = {"pandas": lambda f: f, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}


@pytest.fixture(scope="module")
def model():
    return NeuralRegressor(**QUICK).fit(FRAME, Y)


@pytest.mark.parametrize("make", [MAKERS["polars"], MAKERS["pyarrow"]], ids=["polars", "pyarrow"])
def test_the_same_table_gives_the_same_model_to_the_last_bit(model, make):
    other = NeuralRegressor(**QUICK).fit(make(FRAME), Y)
    assert other.reasons_ == model.reasons_
    assert other.contract_ == model.contract_
    np.testing.assert_array_equal(other.predict(FRAME), model.predict(FRAME))
    np.testing.assert_array_equal(model.predict(make(FRAME)), model.predict(FRAME))


def test_other_orders_of_rows_and_columns_change_no_bit(model):
    whole = model.predict(FRAME)
    order = np.random.default_rng(1).permutation(N)
    np.testing.assert_array_equal(model.predict(FRAME.iloc[order]), whole[order])
    np.testing.assert_array_equal(model.predict(FRAME[FRAME.columns[::-1]]), whole)
    np.testing.assert_array_equal(np.concatenate([model.predict(FRAME[:7]), model.predict(FRAME[7:])]), whole)


def test_the_contract_is_kept_in_the_file(model, tmp_path):
    model.save(tmp_path / "m.wellfit")
    again = load(tmp_path / "m.wellfit")
    assert again.contract_ == model.contract_
    assert again.contract_["id"].use == "left out: identifier"
    np.testing.assert_array_equal(again.predict(FRAME), model.predict(FRAME))


def test_a_table_that_differs_is_one_warning_with_counts(model):
    new = FRAME.assign(town="Bern", rooms=[400, *FRAME["rooms"][1:]], colour="red").drop(columns="id")
    with pytest.warns(WellfitWarning) as caught:
        model.predict(new)
    assert len(caught) == 1
    message = str(caught[0].message)
    for words in ("ignored: colour", "fit: rooms (1)", "town (120, such as 'Bern')"):
        assert words in message
    with pytest.raises(ValueError, match="did you mean the column 'Town'"):
        model.predict(FRAME.rename(columns={"town": "Town"}))
    assert caught[0].filename == __file__


def test_fitting_says_nothing_of_its_own_rare_levels():
    towns = [f"t{i}" for i in range(30)] * 3 + ["Rome"] * 510
    frame = pd.DataFrame({"town": towns, "x": np.arange(600) % 11})
    with warnings.catch_warnings():
        warnings.simplefilter("error", WellfitWarning)
        model = NeuralRegressor(**{**QUICK, "max_epochs": 1}, early_stopping=False)
        model.fit(frame, np.sin(frame["x"]), np.where(frame["town"] == "Rome", 50.0, 1.0))
    assert model.contract_["town"].levels == ("Rome",)


def test_an_array_of_objects_is_a_table_without_names():
    X = FRAME[["size", "town", "new"]].to_numpy(dtype=object)
    fitted = NeuralRegressor(**QUICK).fit(X, Y)
    assert [term.kind for term in fitted.contract_.columns] == ["number", "category", "boolean"]
    assert fitted.score(X, Y) > 0.1
    assert fitted.n_features_in_ == 3


def test_sparse_tables_are_fitted_kept_and_predicted_as_dense_ones(tmp_path):
    X = sp.random(160, 40, density=0.15, random_state=0, format="csr")
    y = (np.asarray(X[:, :6].sum(axis=1)).ravel() > 0.4).astype(int)
    fitted = NeuralClassifier(**QUICK).fit(X, y, validation_data=(X[:50], y[:50]))
    assert fitted.score(X, y) > 0.7
    assert any("stays sparse" in reason for reason in fitted.reasons_)
    raw = fitted._raw(fitted._encoded(X))
    for other in (X.toarray(), sp.csc_matrix(X)):
        np.testing.assert_array_equal(fitted._raw(fitted._encoded(other)), raw)
    fitted.save(tmp_path / "m.wellfit")
    np.testing.assert_array_equal(load(tmp_path / "m.wellfit")._raw(fitted._encoded(X)), raw)
    assert len(fitted.contract_) == 40
    assert fitted.plan(X, y).rows == 160
    with pytest.raises(ValueError, match="NaN"):
        fitted.predict(sp.csr_matrix(np.where(X.toarray() > 0, np.nan, 0)))
