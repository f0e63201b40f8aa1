"""The contract: what it says, and one warning or one error for each way in which a later table can differ."""

import datetime
import json
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from wellfit.core.errors import WellfitWarning
from wellfit.data.contract import POLICIES, Contract
from wellfit.data.tables import TableCodec

N = 40
rng = np.random.default_rng(1)
FRAME = pd.DataFrame({
    "size": np.where(np.arange(N) % 5 == 0, np.nan, rng.normal(10, 2, N).round(2)),
    "rooms": rng.integers(1, 6, N),
    "town": rng.choice(["Rome", "Oslo", "Lima"], N),
    "new": rng.random(N) < 0.5,
    "day": [datetime.datetime(2020, 1, 1) + datetime.timedelta(days=9 * i) for i in range(N)],
    "wait": pd.to_timedelta(rng.integers(1, 99, N), unit="s"),
    "code": 3,
})  # fmt: skip
MAKERS = {"pandas": lambda f: f, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
frames = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@pytest.fixture(scope="module")
def codec():
    return TableCodec.fit(FRAME, np.ones(N))


def told(codec, frame):
    """The one warning, or nothing."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        blocks = codec.transform(frame)
    assert np.isfinite(blocks["numeric"]).all()
    assert len(caught) <= 1
    assert all(issubclass(warning.category, WellfitWarning) for warning in caught)
    return str(caught[0].message) if caught else ""


DIFFERENCES = {
    "nothing": (lambda f: f, ""),
    "other order": (lambda f: f[f.columns[::-1]], ""),
    "extra": (lambda f: f.assign(more=1, most="x"), "2 columns not seen in fit are ignored: more, most"),
    "new level": (
        lambda f: f.assign(town=["Bern", *f["town"][1:]]),
        "levels not seen in fit: town (1, such as 'Bern')",
    ),
    "known gaps": (lambda f: f.assign(size=np.nan), ""),
    "new gaps": (
        lambda f: f.assign(rooms=[None, *f["rooms"][1:]], town=[None, None, *f["town"][2:]]),
        "missing values in columns that had none in training: rooms (1), town (2)",
    ),
    "far": (
        lambda f: f.assign(rooms=[99, -99, *f["rooms"][2:]]),
        "values far out of the range of the fit: rooms (2)",
    ),
    "shifted": (lambda f: f.assign(rooms=f["rooms"] + 7), "values far out of the range of the fit: rooms ("),
    "a little far": (lambda f: f.assign(rooms=[40, *f["rooms"][1:]]), ""),
    "numbers as text": (lambda f: f.assign(rooms=f["rooms"].astype(str)), ""),
    "text for a few numbers": (
        lambda f: pd.concat([f] * 4).assign(rooms=["many", *map(str, pd.concat([f] * 4)["rooms"][1:])]),
        "values that cannot be read count as missing: rooms (1)",
    ),
    "flags as numbers": (lambda f: f.assign(new=f["new"].astype(int)), ""),
    "days as text": (lambda f: f.assign(day=f["day"].astype(str)), ""),
    "zoned": (
        lambda f: f.assign(day=f["day"].dt.tz_localize("UTC")),
        "times have a time zone, and had none in fit: day",
    ),
    "seconds": (lambda f: f.assign(wait=f["wait"].dt.total_seconds()), ""),
    "left out": (lambda f: f.assign(code="x"), ""),
}


@frames
@pytest.mark.parametrize("case", DIFFERENCES)
def test_a_difference_is_one_warning_with_counts(codec, case, make):
    change, words = DIFFERENCES[case]
    message = told(codec, make(change(FRAME).reset_index(drop=True)))
    if words:
        assert words in message
        assert message.startswith("X (")
        assert message.endswith(". See model.contract_.")
    else:
        assert message == ""


def test_many_differences_are_still_one_warning(codec):
    message = told(codec, FRAME.assign(rooms=[None, 99, *FRAME["rooms"][2:]], town="Bern", more=1))
    assert message.count("; ") == 3


ERRORS = {
    "missing": (lambda f: f.drop(columns="rooms"), r"X lacks the column 'rooms', which the model was fitted on\."),
    "renamed": (
        lambda f: f.rename(columns={"rooms": "Rooms"}),
        r"X lacks the column 'rooms'.*did you mean the column 'Rooms'\?",
    ),
    "two renamed": (
        lambda f: f.rename(columns={"rooms": "nrooms", "town": "Town"}),
        r"X lacks the column 'rooms' \(did you mean 'nrooms'\?\) and 1 more.*: 'town' \(did you mean 'Town'\?\)\.",
    ),
    "text for numbers": (
        lambda f: f.assign(rooms="many"),
        r"column 'rooms' mixes numbers and text \('many' at row 0\)",
    ),
    "dates for numbers": (lambda f: f.assign(rooms=f["day"]), "column 'rooms' holds dates, and held numbers in fit"),
    "dates for text": (lambda f: f.assign(town=f["day"]), "column 'town' holds dates, and held text in fit"),
    "text for dates": (lambda f: f.assign(day="spring"), "column 'day' holds text, and held dates in fit"),
    "numbers for dates": (lambda f: f.assign(day=3.0), "column 'day' holds numbers, and held dates in fit"),
    "infinity": (lambda f: f.assign(rooms=[np.inf] * N), "infinity in column 'rooms' at row 0"),
}


@frames
@pytest.mark.parametrize("case", ERRORS)
def test_what_cannot_be_is_one_sentence(codec, case, make):
    change, words = ERRORS[case]
    with pytest.raises(ValueError, match=words) as caught:
        codec.transform(make(change(FRAME)))
    assert "\n" not in str(caught.value)


def test_the_contract_says_what_each_column_held(codec):
    found = codec.contract.to_dict()
    json.dumps(found)
    assert found["policies"] == POLICIES
    columns = {column["name"]: column for column in found["columns"]}
    assert [column["kind"] for column in found["columns"]] == [
        "number", "integer", "category", "boolean", "date", "duration", "integer",
    ]  # fmt: skip
    assert columns["size"]["missing"] == pytest.approx(0.2)
    assert columns["size"]["use"] == "scaled, indicator of gaps"
    assert (columns["rooms"]["low"], columns["rooms"]["high"]) == (1, 5)
    assert columns["town"]["levels"] == ("Lima", "Oslo", "Rome")
    assert columns["code"]["use"] == "left out: constant"
    assert (columns["day"]["low"], columns["day"]["high"]) == (2020, 2020)
    assert codec.contract["rooms"] == codec.contract[1]
    assert len(codec.contract) == 7


def test_printed_it_is_an_aligned_table(codec):
    lines = repr(codec.contract).splitlines()
    heads, rule, *rows = lines[:9]
    assert heads.split() == ["column", "kind", "missing", "values", "use"]
    starts = [0, *(i + 2 for i in range(len(rule) - 1) if rule[i : i + 2] == "  ")]
    assert all(row[start] != " " and row[start - 1] == " " for row in rows for start in starts[1:] if len(row) > start)
    assert "3: Lima, Oslo, Rome" in lines[4]
    assert any(line.startswith("new category") for line in lines)


def test_of_many_columns_the_first_are_printed():
    text = repr(TableCodec.fit(np.arange(400.0).reshape(2, 200), np.ones(2)).contract)
    assert "... and 140 more" in text
    assert isinstance(TableCodec.fit(np.eye(3), np.ones(3)).contract, Contract)


def test_arrays_are_told_of_by_place():
    X = rng.normal(size=(30, 2))
    codec = TableCodec.fit(X, np.ones(30))
    far, gap = X.copy(), X.copy()
    far[3, 1], gap[:2, 0] = 1e6, np.nan
    assert "values far out of the range of the fit: x1 (1)" in told(codec, far)
    assert "had none in training: x0 (2)" in told(codec, gap)
    assert told(codec, X) == ""
