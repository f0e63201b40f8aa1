"""Held-out rows: every row once, in proportion, groups whole, no side empty."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellfit.data.splits import folds, holdout, places

quick = settings(max_examples=60, deadline=None, derandomize=True)


@quick
@given(st.integers(2, 60), st.floats(0.01, 0.99), st.integers(0, 9))
def test_every_row_is_on_one_side_and_no_side_is_empty(n, fraction, seed):
    train, valid = holdout(n, fraction, np.random.default_rng(seed))
    assert np.array_equal(np.sort(np.r_[train, valid]), np.arange(n))
    assert len(train)
    assert len(valid)
    assert (train.dtype, valid.dtype) == (np.int32, np.int32)
    assert abs(len(valid) - fraction * n) <= 1


@quick
@given(st.lists(st.integers(0, 3), min_size=2, max_size=60), st.floats(0.05, 0.5), st.integers(0, 9))
def test_classes_are_held_out_in_proportion_and_none_leaves_training(classes, fraction, seed):
    classes = np.array(classes)
    if np.bincount(classes).max() < 2:
        return
    train, valid = holdout(len(classes), fraction, np.random.default_rng(seed), classes=classes)
    assert np.array_equal(np.sort(np.r_[train, valid]), np.arange(len(classes)))
    assert set(classes[train]) == set(classes)
    for label in set(classes):
        assert abs((classes[valid] == label).sum() - fraction * (classes == label).sum()) <= 1


@quick
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 3)), min_size=2, max_size=40),
    st.floats(0.05, 0.9),
    st.integers(0, 5),
)
def test_groups_are_never_split_and_come_as_near_to_the_share_as_they_can(rows, fraction, seed):
    groups, w = (np.array(part) for part in zip(*rows))
    if len(set(groups)) < 2:
        return
    train, valid = holdout(len(w), fraction, np.random.default_rng(seed), groups=groups, weights=w.astype(float))
    assert len(train)
    assert len(valid)
    assert not set(groups[train]) & set(groups[valid])
    largest = max(w[groups == group].sum() for group in set(groups))
    assert abs(w[valid].sum() - fraction * w.sum()) <= largest


@quick
@given(st.integers(20, 60), st.integers(2, 4), st.integers(0, 9))
def test_groups_keep_every_class_in_training(n_groups, classes, seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, n_groups, 300)
    y = (groups + rng.integers(0, 2, 300)) % classes  # classes cling to groups
    train, valid = holdout(300, 0.2, rng, classes=y, groups=groups)
    assert set(y[train]) == set(y)
    assert not set(groups[train]) & set(groups[valid])
    assert 0.1 < len(valid) / 300 < 0.3


def test_groups_hold_classes_in_proportion_where_they_can():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(100), 5)
    y = np.repeat(rng.random(100) < 0.2, 5).astype(int)
    shares = [
        y[holdout(500, 0.2, np.random.default_rng(seed), classes=y, groups=groups)[1]].mean() for seed in range(20)
    ]
    assert np.abs(np.array(shares) - y.mean()).max() < 0.05


def test_a_rare_class_counts_by_its_own_size():
    groups = np.repeat(np.arange(200), 10)
    y = np.zeros(2000, int)
    y[(groups % 10 == 0) & (np.arange(2000) % 10 < 5)] = 1  # half of every tenth group
    held = [holdout(2000, 0.2, np.random.default_rng(seed), classes=y, groups=groups)[1] for seed in range(40)]
    assert np.mean([abs(y[rows].sum() / y.sum() - 0.2) for rows in held]) < 0.035


@quick
@given(st.lists(st.integers(0, 8), min_size=2, max_size=40), st.floats(0.05, 0.9))
def test_the_latest_are_held_out_and_equal_times_stay_together(times, fraction):
    times = np.array(times)
    if len(set(times)) < 2:
        return
    train, valid = holdout(len(times), fraction, np.random.default_rng(0), time=times)
    assert len(train)
    assert len(valid)
    assert times[train].max() < times[valid].min()
    block = max(np.bincount(times))
    assert abs(len(valid) - fraction * len(times)) <= block


def test_time_waits_until_every_class_was_seen():
    y = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    train, valid = holdout(10, 0.5, np.random.default_rng(0), classes=y, time=np.arange(10))
    assert train.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert valid.tolist() == [7, 8, 9]


@pytest.mark.parametrize(
    "time",
    [
        np.array(["2021-03-01", "2020-01-01", "2022-05-05"], "datetime64[D]"),
        pd.to_datetime(pd.Series(["2021-03-01", "2020-01-01", "2022-05-05"])),
        ["b", "a", "c"],
        [2.5, -1.0, 7.0],
    ],
    ids=["numpy", "pandas", "text", "numbers"],
)
def test_times_of_any_sortable_type(time):
    assert holdout(3, 0.3, np.random.default_rng(0), time=time)[1].tolist() == [2]


def test_weights_measure_groups_and_times():
    time, w = np.arange(4), np.array([1.0, 1.0, 1.0, 7.0])
    assert holdout(4, 0.7, np.random.default_rng(0), time=time, weights=w)[1].tolist() == [3]
    for seed in range(5):
        assert holdout(4, 0.3, np.random.default_rng(seed), groups=time, weights=w)[1].tolist() == [0, 1, 2]


@quick
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30), st.integers(1, 6), st.randoms()
)
def test_folds_are_the_same_for_equal_rows_in_any_order(rows, count, random):
    table = np.array(rows, float)
    found = folds(table, count)
    distinct = len(np.unique(table, axis=0))
    assert set(found) == set(range(min(count, distinct)))
    order = np.array(random.sample(range(len(rows)), len(rows)))
    assert (folds(table[order], count) == found[order]).all()
    assert all(len(set(found[(table == row).all(axis=1)])) == 1 for row in table)


def test_every_fold_holds_the_range_of_the_first_column():
    table = np.random.default_rng(0).normal(size=(50, 2))
    found = folds(table, 5)
    assert np.bincount(found).tolist() == [10] * 5
    by_rank = found[np.argsort(table[:, 0])]
    assert by_rank.tolist() == [0, 1, 2, 3, 4] * 10


def test_the_same_generator_gives_the_same_rows():
    one, two, other = (holdout(50, 0.2, np.random.default_rng(seed))[1].tolist() for seed in (4, 4, 5))
    assert one == two != other


@pytest.mark.parametrize(
    ("n", "options", "words"),
    [
        (1, {}, "at least 2 rows, got 1"),
        (4, {"classes": np.arange(4)}, "no class has two rows"),
        (4, {"groups": np.zeros(4)}, "only one group"),
        (4, {"time": np.zeros(4)}, "time has only one value"),
        (4, {"groups": np.arange(4), "time": np.arange(4)}, "cannot both"),
        (4, {"groups": np.arange(3)}, r"groups must have shape \(4,\)"),
        (4, {"groups": np.array([1, None, 2, 3], object)}, "groups is missing at row 1"),
        (4, {"time": np.array([0.0, 1, np.nan, 2])}, "time is missing at row 2"),
        (4, {"time": np.array(["2020", "NaT", "2021", "2022"], "datetime64[Y]")}, "time is missing at row 1"),
        (4, {"groups": pd.array([1, 2, pd.NA, 3], "Int64")}, "groups is missing at row 2"),
        (4, {"time": np.array([1, "a", 2, "b"], object)}, "mixes values that cannot be sorted"),
        (4, {"classes": np.array([0, 0, 1, 1]), "groups": np.array([0, 0, 1, 1])}, "every group holds all rows"),
        (4, {"classes": np.array([0, 0, 0, 1]), "time": np.arange(4)}, "only in the latest rows"),
    ],
)
def test_what_cannot_be_split_is_refused(n, options, words):
    with pytest.raises(ValueError, match=words) as caught:
        holdout(n, 0.25, np.random.default_rng(0), **options)
    assert "\n" not in str(caught.value)


def test_places_are_ranks():
    assert places(["b", "a", "b"], 3, "groups").tolist() == [1, 0, 1]
