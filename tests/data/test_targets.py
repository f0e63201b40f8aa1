"""Targets: labels of any one type, numbers and counts, there and back, and one sentence for what they cannot be."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import DataConversionWarning

from wellfit.data.targets import (
    CODECS,
    Classes,
    Counts,
    Flags,
    Reals,
    codec_from_state,
    facts_of_numbers,
    guess_task,
    numbers,
)

quick = settings(max_examples=40, deadline=None, derandomize=True)

LABELS = {
    "str": np.array(["b", "a", "c", "a", "b", "b"]),
    "object str": np.array(["b", "a", "c", "a", "b", "b"], object),
    "int": np.array([7, -2, 7, 7, -2, -2]),
    "uint8": np.array([7, 2, 7, 7, 2, 2], np.uint8),
    "bool": np.array([True, False, True, True, False, False]),
    "float ints": np.array([1.0, 0.0, 1.0, 1.0, 0.0, 2.0]),
    "object int": np.array([7, -2, 7, 7, -2, -2], object),
    "object bool": np.array([True, False, True, True, False, False], object),
    "int and float": np.array([1, 0.0, 1, 1.0, 0, 2], object),
    "pandas": pd.Series(["b", "a", "c", "a", "b", "b"]),
    "pandas category": pd.Series(["b", "a", "c", "a", "b", "b"], dtype="category"),
    "pandas nullable": pd.Series([7, -2, 7, 7, -2, -2], dtype="Int64"),
    "polars": pl.Series(["b", "a", "c", "a", "b", "b"]),
    "list": ["b", "a", "c", "a", "b", "b"],
}


@pytest.mark.parametrize("y", LABELS.values(), ids=LABELS)
def test_labels_go_there_and_back(y):
    codec = Classes.fit(y)
    codes = codec.encode(y)
    assert codes.dtype == np.int32
    assert codes.tolist() == [sorted(set(y)).index(label) for label in y]
    assert list(codec.decode(codes)) == list(y)
    assert codec.k == len(set(y))


@pytest.mark.parametrize("y", LABELS.values(), ids=LABELS)
def test_the_state_is_the_codec(y):
    codec = Classes.fit(y)
    again = codec_from_state(codec.to_state())
    assert again.classes.tolist() == codec.classes.tolist()
    assert again.encode(y).tolist() == codec.encode(y).tolist()


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (np.array([1, "a", 2, "b"], object), "mixes labels of types int, str"),
        (np.array([True, 0, True, 2], object), "mixes labels of types bool, int"),
        (np.array(["a", None, "b", "a"], object), "NaN at row 1"),
        (np.array(["a", "b", np.nan, "a"], object), "NaN at row 2"),
        (np.array([0.0, 1.0, np.nan, 1.0]), "NaN at row 2"),
        (np.array([0.0, np.inf, 1.0, 1.0]), "infinity at row 1"),
        (pd.Series(["a", pd.NA, "b", "a"], dtype="string"), "NaN at row 1"),
        (pd.Series([1, pd.NA, 0, 1], dtype="Int64"), "NaN at row 1"),
        (pl.Series(["a", None, "b", "a"]), "NaN at row 1"),
        (np.array(["a", "a", "a"]), "only one class"),
        (np.ones(4), "only one class"),
        (np.array([0.1, 0.7, 2.5, 3.2]), "Unknown label type: continuous.*NeuralRegressor"),
        (np.array([1 + 1j, 2, 1, 2]), "Complex data not supported"),
        (np.zeros((3, 2, 2)), "1d array"),
    ],
)
def test_what_cannot_be_labels_is_refused_in_one_sentence(y, words):
    with pytest.raises(ValueError, match=words) as caught:
        Classes.fit(y)
    assert "\n" not in str(caught.value)


def test_a_label_not_seen_in_fit_is_named():
    codec = Classes.fit(["a", "b", "a", "b"])
    with pytest.raises(ValueError, match="not seen in fit: zebra; known are a, b"):
        codec.encode(["a", "zebra"])


def test_a_column_vector_is_taken_with_scikit_learns_warning():
    with pytest.warns(DataConversionWarning):
        codec = Classes.fit(np.array([["a"], ["b"], ["a"], ["b"]]))
    assert codec.classes.tolist() == ["a", "b"]


def test_flags_are_zeros_and_ones():
    y = np.array([[0, 1, 1], [1, 0, 0]])
    codec = Flags.fit(y)
    assert codec.encode(y).tolist() == y.tolist()
    assert codec.encode(y.astype(bool)).tolist() == y.tolist()
    assert codec.decode(np.array([[True, False, True]])).tolist() == [[1, 0, 1]]
    assert codec_from_state(codec.to_state()) == codec


@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([[0, 1], [2, 0]], r"only 0 and 1, got \[2.0, 0.0\] at row 1"),
        ([[0.5, 1]], "only 0 and 1"),
        ([[0, 1, 1]], "y has 3 labels, the model was fitted on 2"),
        ([[0, np.nan]], "NaN"),
    ],
)
def test_what_cannot_be_flags_is_refused(y, words):
    with pytest.raises(ValueError, match=words):
        Flags(2).encode(np.array(y))


@pytest.mark.parametrize("shape", [(9,), (9, 1), (9, 3)])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.DataConversionWarning")
def test_numbers_go_there_and_back(shape):
    y = np.random.default_rng(0).normal(50, 9, shape)
    codec = Reals.fit(y, np.ones(9))
    z = codec.encode(y)
    assert z.shape == (9, shape[1] if len(shape) > 1 else 1)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(z.std(0), 1, rtol=1e-12)
    expected = y if shape == (9, 3) else y.ravel()
    np.testing.assert_allclose(codec.decode(z), expected, rtol=1e-12)
    again = codec_from_state(codec.to_state())
    assert np.array_equal(again.decode(z), codec.decode(z))


@quick
@given(st.lists(st.tuples(st.floats(-1e5, 1e5, width=32), st.integers(1, 4)), min_size=2, max_size=9))
def test_weights_of_numbers_are_repeats(rows):
    y, w = np.array([v for v, _ in rows]), np.array([c for _, c in rows])
    one, two = Reals.fit(y, w.astype(float)), Reals.fit(np.repeat(y, w), np.ones(w.sum()))
    size = np.abs(y).max()
    np.testing.assert_allclose(one.centre, two.centre, rtol=1e-9, atol=1e-12 * size)
    if np.ptp(y) > 1e-6 * size:
        np.testing.assert_allclose(one.scale, two.scale, rtol=1e-9)


@pytest.mark.parametrize("scale", [1e300, 1e-290, 1e160])
def test_extreme_numbers_come_back(scale):
    y = scale * np.array([1.0, -2.0, 5.0, 0.5])
    codec = Reals.fit(y, np.ones(4))
    np.testing.assert_allclose(codec.decode(codec.encode(y)), y, rtol=1e-12)
    facts_of_numbers(y, np.ones(4))


@pytest.mark.parametrize("value", [0.0, 3.5, -1e300])
def test_a_constant_target_is_its_own_centre(value):
    codec = Reals.fit(np.full(5, value), np.ones(5))
    assert codec.scale.tolist() == [1.0]
    assert codec.decode(np.zeros((2, 1))).tolist() == [value, value]


@pytest.mark.parametrize("codec", [Reals, Counts])
@pytest.mark.parametrize(
    ("y", "words"),
    [
        ([1.0, np.nan], "NaN"),
        ([1.0, np.inf], "infinity"),
        (["a", "b"], "is no number"),
        ([1j, 2.0], "Complex"),
        (np.zeros((2, 2, 2)), "dim 3"),
        ([None, 2.0], "NaN"),
    ],
)
def test_what_cannot_be_numbers_is_refused(codec, y, words):
    with pytest.raises(ValueError, match=words):
        codec.fit(y, np.ones(2))


def test_the_number_of_targets_is_that_of_fit():
    codec = Reals.fit(np.arange(8.0).reshape(4, 2), np.ones(4))
    with pytest.raises(ValueError, match="y has 3 targets, the model was fitted on 2"):
        codec.encode(np.zeros((4, 3)))


def test_counts_stay_what_they_are():
    y = np.array([0, 3, 1000])
    codec = Counts.fit(y, np.ones(3))
    assert codec.encode(y).tolist() == [[0.0], [3.0], [1000.0]]
    assert codec.decode(np.array([[2.5]])).tolist() == [2.5]
    assert codec_from_state(codec.to_state()) == codec


@pytest.mark.parametrize(("value", "shown"), [(-1.0, "-1"), (0.5, "0.5")])
def test_what_is_no_count_is_refused_with_its_row(value, shown):
    with pytest.raises(ValueError, match=rf"non-negative integers .* got {shown} at row 2"):
        Counts(1, True).encode(np.array([1.0, 2.0, value]))


def test_the_users_y_is_never_written_to():
    y = np.arange(6.0)
    y.flags.writeable = False
    for codec in (Reals.fit(y, np.ones(6)), Counts.fit(y, np.ones(6)), Classes.fit([*"aabbcc"])):
        codec.encode(y if codec.kind != "classes" else [*"aabbcc"])
    assert y.tolist() == [0, 1, 2, 3, 4, 5]


def test_facts_are_weighted():
    facts = facts_of_numbers(np.array([0.0, 2.0]), np.array([1.0, 3.0]))
    assert (facts.mean, facts.variance) == (1.5, pytest.approx(0.75))
    assert (facts.integral, facts.has_zero, facts.minimum, facts.n_distinct) == (True, True, 0.0, 2)


def test_every_codec_has_its_place_in_the_table():
    assert set(CODECS) == {"classes", "flags", "reals", "counts", "positives", "proportions"}


def test_numbers_in_a_column_of_objects_are_numbers():
    assert numbers(np.array([1, 2.5], object)).tolist() == [1.0, 2.5]


@pytest.mark.parametrize(
    ("y", "task"),
    [
        (["a", "b"], "classification"),
        ([True, False], "classification"),
        ([0, 1, 2], "classification"),
        ([0.0, 1.0], "classification"),
        (range(21), "regression"),
        ([0.5, 1.0], "regression"),
        ([datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)], "classification"),
    ],
)
def test_the_task_is_guessed_from_the_values(y, task):
    found, why = guess_task(np.array(y))
    assert found == task
    assert why.endswith(".")
