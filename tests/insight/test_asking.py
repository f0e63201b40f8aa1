"""Permutation importance of rows that are encoded once: the bits of permuting the table itself."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.core.errors import WellfitWarning
from wellfit.insight import asking
from wellfit.insight.asking import mean_loss
from wellfit.insight.importance import permutation_importance

pytestmark = pytest.mark.filterwarnings("ignore::wellfit.core.errors.WellfitWarning")
N = 300
rng = np.random.default_rng(0)
NUMBERS = ["number", "gaps", "same gaps", "count", "constant"]
SETTINGS = {"hidden": (4,), "max_epochs": 2, "n_members": 2, "random_state": 0}


def by_table(model, X, y, w):
    """Another score than the default: the table itself is permuted."""
    return mean_loss(model, X, y, w)


def with_gaps(values, share=0.2):
    return pd.Series(values).where(rng.random(N) > share)


def table():
    gaps = with_gaps(rng.normal(size=N))
    texts = rng.choice(["a", "b", "c", "d", "e"], N, p=[0.5, 0.3, 0.1, 0.09, 0.01])
    return pd.DataFrame({
        "number": rng.normal(size=N), "gaps": gaps, "same gaps": pd.Series(rng.normal(size=N)).where(gaps.notna()),
        "count": rng.integers(0, 4, N), "text": with_gaps(texts), "flag": rng.choice(["yes", "no"], N),
        "boolean": rng.random(N) > 0.3,
        "day": pd.to_datetime("2020-01-31") + pd.to_timedelta(rng.integers(0, 900, N), "D"),
        "moment": with_gaps(pd.to_datetime("2021-03-01") + pd.to_timedelta(rng.integers(0, 10**7, N), "s")),
        "spelled day": [f"2021-{month:02d}-11" for month in rng.integers(1, 13, N)],
        "spelled": np.where(rng.random(N) < 0.1, "none of them", np.round(rng.normal(size=N), 3).astype(str)),
        "constant": 3.0, "key": [f"id{i}" for i in range(N)],
        "category": pd.Categorical(rng.choice(["x", "y", "z"], N)),
    })  # fmt: skip


X = table()
TWIN = X.assign(twin=X["text"], double=X["number"])
W = rng.integers(0, 4, N).astype(float)
Y = X["number"].to_numpy() + X["count"] - 2.0 * X["boolean"] + (X["text"] == "a")
CLASSES = np.where(Y > 1, "much", np.where(X["flag"] == "yes", "little", "none"))


@pytest.fixture(scope="module")
def models():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "numbers": NeuralRegressor(**SETTINGS).fit(TWIN, Y, W),
            "classes": NeuralClassifier(class_weight="balanced", **SETTINGS).fit(TWIN, CLASSES, W),
            "labels": NeuralClassifier(**SETTINGS).fit(TWIN, np.column_stack([Y > 1, Y > 0]).astype(int)),
            "array": NeuralRegressor(**SETTINGS).fit(TWIN[NUMBERS].to_numpy(), Y),
            "objects": NeuralRegressor(**SETTINGS).fit(TWIN[["number", "text", "boolean"]].to_numpy(object), Y),
        }  # fmt: skip


def assert_equal(model, X, y, **options):
    """Both ways give the same numbers, and some column matters."""
    one = permutation_importance(model, X, y, 2, **options)
    other = permutation_importance(model, X, y, 2, **options, score=by_table)
    assert one.columns == other.columns
    assert one.baseline == other.baseline
    np.testing.assert_array_equal(one.increases, other.increases)
    assert (one.increases != 0).any(axis=1).sum() >= 3 or len(one.columns) < 6
    return one


@pytest.mark.parametrize("kind", ["pandas", "polars"])
@pytest.mark.parametrize("name", ["numbers", "classes", "labels"])
def test_every_kind_of_column_has_the_bits_of_permuting_the_table(models, name, kind):
    y = {"numbers": Y, "classes": CLASSES, "labels": np.column_stack([Y > 1, Y > 0]).astype(int)}[name]
    given = TWIN if kind == "pandas" else pl.from_pandas(TWIN)
    found = assert_equal(models[name], given, y, seed=3, sample_weight=W)
    still = [column for column, own in zip(found.columns, found.increases, strict=True) if not own.any()]
    assert {"constant", "key", "twin", "double"} <= set(still)
    assert not {"number", "gaps", "count", "text", "flag", "boolean", "day", "moment", "spelled"} & set(still)


def test_columns_are_found_by_name_and_others_do_not_matter(models):
    other = TWIN[TWIN.columns[::-1]].assign(new=1).drop(columns="constant").sample(120, random_state=0)
    rows = other.index
    found = assert_equal(models["classes"], other, CLASSES[rows])
    assert not found.increases[found.columns.index("new")].any()


def test_new_values_are_exchanged_too(models):
    strange = TWIN.assign(
        text=np.where(rng.random(N) < 0.2, "f", TWIN["text"]),
        number=TWIN["number"] * 1e3,
        count=with_gaps(TWIN["count"]),
    )
    assert_equal(models["numbers"], strange, Y)


def test_arrays_of_numbers_and_of_objects_and_frames_for_them(models):
    numbers = TWIN[NUMBERS]
    for given in (numbers.to_numpy(), numbers.to_numpy(np.float32), numbers.rename(columns=str.upper)):
        assert_equal(models["array"], given, Y)
    assert_equal(models["objects"], TWIN[["number", "text", "boolean"]].to_numpy(object), Y)


def test_an_exact_fit_and_one_repeat():
    few = NeuralRegressor(hidden=(), max_epochs=5, random_state=0).fit(X[["number", "text"]][:60], Y[:60])
    one, other = (
        permutation_importance(few, X[["number", "text"]][:60], Y[:60], 1, score=score)
        for score in (mean_loss, by_table)
    )
    np.testing.assert_array_equal(one.increases, other.increases)


def test_only_rows_that_change_are_predicted_and_each_once(models, monkeypatch):
    model, asked = models["numbers"], []
    raw = type(model)._raw
    monkeypatch.setattr(type(model), "_raw", lambda self, x: (asked.append(len(x["codes"])), raw(self, x))[1])
    monkeypatch.setattr(type(model), "_encoded", counted := Counted(type(model)._encoded))
    permutation_importance(model, TWIN, Y, 20)
    assert counted.times == 1
    assert asked[0] == N
    per_column = dict(
        zip([name for name in TWIN if name not in ("constant", "key", "twin", "double")], asked[1:], strict=True)
    )
    assert per_column["boolean"] == per_column["flag"] == N  # of two values the other one, however often
    assert per_column["count"] <= 3 * N
    assert 15 * N < per_column["number"] < 20 * N


class Counted:
    """A method that counts its calls."""

    def __init__(self, method):
        self.method, self.times = method, 0

    def __get__(self, model, owner):
        self.times += model is not None
        return self.method.__get__(model)


def test_many_rows_are_asked_in_whole_calls_and_a_rest(models, monkeypatch):
    before = permutation_importance(models["numbers"], TWIN, Y, 3)
    monkeypatch.setattr(asking, "BLOCK", 10)
    monkeypatch.setattr(asking, "BLOCKS", 4)
    monkeypatch.setattr(asking, "MOST", 80)
    slices = list(asking._parts(290))
    assert slices == [slice(0, 80), slice(80, 160), slice(160, 240), slice(240, 280), slice(280, 290)]
    assert [list(asking._parts(m)) for m in (0, 7, 40, 80)] == [
        [], [slice(0, 7)], [slice(0, 40)], [slice(0, 80)]
    ]  # fmt: skip
    np.testing.assert_array_equal(permutation_importance(models["numbers"], TWIN, Y, 3).increases, before.increases)


def test_sparse_models_and_pipelines_are_asked_as_tables():
    numbers = TWIN[["number", "count", "constant"]].to_numpy()
    sparse = NeuralRegressor(**SETTINGS).fit(scipy.sparse.csr_array(numbers), Y)
    assert_equal(sparse, numbers, Y)
    pipe = make_pipeline(StandardScaler(), NeuralRegressor(**SETTINGS)).fit(numbers, Y)
    found = permutation_importance(pipe, numbers, Y, 2, score=lambda m, X, y, w: -m.score(X, y))
    assert (found.increases[:2] != 0).all()
    assert not found.increases[2].any()


def test_what_the_baseline_says_is_said_once_and_bad_rows_are_one_sentence(models):
    with pytest.warns(WellfitWarning, match="not seen in fit") as caught:
        permutation_importance(models["numbers"], TWIN.assign(new=1), Y, 1)
    assert len(caught) == 1
    with pytest.raises(ValueError, match="inconsistent numbers of rows: 300 and 299"):
        permutation_importance(models["classes"], TWIN, CLASSES[1:], 1)
