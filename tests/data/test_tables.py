"""Tables: every kind of frame gives the same blocks, and nothing odd in one passes silently."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellfit.core.errors import WellfitWarning
from wellfit.data.tables import TableCodec, is_frame, rows_of, take_rows

quick = settings(max_examples=30, deadline=None, derandomize=True)

DAYS = [datetime.datetime(2020, 1, 1, 10), datetime.datetime(2021, 6, 30), datetime.datetime(2022, 12, 31), None] * 2
COLUMNS = {
    "size": [1.5, None, 3.0, 4.0, -2.0, 0.5, 9.0, 2.0],
    "count": [1, 2, 3, 4, 5, 6, 7, 8],
    "sold": [True, False, True, True, False, False, True, None],
    "town": ["Rome", "Paris", None, "Oslo", "Rome", "Rome", "Paris", "Oslo"],
    "spelled": ["1", "2.5", " 3", "", "5e1", "6", "-7", "8"],
    "day": DAYS,
}
MAKERS = {"pandas": pd.DataFrame, "polars": pl.DataFrame, "pyarrow": pa.table}
frames = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def ones(n):
    return np.ones(n)


def same(a, b):
    return all(np.array_equal(a[name], b[name]) and a[name].dtype == b[name].dtype for name in ("numeric", "codes"))


@pytest.fixture
def frame():
    return pd.DataFrame(COLUMNS)


@frames
def test_every_frame_gives_the_same_blocks(make):
    reference = TableCodec.fit(pd.DataFrame(COLUMNS), ones(8))
    codec = TableCodec.fit(make(COLUMNS), ones(8))
    assert codec.reasons == reference.reasons
    assert codec.kinds == ["number", "number", "text", "text", "number", "date"]
    blocks = codec.transform(make(COLUMNS))
    assert same(blocks, reference.transform(pd.DataFrame(COLUMNS)))
    assert blocks["numeric"].shape == (8, codec.width)
    assert np.isfinite(blocks["numeric"]).all()
    assert blocks["codes"].ravel().tolist() == [3, 2, 0, 1, 3, 3, 2, 1]
    assert codec.cardinalities == (5,)


@frames
def test_permuted_rows_give_permuted_blocks_to_the_bit(make):
    codec = TableCodec.fit(make(COLUMNS), ones(8))
    order = np.random.default_rng(0).permutation(8)
    found = codec.transform(take_rows(make(COLUMNS), order))
    whole = codec.transform(make(COLUMNS))
    assert same(found, {name: block[order] for name, block in whole.items()})


@frames
def test_the_state_is_the_codec(make):
    codec = TableCodec.fit(make(COLUMNS), ones(8))
    again = TableCodec.from_state(codec.to_state())
    assert same(again.transform(make(COLUMNS)), codec.transform(make(COLUMNS)))
    assert again.cardinalities == codec.cardinalities


@quick
@given(st.lists(st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), min_size=3, max_size=3), min_size=2, max_size=9))
def test_arrays_and_frames_of_numbers_give_the_same_block(rows):
    X = np.array(rows)
    codec = TableCodec.fit(X, ones(len(X)))
    named = pl.DataFrame({f"c{j}": X[:, j] for j in range(3)})
    found = codec.transform(X)
    assert same(found, TableCodec.fit(named, ones(len(X))).transform(named))
    assert same(found, codec.transform(named))
    assert found["numeric"].shape == (len(X), codec.width)


def test_integer_weights_are_repeated_rows(frame):
    w = np.array([1, 2, 3, 1, 2, 1, 1, 2])
    one = TableCodec.fit(frame, w.astype(float))
    two = TableCodec.fit(frame.iloc[np.repeat(np.arange(8), w)], ones(w.sum()))
    for a, b in zip(one.transform(frame, np.float64).values(), two.transform(frame, np.float64).values(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_the_users_data_is_never_written_to(frame):
    before = frame.copy(deep=True)
    X = np.array([[1.0, np.nan], [2.0, 5.0], [4.0, 6.0]])
    kept = X.copy()
    X.flags.writeable = False
    codec = TableCodec.fit(X, ones(3))
    codec.transform(X)["numeric"][:] = 9
    TableCodec.fit(frame, ones(8)).transform(frame)["numeric"][:] = 9
    pd.testing.assert_frame_equal(frame, before)
    assert np.array_equal(X, kept, equal_nan=True)


def test_order_does_not_matter_and_extra_columns_are_told(frame):
    codec = TableCodec.fit(frame, ones(8))
    whole = codec.transform(frame)
    assert same(codec.transform(frame[list(frame.columns)[::-1]]), whole)
    with pytest.warns(WellfitWarning, match="1 columns not seen in fit are ignored: surprise"):
        assert same(codec.transform(frame.assign(surprise=1)), whole)


def test_a_missing_column_is_named_with_the_nearest_name(frame):
    codec = TableCodec.fit(frame, ones(8))
    with pytest.raises(ValueError, match=r"lacks the column 'town'.*did you mean the column 'towns'"):
        codec.transform(frame.rename(columns={"town": "towns"}))


def test_unseen_and_missing_categories_have_slots_of_their_own(frame):
    codec = TableCodec.fit(frame[["town", "sold"]], ones(8))
    new = pd.DataFrame({"town": ["Lima", None, "Rome"], "sold": [None, True, False]}, dtype=object)
    found = codec.transform(new)
    assert found["codes"].ravel().tolist() == [4, 0, 3]
    assert found["numeric"].ravel().tolist() == [0.0, 1.0, -1.0]


@frames
def test_new_gaps_take_the_median_with_a_warning(make):
    codec = TableCodec.fit(make({"a": [1.0, 2.0, 3.0], "b": [1.0, None, 2.0]}), ones(3))
    with pytest.warns(WellfitWarning, match=r"had none in training take the median: a \(1\)"):
        found = codec.transform(make({"a": [None, 2.0], "b": [None, 1.0]}))["numeric"]
    assert found[0].tolist() == [0.0, 0.0, 1.0]
    assert found[1, 0] == 0.0


@frames
def test_a_mixed_column_is_refused_with_column_value_and_row(make):
    values = ["1", "2", "3", "many", "5"]
    with pytest.raises(ValueError, match=r"column 'amount' mixes numbers and text \('many' at row 3\)"):
        TableCodec.fit(make({"amount": values}), ones(5))


def test_a_mixture_of_objects_is_refused_too():
    frame = pd.DataFrame({"a": ["x", "y", 3, "z"]})
    with pytest.raises(ValueError, match=r"column 'a' mixes numbers and text \('x' at row 0\)"):
        TableCodec.fit(frame, ones(4))


@frames
def test_a_single_slip_in_a_column_of_numbers_counts_as_missing(make):
    codec = TableCodec.fit(make({"a": [str(i) for i in range(199)] + ["oops"]}), ones(200))
    assert codec.kinds == ["number"]
    assert any("1 unreadable values count as missing" in reason for reason in codec.reasons)


@frames
def test_text_where_numbers_were_is_refused(make):
    codec = TableCodec.fit(make({"a": [1.0, 2.0, 3.0]}), ones(3))
    with pytest.raises(ValueError, match=r"column 'a' mixes numbers and text \('tall' at row 1\)"):
        codec.transform(make({"a": ["1", "tall"]}))


KINDS = {
    "number": [1.0, 2.0, 3.0],
    "text": ["x", "y", "z"],
    "date": DAYS[:3],
}


@frames
@pytest.mark.parametrize("was", KINDS)
@pytest.mark.parametrize("comes", KINDS)
def test_a_column_of_another_kind_than_in_fit_never_passes_silently(make, was, comes):
    codec = TableCodec.fit(make({"a": KINDS[was], "b": [1.0, 2.0, 4.0]}), ones(3))
    new = make({"a": KINDS[comes], "b": [1.0, 2.0, 4.0]})
    if was == comes or (was, comes) == ("text", "number"):  # numbers as categories: known ones or unseen
        assert len(codec.transform(new)["numeric"]) == 3
    else:
        with pytest.raises(ValueError, match="column 'a'"):
            codec.transform(new)


@frames
def test_flags_are_numbers_where_numbers_were(make):
    codec = TableCodec.fit(make({"a": [0, 1, 1, 0]}), ones(4))
    assert same(codec.transform(make({"a": [False, True]})), codec.transform(make({"a": [0, 1]})))


@frames
def test_number_levels_of_categories_match_their_texts(make):
    codec = TableCodec.fit(make({"a": ["x", "3", "y", "z", "w"]}), ones(5))
    assert codec.transform(make({"a": [3.0, 7.0]}))["codes"].ravel().tolist() == [1, 6]


@frames
def test_an_empty_category_column_is_all_missing(make):
    codec = TableCodec.fit(make({"a": ["x", "v", "y"], "b": [1, 2, 3]}), ones(3))
    new = pd.DataFrame({"a": [None, None], "b": [1, 2]})
    assert codec.transform(new)["codes"].ravel().tolist() == [0, 0]


@frames
def test_dates_become_numbers(make):
    codec = TableCodec.fit(make({"day": DAYS}), ones(8))
    assert codec.numeric_names == ["day.year", "day.month", "day.weekday", "day.seconds"]
    assert codec.indicators.tolist() == [0, 1, 2, 3]
    dates = make({"day": [d.date() for d in DAYS[:3]]})
    assert TableCodec.fit(dates, ones(3)).numeric_names == ["day.year", "day.month", "day.weekday"]
    days = TableCodec.fit(dates, ones(3)).transform(dates)
    assert same(days, TableCodec.fit(pa.table({"day": [d.date() for d in DAYS[:3]]}), ones(3)).transform(dates))


@frames
def test_durations_become_seconds(make):
    deltas = [datetime.timedelta(seconds=s) for s in (1.5, 60, 86400)]
    codec = TableCodec.fit(make({"wait": deltas}), ones(3))
    assert codec.kinds == ["number"]
    assert codec.scaler.centre.tolist() == [60.0]


@pytest.mark.parametrize("X", [np.array([[1.0, 2.0], [np.inf, 3.0]]), pl.DataFrame({"a": [1.0, -np.inf], "b": [2, 3]})])
def test_infinity_is_refused_with_its_place(X):
    place = "column 'a'" if is_frame(X) else "feature 0"
    with pytest.raises(ValueError, match=f"infinity in {place} at row 1"):
        TableCodec.fit(X, ones(2))
    codec = TableCodec.fit(pl.DataFrame({"a": [1, 2], "b": [2, 3]}) if is_frame(X) else np.ones((2, 2)), ones(2))
    with pytest.raises(ValueError, match="infinity"):
        codec.transform(X)


def test_infinity_among_categories_is_a_level_not_seen():
    codec = TableCodec.fit(pd.DataFrame({"a": ["x", "y", "z"]}), ones(3))
    assert codec.transform(pd.DataFrame({"a": [np.inf]}))["codes"].tolist() == [[4]]


@pytest.mark.parametrize(
    "X",
    [
        pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]),
        pd.DataFrame([[1, 2], [3, 4]], columns=[1, "1"]),
        pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["a", "a"]),
    ],
)
def test_two_columns_of_one_name_are_refused(X):
    with pytest.raises(ValueError, match=r"'?(a|1)'?"):
        TableCodec.fit(X, ones(2))


def test_no_columns_are_refused():
    with pytest.raises(ValueError, match="zero columns"):
        TableCodec.fit(pd.DataFrame(index=range(3)), ones(3))


def test_an_array_of_another_width_is_refused():
    codec = TableCodec.fit(np.ones((3, 2)), ones(3))
    for X in (np.ones((3, 1)), np.ones((3, 3)), np.ones(3)):
        with pytest.raises(ValueError, match=r"shape \(n, 2\) as in fit"):
            codec.transform(X)
    with pytest.raises(ValueError, match="X has 3 columns, the model was fitted on 2"):
        codec.transform(pd.DataFrame(np.ones((3, 3))))


def test_an_array_where_a_frame_with_text_was_is_refused(frame):
    with pytest.raises(ValueError, match="pass a frame, not an array"):
        TableCodec.fit(frame, ones(8)).transform(np.ones((2, 6)))


@pytest.mark.parametrize("value", [1e300, -1e300, 5e-324, 0.0, np.nan])
def test_extreme_and_constant_columns(value):
    X = np.column_stack([np.full(4, value), np.arange(4.0)])
    codec = TableCodec.fit(X, ones(4))
    assert any("Constant columns carry nothing and were silenced: x0" in reason for reason in codec.reasons)
    assert np.isfinite(codec.transform(X)["numeric"]).all()


def test_many_rare_levels_share_a_slot_and_weights_count():
    names = [f"n{i:03}" for i in range(80)]
    w = np.ones(80)
    w[60:] = 5
    with pytest.warns(WellfitWarning, match="80 levels; all but the 50 most frequent"):
        codec = TableCodec.fit(pd.DataFrame({"id": names}), w)
    assert set(names[60:]) <= set(codec.levels["id"])
    assert codec.cardinalities == (52,)


def test_nullable_columns_of_pandas():
    frame = pd.DataFrame({"a": pd.array([1, None, 3], "Int64"), "b": pd.array(["x", None, "y"], "string"),
                          "c": pd.array([True, None, False], "boolean")})  # fmt: skip
    plain = pd.DataFrame({"a": [1.0, np.nan, 3.0], "b": ["x", None, "y"], "c": [True, None, False]})
    codec = TableCodec.fit(frame, ones(3))
    assert same(codec.transform(frame), codec.transform(plain))
    odd = pd.DataFrame({"a": [1, pd.NA, 3], "b": ["x", pd.NA, "y"], "c": [True, pd.NA, False]}, dtype=object)
    assert same(codec.transform(odd), codec.transform(frame))


def test_categories_of_digits_stay_categories():
    frame = pd.DataFrame({"a": pd.Categorical(["1", "2", "3"])})
    codec = TableCodec.fit(frame, ones(3))
    assert codec.kinds == ["text"]


@frames
def test_rows_are_counted_and_taken(make):
    frame = make(COLUMNS)
    assert rows_of(frame) == 8
    assert rows_of(take_rows(frame, np.array([1, 1, 0]))) == 3
    assert take_rows(np.arange(4), np.array([2])).tolist() == [2]
