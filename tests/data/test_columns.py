"""Columns of every type, from every kind of frame, mean the same; what a column can hold is read or refused."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellfit.data import values as objects
from wellfit.data.columns import Known, read
from wellfit.data.frames import columns_of
from wellfit.data.readers import read_table
from wellfit.data.tables import TableCodec

quick = settings(max_examples=60, deadline=None, derandomize=True)
ROWS = 24
DAYS = [datetime.date(2020 + i // 12, 1 + i % 12, 3) for i in range(ROWS)]
TIMES = [datetime.datetime(2021, 3, 1) + datetime.timedelta(hours=7 * i) for i in range(ROWS)]


def repeat(*values):
    return (list(values) * ROWS)[:ROWS]


COLUMNS = {
    "int8": repeat(3, -7, 0, 120),
    "uint64": repeat(1, 2**53, 5),
    "float32": repeat(0.1, 1.5, -2.25, float("nan")),
    "float64": repeat(0.1, None, 1e6),
    "decimal": repeat(Decimal("0.1"), Decimal("2.3"), None, Decimal("1234567.123456789012")),
    "nullable": repeat(1, None, 3, 8, 9),
    "boolean": repeat(True, False, False),
    "nullable boolean": repeat(True, None, False, True),
    "category": repeat("red", "green", "blue"),
    "ordered": repeat("low", "high", None, "middle"),
    "text": repeat("Rome", "Oslo", None, " Oslo ", "NA", "Paris"),
    "date": DAYS,
    "datetime": repeat(*TIMES[:7], None),
    "zoned": TIMES,
    "duration": [datetime.timedelta(seconds=90 * i) for i in range(ROWS - 1)] + [None],
    "spelled": repeat("1", "2.5", " 3", "", "5e1", "?"),
    "iso": [day.isoformat() for day in DAYS],
    "empty": [None] * ROWS,
}
ARROW = {
    "int8": pa.int8(), "uint64": pa.uint64(), "float32": pa.float32(), "decimal": pa.decimal128(30, 12),
    "nullable": pa.int16(), "category": pa.dictionary(pa.int32(), pa.string()),
    "ordered": pa.dictionary(pa.int32(), pa.string(), ordered=True), "zoned": pa.timestamp("us", "Europe/Berlin"),
}  # fmt: skip
POLARS = {
    "int8": pl.Int8, "uint64": pl.UInt64, "float32": pl.Float32, "decimal": pl.Decimal(30, 12), "nullable": pl.Int16,
    "category": pl.Categorical, "ordered": pl.Enum(["low", "middle", "high"]),
    "zoned": pl.Datetime("us", "Europe/Berlin"), "empty": pl.Null,
}  # fmt: skip


def of_pandas(name):
    values = COLUMNS[name]
    if name == "category":
        return pd.Series(pd.Categorical(values))
    if name == "ordered":
        return pd.Series(pd.Categorical(values, ["low", "middle", "high"], ordered=True))
    if name == "zoned":
        return pd.Series(pd.to_datetime(values)).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin")
    types = {
        "int8": "int8",
        "uint64": "uint64",
        "float32": "float32",
        "nullable": "Int16",
        "nullable boolean": "boolean",
    }
    return pd.Series(values, dtype=types.get(name))


def of_polars(name):
    series = pl.Series(COLUMNS[name], dtype=POLARS.get(name), strict=False)
    return (
        series
        if name != "zoned"
        else pl.Series(TIMES).dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Berlin")
    )


def of_arrow(name):
    values = COLUMNS[name]
    if name == "zoned":
        values = [value.replace(tzinfo=datetime.UTC) for value in values]
    kind = ARROW.get(name)
    if kind is not None and pa.types.is_dictionary(kind):
        return pa.array(values).dictionary_encode()
    return pa.array(values, kind)


MAKERS = {
    "pandas": lambda names: pd.DataFrame({name: of_pandas(name) for name in names}),
    "pandas of objects": lambda names: pd.DataFrame({name: pd.Series(COLUMNS[name], dtype=object) for name in names}),
    "pandas of arrow": lambda names: pa.table({name: of_arrow(name) for name in names}).to_pandas(
        types_mapper=pd.ArrowDtype
    ),
    "polars": lambda names: pl.DataFrame({name: of_polars(name) for name in names}),
    "arrow": lambda names: pa.table({name: of_arrow(name) for name in names}),
}
frames = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


def learnt(name, make):
    """What is learnt of one column beside two others, and its blocks."""
    frame = make([name, "category", "int8"] if name not in ("category", "int8") else [name, "text"])
    codec, read = TableCodec.learn(frame, np.ones(ROWS))
    blocks = codec.transform(frame, np.float64)
    own = codec.transform(frame, np.float64, own=True, read=read)  # what was read is not read again
    assert all(np.array_equal(own[block], blocks[block]) for block in blocks)
    return codec, blocks


@frames
@pytest.mark.parametrize("name", COLUMNS)
def test_every_type_gives_the_same_block_whatever_the_frame(name, make):
    if make is MAKERS["pandas of objects"] and name in ("zoned", "float32"):
        pytest.skip("Python objects know neither the zone nor single precision")
    codec, blocks = learnt(name, make)
    reference, expected = learnt(name, MAKERS["polars"])
    assert np.isfinite(blocks["numeric"]).all()
    for block in ("numeric", "codes"):
        np.testing.assert_array_equal(blocks[block], expected[block], strict=True)
    assert codec.reasons == reference.reasons
    assert codec.kinds == reference.kinds


@frames
def test_every_type_at_once_and_through_its_state(make):
    if make is MAKERS["pandas of objects"]:
        pytest.skip("Python objects know neither the zone nor single precision")
    frame = make(list(COLUMNS))
    codec = TableCodec.fit(frame, np.ones(ROWS))
    again = TableCodec.from_state(codec.to_state())
    blocks = codec.transform(frame)
    expected = TableCodec.fit(MAKERS["polars"](list(COLUMNS)), np.ones(ROWS)).transform(MAKERS["polars"](list(COLUMNS)))
    for block in ("numeric", "codes"):
        np.testing.assert_array_equal(blocks[block], expected[block], strict=True)
        np.testing.assert_array_equal(blocks[block], again.transform(frame)[block], strict=True)
    assert again.contract == codec.contract
    assert codec.left_out == {"empty": "constant"}


@pytest.mark.parametrize(
    "kind", [pl.Null, pl.Float32, pl.String, pl.Boolean, pl.Datetime, pl.Date, pl.Duration, pl.Categorical]
)
def test_a_column_without_a_value_is_the_same_of_every_type(kind):
    codec = TableCodec.fit(pl.DataFrame({"a": pl.Series([None] * 4, dtype=kind), "b": [1, 2, 3, 4]}), np.ones(4))
    assert (codec.numeric_names, codec.left_out, codec.sorts) == (["a", "b"], {"a": "constant"}, ["empty", "integer"])


def column(values, **options):
    return read("a", columns_of(pd.DataFrame({"a": pd.Series(values, dtype=object)}))["a"], **options)


@pytest.mark.parametrize(
    ("values", "kind", "sort"),
    [
        (["2020-01", "2021-02"], "date", "date"),
        (["2020-01-02T10:00", "2020-01-03 11:00:30.5"], "date", "date"),
        (["2020-01-02T10:00Z", "2020-01-03T10:00+02:00"], "date", "date"),
        ([datetime.time(10), datetime.time(11, 30)], "date", "date"),
        (["2020-13-01", "2020-01-01"], "text", "text"),
        (["1_000", "2_000"], "text", "text"),
        (["inf", "-inf"], "text", "text"),
        ([True, False, None], "text", "boolean"),
        ([1, 2.5, None], "number", "number"),
        ([b"red", b"blue"], "text", "text"),
        ([np.float32(1.5), np.int8(2)], "number", "number"),
        ([None, float("nan"), "", "None"], "number", "empty"),
        ([datetime.timedelta(1), None], "number", "duration"),
    ],
)
def test_what_objects_are_read_as(values, kind, sort):
    found = column(values)
    assert (found.kind, found.sort) == (kind, sort)


def test_times_of_another_zone_are_told_on_the_clock_of_training():
    frame = MAKERS["polars"](["zoned", "int8"])
    codec = TableCodec.fit(frame, np.ones(ROWS))
    expected = codec.transform(frame)["numeric"]
    elsewhere = frame.with_columns(pl.col("zoned").dt.convert_time_zone("Asia/Tokyo"))
    np.testing.assert_array_equal(codec.transform(elsewhere)["numeric"], expected)
    spelled = frame.to_pandas().assign(zoned=[f"{t.isoformat()}Z" for t in TIMES])
    np.testing.assert_array_equal(codec.transform(spelled)["numeric"], expected)


@pytest.mark.parametrize("value", [[1], (1, 2), {"a": 1}, 1j, {3}])
def test_what_is_no_value_is_refused_with_its_type(value):
    with pytest.raises(ValueError, match=rf"column 'a' holds values of type {type(value).__name__}"):
        column([value, value])


@quick
@given(st.lists(st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.floats(), st.text(max_size=4), st.dates())))
def test_any_objects_are_read_and_every_row_has_its_place(values):
    found = column(values)
    if found.index is not None:
        assert found.labels is not None
        assert ((found.index >= -1) & (found.index < len(found.labels))).all()
        assert found.index.shape == (len(values),)
    else:
        assert all(block.shape == (len(values),) for block in found.blocks.values())


@quick
@given(st.lists(st.text("abc 1.?", max_size=3), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_reading_does_not_depend_on_the_order_of_rows(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    one, two = column(values), column([values[i] for i in order])
    assert (one.kind, one.sort) == (two.kind, two.sort)
    for block, other in zip(one.blocks.values(), two.blocks.values(), strict=True):
        np.testing.assert_array_equal(block[order], other)
    if one.labels is not None:
        assert [None if i < 0 else one.labels[i] for i in one.index[order]] == [
            None if i < 0 else two.labels[i] for i in two.index
        ]


def test_many_numbers_with_a_word_among_them_are_numbers_and_the_word_is_a_gap():
    values = [str(i / 7) for i in range(80)] + ["sold out"] * 20
    found = column(values)
    assert found.kind == "number"
    assert np.isnan(found.numbers).sum() == 20
    assert "'sold out' counts as missing (20 rows)" in found.warning
    later = column(["1", "sold out"], known=Known("number", words=found.words))
    assert np.isnan(later.numbers[1])
    with pytest.raises(ValueError, match=r"mixes numbers and text \('sold' at row 1\)"):
        column(["1", "sold"], known=Known("number", words=found.words))


def test_texts_are_levels_without_the_space_around_them():
    assert column([" Oslo ", "Oslo", "Rome\t"]).labels == ["Oslo", "Rome"]


def test_few_levels_of_numbers_and_text_are_categories_and_many_are_warned_of():
    doors = column(["2", "3", "4", "5more"] * 5)
    assert (doors.kind, doors.warning) == ("text", "")
    assert "mixes numbers and text ('5more' at row 3)" in doors.note
    tickets = column([str(i) for i in range(60)] + [f"A/{i}" for i in range(30)])
    assert tickets.kind == "text"
    assert tickets.warning.startswith("column 'a' mixes numbers and text ('A/0' at row 60)")


def test_words_for_a_gap_are_those_of_files(tmp_path):
    words = [word for word in sorted(objects.GAPS) if word]
    place = tmp_path / "gaps.csv"
    place.write_text("n,t\n" + "".join(f"{word},{word}\n" for word in words) + "1,a\n")
    frame, _ = read_table(str(place))
    assert frame["n"].isna().tolist() == frame["t"].isna().tolist() == [True] * len(words) + [False]
