"""Permutation importance and partial dependence beside theory and scikit-learn, on arrays and frames."""

import warnings

import narwhals.stable.v1 as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import inspection

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.core.errors import WellfitWarning
from wellfit.insight.importance import columns_of, mean_loss, partial_dependence, permutation_importance

rng = np.random.default_rng(0)
X = rng.normal(size=(80, 3))
Y = 2 * X[:, 0] - X[:, 1] + 5
W = rng.integers(1, 4, 80).astype(float)


def linear():
    return NeuralRegressor(hidden=(), weight_decay=None, l2=None, optimizer="lbfgs", random_state=0).fit(X, Y)


@pytest.fixture(scope="module")
def line():
    return linear()


@pytest.fixture(scope="module")
def frame():
    return pd.DataFrame({
        "size": X[:, 0], "town": rng.choice(["Rome", "Oslo", "Lima"], 80), "rooms": rng.integers(1, 9, 80),
        "day": pd.date_range("2020-01-01", periods=80, unit="s"), "new": X[:, 1] > 0,
    }, index=np.arange(80)[::-1])  # fmt: skip


@pytest.fixture(scope="module")
def classes(frame):
    y = np.where(X[:, 0] > 0.5, "big", np.where(frame["town"] == "Rome", "Rome", "small"))
    return NeuralClassifier(hidden=(8,), max_epochs=60, random_state=0).fit(frame, y), y


def test_a_linear_model_has_the_importance_of_theory(line):
    """Half a squared error grows by β² Var(x) n / (n - 1) on average over permutations; in units of y's variance."""
    found = permutation_importance(line, X, Y, repeats=400, seed=1)
    expected = np.array([2, -1, 0]) ** 2 * X.var(axis=0) * 80 / 79 / Y.var()
    np.testing.assert_allclose(found.mean, expected, rtol=0.03, atol=1e-3)
    assert found.order.tolist() == [0, 1, 2]
    assert found.std[2] < 1e-3 < found.std[0]


def test_the_mean_and_the_spread_are_scikit_learns(line):
    found = permutation_importance(line, X, Y, repeats=300, score=lambda m, X, y, w: -m.score(X, y, w))
    other = inspection.permutation_importance(line, X, Y, n_repeats=300, random_state=0)
    np.testing.assert_allclose(found.mean, other.importances_mean, rtol=0.05, atol=1e-3)
    np.testing.assert_allclose(found.std[:2], other.importances_std[:2], rtol=0.2)


def test_the_loss_is_the_familys(line, classes, frame):
    model, y = classes
    p = model.predict_proba(frame)[np.arange(80), np.searchsorted(model.classes_, y)]
    assert mean_loss(model, frame, y, W) == pytest.approx(-np.average(np.log(p), weights=W), rel=1e-9)
    error = (line.predict(X) - Y) / Y.std()
    expected = np.average(error**2 / 2, weights=W) + np.log(2 * np.pi) / 2
    assert mean_loss(line, X, Y, W) == pytest.approx(expected, rel=1e-6)


def test_the_same_seed_gives_the_same_numbers_whatever_the_frame(classes, frame):
    model, y = classes
    first = permutation_importance(model, frame, y, 2, seed=3, sample_weight=W)
    other = permutation_importance(model, pl.from_pandas(frame), y, 2, seed=3, sample_weight=W)
    np.testing.assert_array_equal(first.increases, other.increases)
    assert first.columns == list(frame.columns)
    assert (permutation_importance(model, frame, y, 2, seed=4, sample_weight=W).increases != first.increases).any()
    assert first.increases[0].mean() > 2 * abs(first.increases[2].mean())


def test_a_column_is_permuted_as_a_whole_and_nothing_is_written_to(frame):
    seen = []

    def score(model, X, y, w):
        seen.append(X)
        return 0.0

    before = frame.copy()
    permutation_importance(None, frame, None, 2, score=score)
    pd.testing.assert_frame_equal(frame, before)
    assert len(seen) == 1 + 2 * 5
    for number, X in enumerate(seen[1:]):
        name = frame.columns[number // 2]
        assert X[name].dtype == frame[name].dtype
        assert sorted(X[name]) == sorted(frame[name])
        assert (X[name].to_numpy() != frame[name].to_numpy()).any()
        pd.testing.assert_frame_equal(X.drop(columns=name), frame.drop(columns=name))
    values = X[["size"]].to_numpy()
    permutation_importance(None, values, None, 1, score=score)
    np.testing.assert_array_equal(values, X[["size"]].to_numpy())


def test_progress_is_told_and_repeats_checked(line):
    told = []
    found = permutation_importance(line, X, Y, 1, watch=lambda done, all_: told.append((done, all_)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.std.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="repeats must be at least 1, got 0"):
        permutation_importance(line, X, Y, 0)


def test_warnings_are_said_once(classes, frame):
    model, y = classes
    with pytest.warns(WellfitWarning, match="not seen in fit") as caught:
        permutation_importance(model, frame.assign(more=1), y, 1)
    assert len(caught) == 1
    with pytest.warns(WellfitWarning, match="not seen in fit") as caught:
        partial_dependence(model, frame.assign(more=1), "town")
    assert len(caught) == 1


def test_dependence_is_scikit_learns(line):
    other = inspection.partial_dependence(line, X, [0], grid_resolution=7, method="brute", kind="average")
    found = partial_dependence(line, X, 0, grid=7)
    np.testing.assert_allclose(found.grid, np.linspace(*np.quantile(X[:, 0], [0.05, 0.95]), 7), rtol=1e-12)
    np.testing.assert_allclose(found.grid, other["grid_values"][0], atol=0.1)  # whose quantiles are scipy's mquantiles
    found = partial_dependence(line, X, "x0", grid=other["grid_values"][0].tolist())
    np.testing.assert_allclose(found.mean[:, 0], other["average"][0], rtol=1e-12)


def test_dependence_counts_weights(line):
    repeated = partial_dependence(line, np.repeat(X, W.astype(int), axis=0), 1, [0.0, 1.0])
    np.testing.assert_allclose(partial_dependence(line, X, 1, [0.0, 1.0], W).mean, repeated.mean, rtol=1e-12)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_dependence_on_columns_of_frames(classes, frame, kind):
    model, _ = classes
    given = {
        "pandas": frame,
        "polars": pl.from_pandas(frame),
        "pyarrow": nw.from_native(frame.reset_index(drop=True)).to_arrow(),
    }[kind]
    towns = partial_dependence(model, given, "town")
    counts = frame["town"].value_counts()
    assert sorted(towns.grid) == sorted(counts.index)
    assert counts[towns.grid].is_monotonic_decreasing
    assert towns.outputs == ["Rome", "big", "small"]
    np.testing.assert_allclose(towns.mean.sum(axis=1), 1, atol=1e-9)
    for value, mean in zip(towns.grid, towns.mean, strict=True):
        expected = model.predict_proba(frame.assign(town=value)).mean(axis=0)
        np.testing.assert_allclose(mean, expected, rtol=1e-9)
    assert partial_dependence(model, given, "rooms").grid == sorted(frame["rooms"].unique().tolist())
    assert len(partial_dependence(model, given, "size", 6).grid) == 6
    days = partial_dependence(model, given, "day", 4).grid
    assert days == sorted(days)
    assert (pd.Timestamp(days[0]), pd.Timestamp(days[-1])) == (frame["day"].min(), frame["day"].max())
    assert set(partial_dependence(model, given, "new").grid) == {True, False}


def test_missing_values_are_no_point_of_the_grid(classes, frame):
    model, _ = classes
    gaps = frame.assign(town=frame["town"].where(X[:, 2] > 0), size=frame["size"].where(X[:, 2] > 0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WellfitWarning)
        assert None not in partial_dependence(model, gaps, "town").grid
        assert np.isfinite(partial_dependence(model, gaps, "size").grid).all()
        with pytest.raises(ValueError, match="'town' has no values"):
            partial_dependence(model, frame.assign(town=pd.Series([None] * 80, dtype="str").to_numpy()), "town")


def test_what_is_not_there_is_one_sentence(classes, frame):
    model, _ = classes
    with pytest.raises(ValueError, match="no column 'twon'; did you mean 'town'"):
        partial_dependence(model, frame, "twon")
    with pytest.raises(ValueError, match="no value 'Bonn'"):
        partial_dependence(model, frame, "town", ["Bonn"])
    assert columns_of(X) == ["x0", "x1", "x2"]
