"""Held-out rows: every row once, in proportion, groups whole, no side empty."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wellfit.data.splits import holdout

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
@given(st.lists(st.integers(0, 5), min_size=2, max_size=40), st.floats(0.05, 0.9))
def test_groups_are_never_split(groups, fraction):
    if len(set(groups)) < 2:
        return
    groups = np.array(groups)
    train, valid = holdout(len(groups), fraction, np.random.default_rng(0), groups=groups)
    assert len(train)
    assert len(valid)
    assert not set(groups[train]) & set(groups[valid])


def test_the_same_generator_gives_the_same_rows():
    one, two, other = (holdout(50, 0.2, np.random.default_rng(seed))[1].tolist() for seed in (4, 4, 5))
    assert one == two != other


@pytest.mark.parametrize(
    ("n", "options", "words"),
    [
        (1, {}, "at least 2 rows, got 1"),
        (4, {"classes": np.arange(4)}, "no class has two rows"),
        (4, {"groups": np.zeros(4)}, "only one group"),
    ],
)
def test_what_cannot_be_split_is_refused(n, options, words):
    with pytest.raises(ValueError, match=words):
        holdout(n, 0.25, np.random.default_rng(0), **options)
