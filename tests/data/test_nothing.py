"""Columns that carry nothing are found, left out and said; those that look alike and carry something are not."""

import numpy as np
import pandas as pd
import pytest

from wellfit.core.errors import WellfitWarning
from wellfit.data.nothing import named_as_key, repeated
from wellfit.data.tables import TableCodec

N = 60
rng = np.random.default_rng(0)


@pytest.fixture
def frame():
    return pd.DataFrame({
        "name": [f"person {i:02}" for i in rng.permutation(N)],
        "customer_id": rng.permutation(N) + 1000,
        "size": np.round(rng.normal(size=N), 1),
        "town": rng.choice(["Rome", "Oslo", "Lima"], N),
        "constant": 7,
        "country": "Chile",
        "nothing": [None] * N,
    }).assign(size_again=lambda f: f["size"], town_again=lambda f: f["town"])  # fmt: skip


LEFT_OUT = {
    "name": "identifier", "customer_id": "identifier", "constant": "constant", "country": "constant",
    "nothing": "constant", "size_again": "equals size", "town_again": "equals town",
}  # fmt: skip


def test_what_is_left_out_is_said_and_zero(frame):
    codec = TableCodec.fit(frame, np.ones(N))
    assert codec.left_out == LEFT_OUT
    found = codec.transform(frame)
    learnt, read = TableCodec.learn(frame, np.ones(N))
    own = learnt.transform(frame, own=True, read=read)  # what was read is not read again
    assert all(np.array_equal(own[name], found[name]) for name in found)
    alone = TableCodec.fit(frame[["size", "town"]], np.ones(N)).transform(frame[["size", "town"]])
    assert np.array_equal(found["codes"], alone["codes"])
    used = np.abs(found["numeric"]).any(axis=0)
    assert np.array_equal(found["numeric"][:, used], alone["numeric"])
    said = " ".join(codec.reasons)
    for words in (
        "left out as identifiers: name, customer_id",
        "were left out: size_again (equals size), town_again (equals town)",
        "Constant columns carry nothing and were silenced: constant, nothing",
        "Categories of one level, or of rare ones only, were left out: country",
    ):
        assert words in said
    assert {name: codec.contract[name].use for name in LEFT_OUT} == {
        name: f"left out: {why}" for name, why in LEFT_OUT.items()
    }


def test_what_is_left_out_need_not_be_there_nor_be_of_its_kind(frame):
    codec = TableCodec.fit(frame, np.ones(N))
    whole = codec.transform(frame)
    for new in (frame[["size", "town"]], frame.assign(customer_id="new", constant="text", size_again=None)):
        found = codec.transform(new)
        assert all(np.array_equal(found[name], whole[name]) for name in whole)


def test_identifiers_are_found_among_repeated_rows_too(frame):
    w = rng.integers(1, 5, N)
    repeated = TableCodec.fit(frame.iloc[np.repeat(np.arange(N), w)], np.ones(w.sum()))
    assert repeated.left_out == TableCodec.fit(frame, w.astype(float)).left_out == LEFT_OUT


def test_what_only_looks_like_an_identifier_stays():
    size = rng.normal(size=N)
    frame = pd.DataFrame({
        "size": size,
        "year_built": np.arange(N) + 1950,  # distinct whole numbers, under another name
        "id": np.repeat(np.arange(20), 3),  # of groups
        "grid": rng.permutation(N),
        "town": np.repeat([f"t{i}" for i in range(20)], 3),
        "code": [f"c{i % 19}" for i in range(N)],
    })  # fmt: skip
    codec = TableCodec.fit(frame, np.ones(N))
    assert not codec.left_out
    assert "Column 'year_built' numbers the rows; drop it if their order means nothing." in codec.reasons
    few = pd.DataFrame({"name": [f"p{i}" for i in range(12)], "x": range(12)})
    assert not TableCodec.fit(few, np.ones(12)).left_out


def test_a_table_of_one_category_has_no_identifier():
    codec = TableCodec.fit(pd.DataFrame({"town": [f"t{i % 25}" for i in range(500)]}), np.ones(500))
    assert codec.cardinalities == (27,)


@pytest.mark.parametrize(
    "name",
    ["id", "ID", "customer_id", "PassengerId", "rowID", "Unnamed: 0", "index", "row_number", "order key", "uuid"],
)
def test_names_of_keys(name):
    assert named_as_key(name)


@pytest.mark.parametrize(
    "name", ["paid", "grid", "acid", "index_2020", "keyboard", "number", "width", "Madrid", "idle"]
)
def test_names_that_are_none(name):
    assert not named_as_key(name)


def test_nothing_at_all_is_warned_of():
    with pytest.warns(WellfitWarning, match="no column of X carries anything"):
        TableCodec.fit(np.ones((5, 2)), np.ones(5))


def test_columns_that_differ_in_one_row_are_two():
    x = rng.normal(size=1000)
    other = x.copy()
    other[777] += 1
    assert not TableCodec.fit(np.column_stack([x, other]), np.ones(1000)).left_out
    assert TableCodec.fit(np.column_stack([x, x]), np.ones(1000)).left_out == {"x1": "equals x0"}
    few = pd.DataFrame({"a": x[:40], "b": x[:40], "c": ["u", "v"] * 20, "d": ["u", "v"] * 20})
    assert not TableCodec.fit(few, np.ones(40)).left_out  # which may be chance
    assert TableCodec.fit(few, np.full(40, 2.0)).left_out == {"b": "equals a", "d": "equals c"}


def test_five_rows_by_weight_are_enough_for_an_indicator():
    x = np.arange(200.0)[:, None]
    x[:2] = np.nan
    assert TableCodec.fit(x, np.full(200, 3.0)).indicators.tolist() == [0]
    assert TableCodec.fit(x, np.full(200, 2.0)).indicators.tolist() == []
    assert TableCodec.fit(x, np.full(200, 0.1)).indicators.tolist() == []  # shares, not counts


def test_gaps_that_say_something_keep_a_constant_and_get_one_indicator_each():
    gaps = np.where(rng.random(N) < 0.3, np.nan, 1.0)
    x = rng.normal(size=N)
    one = np.where(np.arange(N) == 3, np.nan, x)
    frame = pd.DataFrame({"seen": gaps, "x": x, "both": x * gaps * 2, "one": one})
    codec = TableCodec.fit(frame, np.ones(N))
    assert codec.indicators.tolist() == [0]  # "both" misses the same rows, "one" too few
    assert not codec.left_out
    found = codec.transform(frame)["numeric"]
    np.testing.assert_array_equal(found[:, 4], np.isnan(gaps))
    assert "(seen, both, one) take the median, with indicators for seen" in " ".join(codec.reasons)


@pytest.mark.parametrize("row", [0, 63, 64, 320, 4999])
def test_columns_that_differ_in_one_row_are_no_twins(row):
    X = np.zeros((5000, 3))
    X[::7] = np.nan
    X[row, 1] = 1.0
    assert repeated(X, np.arange(3)) == {2: 0}
