"""What the held-out rows are for: calibration, intervals, groups and time, class weights; and that files keep it."""

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.datasets import load_diabetes, load_iris
from sklearn.metrics import d2_absolute_error_score, log_loss, mean_pinball_loss
from sklearn.model_selection import GroupKFold, cross_validate

from wellfit import NeuralClassifier, NeuralRegressor, load
from wellfit.core.errors import WellfitWarning
from wellfit.estimators.unseen import _evenly
from wellfit.families.normal import Normal
from wellfit.families.quantile import Quantile
from wellfit.functions.metrics import calibration_error
from wellfit.insight import conformal

QUICK = {"hidden": (16,), "max_epochs": 15, "n_members": 1, "random_state": 0}
LONG = {**QUICK, "max_epochs": 150, "patience": 150, "l2": None, "weight_decay": None, "learning_rate": 0.02}


def noisy(n=600, classes=2, seed=0):
    """Classes that no one can know for certain."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 6))
    odds = X[:, :classes] * 1.2
    p = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    return X, (rng.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1)


@pytest.fixture(scope="module")
def small():
    """At most 100 rows: the fit is exact as a whole."""
    X, y = noisy(n=80)
    return X, y


# -- calibration


@pytest.mark.parametrize("asked", ["auto", True, np.True_, "temperature", "vector"])
def test_calibrated_probabilities_are_calibration_of_uncalibrated_ones(asked):
    X, y = noisy(classes=3)
    plain = NeuralClassifier(**QUICK, calibrate=False).fit(X, y)
    model = NeuralClassifier(**QUICK, calibrate=asked).fit(X, y)
    assert plain.calibration_ is None
    assert "calibration" not in plain.history_
    raw, found = plain.predict_log_proba(X), model.calibration_
    if found is not None and found["method"] == "temperature":
        raw = raw / found["temperature"]
    elif found is not None:
        raw = raw * found["scale"] + found["bias"]
    expected = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), expected, atol=1e-12)
    assert asked == "auto" or found["method"] == ("vector" if asked == "vector" else "temperature")


@pytest.mark.slow
def test_overconfidence_is_taken_out_on_rows_never_seen():
    X, y = noisy(n=4600)
    held, new = slice(600, 900), slice(900, None)
    options = {**LONG, "hidden": (32,), "early_stopping": False}
    given = {"validation_data": (X[held], y[held])}
    sure = NeuralClassifier(**options, calibrate=False).fit(X[:600], y[:600])
    model = NeuralClassifier(**{**options, "max_epochs": 150}, calibrate=True).fit(X[:600], y[:600], **given)
    record = model.history_["calibration"]
    assert set(record) == {
        "method", "n", "log_loss_before", "log_loss_after", "calibration_error_before", "calibration_error_after",
    }  # fmt: skip
    assert record["n"] == 300
    assert record["log_loss_after"] <= record["log_loss_before"]
    assert log_loss(y[new], model.predict_proba(X[new])) < log_loss(y[new], sure.predict_proba(X[new]))
    assert any("calibrate" in reason.lower() for reason in model.reasons_)


def test_history_names_the_figures_of_the_held_out_rows():
    X, y = noisy()
    given = (X[400:], y[400:])
    model = NeuralClassifier(**QUICK, calibrate=True).fit(X[:400], y[:400], validation_data=given)
    record, p = model.history_["calibration"], model.predict_proba(given[0])
    assert record["log_loss_after"] == pytest.approx(log_loss(given[1], p), rel=1e-6)
    error = calibration_error(p[:, 1], given[1] == 1, np.ones(200))
    assert record["calibration_error_after"] == pytest.approx(error, abs=1e-9)


@pytest.mark.parametrize("asked", [True, "temperature", "vector"])
def test_no_held_out_rows_is_one_sentence(asked):
    X, y = noisy(n=200)
    model = NeuralClassifier(**QUICK, calibrate=asked, early_stopping=False)
    for fit in (model.fit, model.partial_fit):
        with pytest.raises(
            ValueError, match=rf"calibrate={asked!r} needs held-out rows.*; pass validation_data"
        ) as caught:
            fit(X, y)
        assert "\n" not in str(caught.value)
    assert NeuralClassifier(**QUICK, early_stopping=False).fit(X, y).calibration_ is None


@pytest.mark.slow
def test_labels_are_calibrated_one_by_one():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 5))
    Y = (X[:, :3] + [0.1, 1.0, 3.0] * rng.normal(size=(500, 3)) > 0).astype(int)
    model = NeuralClassifier(**LONG, calibrate="temperature").fit(X, Y)
    plain = NeuralClassifier(**LONG, calibrate=False).fit(X, Y)
    temperature = model.calibration_["temperature"]
    assert temperature.shape == (3,)
    p = plain.predict_proba(X)
    odds = np.log(p) - np.log1p(-p)
    np.testing.assert_allclose(model.predict_proba(X), 1 / (1 + np.exp(-odds / temperature)), rtol=1e-6)
    np.testing.assert_array_equal(model.predict(X), plain.predict(X))


# -- small tables are cross-validated


def test_small_tables_are_calibrated_by_cross_validation(small):
    X, y = small
    model = NeuralClassifier(random_state=0, hidden=(16,)).fit(X, y)
    assert model.figures_["rows"] == "cross-validated"
    assert model.figures_["n"] == 80
    assert model.calibration_["temperature"] > 1.5
    other_X, other_y = noisy(n=2000, seed=1)
    plain = NeuralClassifier(random_state=0, hidden=(16,), calibrate=False).fit(X, y)
    np.testing.assert_array_equal(plain.predict(other_X), model.predict(other_X))
    found = log_loss(other_y, model.predict_proba(other_X))
    assert found < 0.8 * log_loss(other_y, plain.predict_proba(other_X))
    assert found == pytest.approx(model.figures_["log_loss"], abs=0.15)


@pytest.mark.slow
def test_small_tables_have_intervals_that_cover():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2080, 6))
    y = X[:, 0] + rng.normal(size=2080)
    model = NeuralRegressor(random_state=0, hidden=(16,)).fit(X[:80], y[:80])
    for method in ("conformal", "distribution"):
        low, high = model.predict_interval(X[80:], 0.9, method=method).T
        assert 0.8 < ((low <= y[80:]) & (y[80:] <= high)).mean() < 0.98
    assert model.figures_["rows"] == "cross-validated"
    rmse = np.sqrt(np.mean((model.predict(X[80:]) - y[80:]) ** 2))
    assert model.figures_["rmse"] == pytest.approx(rmse, rel=0.3)


@pytest.mark.parametrize("kind", ["classes", "reals", "counts"])
def test_what_cross_validation_says_takes_weights_as_repeated_rows(kind):
    X, y = noisy(n=40)
    rng = np.random.default_rng(1)
    w = rng.integers(1, 3, 40)
    rows = rng.permutation(np.repeat(np.arange(40), w))
    if kind == "classes":
        one, other = (NeuralClassifier(hidden=(4,), max_epochs=60, random_state=0) for _ in range(2))
        ask = NeuralClassifier.predict_proba
    else:
        y = X[:, 0] + rng.normal(size=40) if kind == "reals" else rng.poisson(np.exp(X[:, 0]))
        one, other = (NeuralRegressor(hidden=(4,), max_epochs=60, random_state=0) for _ in range(2))
        ask = NeuralRegressor.predict_interval
    one.fit(X, y, sample_weight=w)
    other.fit(X[rows], y[rows])
    np.testing.assert_allclose(ask(one, X), ask(other, X), atol=1e-6)
    for name in set(one.figures_) - {"rows", "n"}:
        assert one.figures_[name] == pytest.approx(other.figures_[name], abs=1e-6)


@pytest.mark.slow
def test_two_rows_and_equal_rows_are_no_trouble():
    model = NeuralRegressor(hidden=(4,), max_epochs=5, random_state=0).fit([[0.0], [1.0]], [0.0, 1.0])
    assert np.isfinite(model.predict_interval([[0.5]])).all()
    with pytest.warns(WellfitWarning, match="no column of X carries anything"):
        model = NeuralRegressor(hidden=(4,), max_epochs=5, random_state=0).fit([[1.0]] * 4, [2.0] * 4)
    assert model.figures_["rows"] == "training"


# -- intervals


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


@pytest.mark.parametrize("family", ["normal", "laplace", "huber", "quantile", Normal(learn_scale=True)], ids=str)
@pytest.mark.slow
def test_conformal_edges_come_from_the_held_out_rows(family, diabetes):
    X, y = diabetes
    held = (X[300:], y[300:])
    model = NeuralRegressor(**QUICK, family=family).fit(X[:300], y[:300], validation_data=held)
    low, high = model.predict_interval(held[0], 0.9).T
    outside = np.maximum(low - held[1], held[1] - high)
    # so many of the rows themselves lie within, and one of them on an edge
    inside = int(np.ceil(143 * 0.9))
    assert np.sum(outside <= 1e-6) == inside
    assert np.min(np.abs(outside)) < 1e-5
    assert (model.predict_interval(X, 0.95)[:, 1] >= model.predict_interval(X, 0.8)[:, 1]).all()


@pytest.mark.slow
def test_several_targets_each_have_their_own(diabetes):
    X, y = diabetes
    Y = np.stack([y, 100 * np.random.default_rng(0).normal(size=len(y))], axis=1)
    model = NeuralRegressor(**QUICK).fit(X[:300], Y[:300], validation_data=(X[300:], Y[300:]))
    found = model.predict_interval(X[300:], 0.8)
    inside = (found[..., 0] - 1e-6 <= Y[300:]) & (Y[300:] <= found[..., 1] + 1e-6)
    assert inside.sum(axis=0).tolist() == [int(np.ceil(143 * 0.8))] * 2


def test_intervals_of_counts_are_whole_numbers_and_cover_no_more_than_asked():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(4000, 3))
    y = rng.poisson(np.exp(1.5 + 0.6 * X[:, 0]))
    model = NeuralRegressor(family="poisson", validation_fraction=0.4, **QUICK).fit(X[:2000], y[:2000])
    found = model.predict_interval(X[2000:], 0.9, method="conformal")
    np.testing.assert_array_equal(found, np.round(found))
    assert (found >= 0).all()
    assert (found[:, 0] <= found[:, 1]).all()
    inside = (found[:, 0] <= y[2000:]) & (y[2000:] <= found[:, 1])
    assert 0.86 < inside.mean() < 0.94


@pytest.mark.slow
def test_method_is_chosen_by_the_rows_there_are(diabetes):
    X, y = diabetes
    given = {n: (X[300 : 300 + n], y[300 : 300 + n]) for n in (8, 19, 20)}
    models = {n: NeuralRegressor(**QUICK).fit(X[:300], y[:300], validation_data=rows) for n, rows in given.items()}
    with pytest.raises(ValueError, match=r"method='conformal' needs 9 held-out rows for level=0.9, and this fit has 8"):
        models[8].predict_interval(X, 0.9, method="conformal")
    for n, method, level in (
        (8, "distribution", 0.9),
        (19, "distribution", 0.9),
        (20, "conformal", 0.9),
        (20, "distribution", 0.99),
    ):
        same = models[n].predict_interval(X, level), models[n].predict_interval(X, level, method=method)
        np.testing.assert_array_equal(*same)
    assert conformal.size(models[20].conformal_) == 20
    np.testing.assert_array_equal(models[20].predict_interval(X, np.float32(0.5)), models[20].predict_interval(X, 0.5))
    huber = NeuralRegressor(**QUICK, family="huber").fit(X[:300], y[:300], validation_data=given[19])
    assert np.isfinite(huber.predict_interval(X, 0.9)).all()  # no distribution: what rows there are must do
    for words, wrong in (
        (r"level must lie in \(0, 1\)", {"level": 1.0}),
        ("method must be 'auto'", {"method": "exact"}),
    ):
        with pytest.raises(ValueError, match=words):
            models[20].predict_interval(X, **wrong)


# -- scores


@pytest.mark.slow
def test_score_of_quantiles_is_the_explained_pinball_loss(diabetes):
    X, y = diabetes
    median = NeuralRegressor(family=Quantile((0.5,)), **QUICK).fit(X, y)
    assert median.score(X, y) == pytest.approx(d2_absolute_error_score(y, median.predict(X)), abs=1e-9)
    levels = (0.1, 0.5, 0.9)
    crowd = NeuralRegressor(family=Quantile(levels), **{**QUICK, "n_members": 2}).fit(X, y)
    quantiles = crowd.predict_quantile(X, levels)
    left = sum(mean_pinball_loss(y, quantiles[:, j], alpha=level) for j, level in enumerate(levels))
    there = sum(
        mean_pinball_loss(y, np.full(len(y), np.quantile(y, level, method="averaged_inverted_cdf")), alpha=level)
        for level in levels
    )
    assert crowd.score(X, y) == pytest.approx(1 - left / there, abs=1e-6)


# -- costs of classes


def test_balanced_weights_keep_probabilities_honest():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(6000, 4))
    p = 1 / (1 + np.exp(2.5 - 1.5 * X[:, 0]))
    y = (rng.random(6000) < p).astype(int)
    train, new = slice(0, 2000), slice(2000, None)
    options = {**QUICK, "max_epochs": 40}
    errors, hits = {}, {}
    share = y[train].mean()
    for weight in (None, "balanced"):
        model = NeuralClassifier(**options, class_weight=weight).fit(X[train], y[train])
        found = model.predict_proba(X[new])[:, 1]
        if weight == "balanced":
            model.calibration_ = None
            assert model.predict_proba(X[train])[:, 1].mean() == pytest.approx(share, abs=1e-6)
            assert not np.allclose(np.diff(model.prior_shift_), np.diff(np.log(model.class_weight_)), atol=1e-3)
        errors[weight] = calibration_error(found, y[new], np.ones(4000))
        hits[weight] = model.predict(X[new])[y[new] == 1].mean()
    assert errors["balanced"] <= max(1.5 * errors[None], 0.02)
    assert hits["balanced"] > hits[None] + 0.2


def test_predict_weighs_calibrated_probabilities():
    X, y = noisy(classes=3)
    costs = {0: 1.0, 2: 4.0}
    model = NeuralClassifier(**QUICK, class_weight=costs, calibrate="temperature").fit(X, y)
    assert model.class_weight_.tolist() == [1.0, 1.0, 4.0]
    weighed = model.predict_proba(X) * [1.0, 1.0, 4.0]
    np.testing.assert_array_equal(model.predict(X), weighed.argmax(axis=1))


@pytest.mark.parametrize("key", [np.datetime64("2021-01-01"), pd.Timestamp("2021-01-01")], ids=["numpy", "pandas"])
def test_class_weights_find_dates_by_value(key):
    X, y = noisy(n=60)
    y = np.array(["2020-01-01", "2021-01-01"], "datetime64[D]")[y]
    model = NeuralClassifier(**QUICK, class_weight={key: 5.0}).fit(X, y)
    assert model.class_weight_.tolist() == [1.0, 5.0]


# -- groups and time


def test_groups_are_never_split_and_the_latest_are_held_out():
    X, y = noisy()
    groups, time = np.arange(600) // 7, np.arange(600)[::-1]
    for model, target in ((NeuralClassifier(**QUICK), y), (NeuralRegressor(**QUICK), X[:, 0])):
        train, valid = model._prepare(X, target, None, None, groups, None).split
        assert not set(groups[train]) & set(groups[valid])
        assert len(train) + len(valid) == 600
        assert 0.1 < len(valid) / 600 < 0.3
        train, valid = model._prepare(X, target, None, None, None, time).split
        assert time[valid].min() > time[train].max()
        assert len(valid) == 120


def test_groups_follow_the_rows_when_weights_of_zero_drop_some():
    X, y = noisy()
    groups = np.arange(600) % 50
    w = np.where(np.arange(600) < 200, 0.0, 1.0)
    task = NeuralClassifier(**QUICK)._prepare(X, y, w, None, groups, None)
    train, valid = task.split
    assert len(train) + len(valid) == 400
    kept = groups[200:]
    assert not set(kept[train]) & set(kept[valid])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"groups": np.zeros(600)}, "groups has only one group"),
        ({"groups": np.arange(599)}, r"groups must have shape \(600,\)"),
        ({"groups": np.arange(600), "time": np.arange(600)}, "cannot both"),
        ({"groups": np.arange(600), "validation_data": noisy(50)}, "validation_data already says so"),
    ],
)
def test_what_cannot_be_is_one_sentence(options, words):
    X, y = noisy()
    with pytest.raises(ValueError, match=words) as caught:
        NeuralClassifier(**QUICK).fit(X, y, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.slow
def test_groups_travel_through_scikit_learns_metadata_routing():
    X, y = noisy()
    groups = np.arange(600) // 6
    with sklearn.config_context(enable_metadata_routing=True):
        model = NeuralClassifier(**{**QUICK, "max_epochs": 2}).set_fit_request(groups=True)
        found = cross_validate(
            model, X, y, cv=GroupKFold(3), params={"groups": groups}, return_estimator=True, return_indices=True
        )
    reference = NeuralClassifier(**{**QUICK, "max_epochs": 2})
    for fitted, train in zip(found["estimator"], found["indices"]["train"], strict=True):
        expected = reference.fit(X[train], y[train], groups=groups[train]).predict_proba(X)
        np.testing.assert_array_equal(fitted.predict_proba(X), expected)
        assert not np.array_equal(expected, reference.fit(X[train], y[train]).predict_proba(X))


# -- files


def same_after_loading(model, tmp_path, ask):
    model.save(tmp_path / "model.wellfit")
    loaded = load(tmp_path / "model.wellfit")
    for question in ask:
        np.testing.assert_array_equal(question(loaded), question(model))
    return loaded


LABELS = {
    "text": ["a", "b"],
    "booleans": [True, False],
    "integers": [3, 7],
    "floats": [1.0, 2.0],
    "dates": np.array(["2020-01-01", "2021-06-01"], "datetime64[D]"),
    "durations": np.array([1, 5], "timedelta64[h]"),
    "objects": np.array(["a", "bc"], object),
}


@pytest.mark.parametrize("asked", [True, "vector"])
@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.slow
def test_files_keep_calibration_costs_and_labels(asked, labels, tmp_path):
    X, y = noisy(n=300)
    y = np.asarray(labels)[y]
    costs = {np.asarray(labels)[0]: 2.5}
    model = NeuralClassifier(**QUICK, calibrate=asked, class_weight=costs).fit(X, y)
    assert model.calibration_["method"] == ("vector" if asked == "vector" else "temperature")
    loaded = same_after_loading(
        model, tmp_path, [lambda m: m.predict_log_proba(X), lambda m: m.predict(X), lambda m: m.classes_]
    )
    assert loaded.predict(X).dtype == y.dtype
    assert loaded.history_ == model.history_
    assert loaded.class_weight == costs
    again = loaded.fit(X, y)
    np.testing.assert_array_equal(again.predict_log_proba(X), model.predict_log_proba(X))


@pytest.mark.slow
def test_files_keep_the_temperatures_of_labels(tmp_path):
    X, y = noisy(n=300)
    model = NeuralClassifier(**QUICK, calibrate=True).fit(X, np.stack([y, 1 - y], axis=1))
    same_after_loading(model, tmp_path, [lambda m: m.predict_proba(X), lambda m: m.calibration_["temperature"]])


@pytest.mark.parametrize("family", ["normal", "quantile", "poisson"])
@pytest.mark.slow
def test_files_keep_intervals(family, tmp_path):
    X, y = noisy(n=300)
    model = NeuralRegressor(**QUICK, family=family).fit(X, y)
    questions = [lambda m, level=level: m.predict_interval(X, level, method="conformal") for level in (0.5, 0.9)]
    same_after_loading(model, tmp_path, questions)


def test_models_of_before_calibration_say_what_they_said(tmp_path):
    X, _ = load_iris(return_X_y=True)
    from tests.golden.test_golden import HERE

    for path in HERE.glob("*_1.wellfit"):
        model = load(path)
        assert getattr(model, "calibration_", None) is None
        assert getattr(model, "conformal_", None) is None
        model.save(tmp_path / "again.wellfit")
        again = load(tmp_path / "again.wellfit")
        rows = X[:, : model.n_features_in_]
        np.testing.assert_array_equal(again.predict(rows), model.predict(rows))


@pytest.mark.parametrize(
    ("rows", "numbers", "seen"),
    [(10_000, 10**7, 10_000), (60_000, 2000, 10_000), (60_000, 267_000, 4000), (60_000, 10**7, 2500)],
)
def test_figures_of_training_rows_take_hundredths_of_a_second(rows, numbers, seen):
    index = _evenly(np.arange(rows, dtype=np.int32), numbers)
    assert len(index) == seen
    assert len(set(np.diff(index))) == 1
