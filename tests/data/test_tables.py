"""Tables: every kind of frame gives the same blocks, and nothing odd in one passes silently."""

import datetime
import warnings

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


def silently(codec, X):
    """X encoded, whatever is to be told of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WellfitWarning)
        return codec.transform(X)


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
    assert blocks["codes"][:, 0].tolist() == [2, 1, 2, 2, 1, 1, 2, 0]
    assert blocks["codes"][:, 1].tolist() == [3, 2, 0, 1, 3, 3, 2, 1]
    assert codec.cardinalities == (4, 5)


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
@given(st.lists(st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")), min_size=3, max_size=3), min_size=1, max_size=9))
def test_arrays_and_frames_of_numbers_give_the_same_block(rows):
    X = np.array([[1.0, 2.0, 3.0], [3.0, 1.0, 2.0], *rows])
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


TOWNS = ["Oslo"] * 2 + ["Rome"] * 4 + ["Paris"] * 3


def coded(towns, new):
    """What new towns become for a codec of towns, and the warning."""
    codec = TableCodec.fit(pl.DataFrame({"town": towns}), ones(len(towns)))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        codes = codec.transform(pl.DataFrame({"town": new}, schema={"town": pl.String}))["codes"]
    assert len(caught) <= 1
    return codes.ravel().tolist(), " ".join(str(warning.message) for warning in caught)


def test_slots_that_no_row_trained_lead_to_one_that_was():
    codes, said = coded(TOWNS, ["Lima", None, "Rome", "Oslo"])
    assert codes == [3, 3, 3, 1]  # both to the most frequent level
    assert "levels not seen in fit: town (1, such as 'Lima')" in said
    assert "missing values in columns that had none in training: town (1)" in said
    codes, said = coded([*TOWNS, None], ["Lima", None, "Rome"])
    assert codes == [0, 0, 3]
    assert "missing values" not in said
    rare = TOWNS * 100 + [f"village {i}" for i in range(60)]
    codes, said = coded(rare, [*TOWNS * 5, "Lima", "village 3", None])
    assert codes[-3:] == [4, 4, 4]
    assert "levels not seen" not in said  # two of 48 are not surprising where one in sixteen was rare
    codes, said = coded(rare, ["Lima"] * 20)
    assert "town (20, such as 'Lima')" in said


def test_a_column_of_two_states_is_one_number():
    def block(values, new):
        codec = TableCodec.fit(pd.DataFrame({"a": values}, dtype=object), ones(len(values)))
        assert codec.cardinalities == ()
        return silently(codec, pd.DataFrame({"a": new}, dtype=object))["numeric"].ravel().tolist()

    assert block(["x", "y", "y"], ["x", "y", "z", None]) == [-1, 1, 0, 0]
    assert block(["x", None, "x"], ["x", None, "z"]) == [1, -1, 0]
    assert block([True, False, True], [True, 0, 1, "true", "FALSE", "1"]) == [1, -1, 1, 1, -1, 1]
    cabins = [f"C{i}" for i in range(80)] + [None] * 720  # another in every row, or none
    assert block([*cabins, "C1"], ["C1", "D9", None]) == [1, 1, -1]


@frames
def test_new_gaps_take_the_median_with_a_warning(make):
    codec = TableCodec.fit(make({"a": [1.0, 2.0, 3.0], "b": [1.0, None, 2.0]}), ones(3))
    with pytest.warns(WellfitWarning, match=r"columns that had none in training: a \(1\)"):
        found = codec.transform(make({"a": [None, 2.0], "b": [None, 1.0]}))["numeric"]
    assert found[0].tolist() == [0.0, 0.0, 1.0]
    assert found[1, 0] == 0.0


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
    if was == comes:
        assert len(codec.transform(new)["numeric"]) == 3
    elif (was, comes) == ("text", "number"):  # numbers as categories: known ones or unseen
        with pytest.warns(WellfitWarning, match=r"levels not seen in fit: a \(3, such as '1'\)"):
            codec.transform(new)
    else:
        with pytest.raises(ValueError, match="column 'a'"):
            codec.transform(new)


@frames
def test_flags_are_numbers_where_numbers_were(make):
    codec = TableCodec.fit(make({"a": [0, 1, 1, 0]}), ones(4))
    assert same(codec.transform(make({"a": [False, True]})), codec.transform(make({"a": [0, 1]})))


@frames
def test_number_levels_of_categories_match_their_texts(make):
    codec = TableCodec.fit(make({"a": ["x", "3", "y", "z", None, "3"]}), ones(6))
    found = silently(codec, make({"a": [3.0, 7.0, float("inf")]}))
    assert found["codes"].ravel().tolist() == [1, 0, 0]


@frames
def test_an_empty_category_column_is_all_missing(make):
    codec = TableCodec.fit(make({"a": ["x", "v", "y", None], "b": [1, 2, 3, 4]}), ones(4))
    new = pd.DataFrame({"a": [None, None], "b": [1, 2]})
    assert codec.transform(new)["codes"].ravel().tolist() == [0, 0]


@frames
def test_dates_become_numbers(make):
    codec = TableCodec.fit(make({"day": DAYS}), ones(8))
    assert codec.numeric_names == ["day.year", "day.month", "day.weekday", "day.seconds"]
    assert codec.indicators.tolist() == [0]  # one for all parts, which miss the same rows
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
    codec = TableCodec.fit(pl.DataFrame({"a": [1, 2], "b": [2, 3]}) if is_frame(X) else np.eye(2), ones(2))
    with pytest.raises(ValueError, match="infinity"):
        codec.transform(X)


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
    codec = TableCodec.fit(np.arange(6.0).reshape(3, 2), ones(3))
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


def test_rare_levels_share_a_slot_and_weights_count():
    names = [f"n{i:03}" for i in range(120)] * 2
    w = np.ones(240)
    w[:20] = 9
    frame = pd.DataFrame({"town": names, "x": np.arange(240) % 7})
    with pytest.warns(WellfitWarning, match="Column 'town' has 120 levels; the 20 that are frequent enough"):
        codec = TableCodec.fit(frame, w)
    assert codec.levels["town"] == names[:20]
    assert codec.cardinalities == (22,)
    assert set(silently(codec, frame)["codes"][20:120].ravel()) == {21}


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


MIXTURE = st.fixed_dictionaries(
    {
        "number": st.none() | st.floats(-1e6, 1e6),
        "text": st.none() | st.sampled_from(["a", "b", "c", "d"]),
        "flag": st.none() | st.booleans(),
        "day": st.none() | st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2030, 1, 1)),
        "twin": st.sampled_from(["a", "b"]),
    }
)


def mixture(rows, order=None):
    rows = rows if order is None else [rows[i] for i in order]
    return pl.DataFrame(rows, schema={"number": pl.Float64, "text": pl.String, "flag": pl.Boolean,
                                      "day": pl.Datetime("us"), "twin": pl.String})  # fmt: skip


@pytest.mark.filterwarnings("ignore::wellfit.core.errors.WellfitWarning")
@quick
@given(st.lists(MIXTURE, min_size=2, max_size=30), st.lists(MIXTURE, min_size=1, max_size=8), st.data())
def test_any_table_becomes_finite_blocks_whatever_the_order_of_its_rows(rows, later, data):
    w = np.array(data.draw(st.lists(st.integers(1, 4), min_size=len(rows), max_size=len(rows))), float)
    order = data.draw(st.permutations(range(len(rows))))
    codec = TableCodec.fit(mixture(rows), w)
    permuted = TableCodec.fit(mixture(rows, order), w[order])
    repeated = TableCodec.fit(mixture(rows, np.repeat(np.arange(len(rows)), w.astype(int))), ones(int(w.sum())))
    for frame in (mixture(rows), mixture(later)):
        blocks = codec.transform(frame, np.float64)
        assert np.isfinite(blocks["numeric"]).all()
        assert (np.abs(blocks["numeric"]) <= 3).all()
        assert blocks["numeric"].shape == (len(frame), codec.width)
        assert ((blocks["codes"] >= 0) & (blocks["codes"] < codec.cardinalities)).all()
        for other in (permuted, repeated, TableCodec.from_state(codec.to_state())):
            found = other.transform(frame, np.float64)
            np.testing.assert_array_equal(found["codes"], blocks["codes"])
            np.testing.assert_allclose(found["numeric"], blocks["numeric"], rtol=1e-9, atol=1e-9)
        backwards = codec.transform(frame[::-1].select(reversed(frame.columns)), np.float64)
        assert same(backwards, {name: block[::-1] for name, block in blocks.items()})


def test_a_memory_map_is_read_in_blocks_and_stays_as_it_is(tmp_path, monkeypatch):
    X = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float32)
    X[::9, 1] = np.nan
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    whole = TableCodec.fit(X, ones(500))
    monkeypatch.setattr("wellfit.data.scaling.CHUNK", 500)
    monkeypatch.setattr("wellfit.data.blocks.CHUNK", 30)
    monkeypatch.setattr("wellfit.data.blocks.WORTH_THREADS", 0)
    codec = TableCodec.fit(mapped, ones(500))
    assert same(codec.transform(mapped), whole.transform(X))
    assert codec.contract == whole.contract
    X[321, 2] = np.inf
    with pytest.raises(ValueError, match="infinity in feature 2 at row 321"):
        codec.transform(X)


def test_an_array_of_objects_has_columns_of_their_own_kinds():
    X = np.array([[1.5, "Rome", "3"], [None, "Oslo", "4"], [2.5, "Rome", ""], [0.5, "Lima", "9"]], dtype=object)
    codec = TableCodec.fit(X, ones(4))
    frame = pl.DataFrame({"x0": X[:, 0].tolist(), "x1": X[:, 1].tolist(), "x2": X[:, 2].tolist()})
    assert codec.kinds == ["number", "text", "number"]
    assert same(codec.transform(X), TableCodec.fit(frame, ones(4)).transform(frame))
    assert same(codec.transform(X), codec.transform(frame))
    texts = np.array([["1", "a"], ["2", "b"], ["3", "a"]])
    assert TableCodec.fit(texts, ones(3)).kinds == ["number", "text"]
    with pytest.raises(ValueError, match="X has 2 columns, the model was fitted on 3"):
        codec.transform(X[:, :2])


BEFORE = {  # what model files of format 1 hold
    "names": ["size", "town", "sold", "day"],
    "kinds": ["number", "text", "text", "date"],
    "numeric_names": ["size", "day.year", "day.month", "day.weekday", "day.seconds"],
    "levels": {"town": ["Oslo", "Paris", "Rome"], "sold": ["False", "True"]},
    "indicators": np.array([0]),
    "scaler": {"centre": np.array([2.0, 2020, 6, 4, 0]), "factor": np.array([1.0, 1, 1, 1, 0]), "clip": 3.0},
    "reasons": ["kept"],
}


def test_a_state_of_an_older_file_still_encodes_as_it_did():
    codec = TableCodec.from_state(BEFORE)
    new = pd.DataFrame({"size": [3.0, None, 1e9], "town": ["Rome", "Lima", None], "sold": [True, None, "maybe"],
                        "day": pd.to_datetime(["2020-06-04"] * 3)})  # fmt: skip
    found = codec.transform(new, np.float64)
    assert found["codes"].ravel().tolist() == [3, 4, 0]
    one = 1 / np.sqrt(1 + 1 / 9)
    expected = [[one, 0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 1, 0], [3, 0, 0, 0, 0, 0, 0]]
    np.testing.assert_allclose(found["numeric"], expected, atol=1e-9)
    assert (codec.width, codec.cardinalities, codec.reasons) == (7, (5,), ["kept"])
    assert "size" in repr(codec.contract)
    assert same(TableCodec.from_state(codec.to_state()).transform(new), codec.transform(new))


def test_levels_of_an_older_file_that_are_gaps_or_have_spaces_are_still_levels():
    state = {"names": ["a", "b"], "kinds": ["text", "text"], "numeric_names": [], "indicators": np.zeros(0, int),
             "levels": {"a": ["None", "Stone", "WD "], "b": ["None", "x"]}, "reasons": [],
             "scaler": {"centre": np.zeros(0), "factor": np.zeros(0), "clip": 3.0}}  # fmt: skip
    found = TableCodec.from_state(state).transform(
        pd.DataFrame({"a": ["None", "WD ", "Stone"], "b": ["None", "x", "y"]})
    )
    assert found["codes"].ravel().tolist() == [1, 3, 2]
    assert found["numeric"].ravel().tolist() == [-1, 1, 0]


def test_a_lazy_frame_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match=r"pass X\.collect\(\)"):
        TableCodec.fit(pl.LazyFrame({"a": [1, 2]}), ones(2))


@frames
def test_times_of_day_in_a_later_table_of_days(make):
    days = make({"day": [d.date() for d in DAYS[:3]]})
    codec = TableCodec.fit(make({"day": DAYS[:3]}), ones(3))
    assert codec.numeric_names[-1] == "day.seconds"
    assert codec.transform(days)["numeric"].shape == (3, 4)
    with pytest.raises(ValueError, match="column 'day' holds times of day, and held dates in fit"):
        codec.transform(pd.DataFrame({"day": [datetime.time(10)] * 3}))


@pytest.mark.parametrize("spoil", ["nothing", "gap", "huge", "constant"])
@pytest.mark.parametrize("make", [np.asarray, pd.DataFrame])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_rows_of_the_fit_are_encoded_as_any_others(spoil, dtype, make):
    X = np.random.default_rng(0).normal(size=(700, 150)).astype(dtype)
    X[3:30, 2] = {"gap": np.nan, "huge": 1e38 if dtype == np.float32 else 1e200, "constant": 1.0}.get(spoil, X[3, 2])
    if spoil == "constant":
        X[:, 2] = 1
    X = make(X) if make is np.asarray else make(X, columns=[f"c{j}" for j in range(150)])
    codec = TableCodec.fit(X, ones(len(X)))
    own, any_rows = codec.transform(X, own=True, room=896)["numeric"], silently(codec, X)["numeric"]
    assert np.array_equal(own[:700], any_rows)
    assert not own[700:].any()
    again, read = TableCodec.learn(X, ones(len(X)))
    waiting = again.transform(X, own=True, read=read, lazily=True)["numeric"]
    assert np.array_equal(np.asarray(waiting), any_rows)
