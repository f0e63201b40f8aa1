"""Targets with limits and classes in an order: there and back, and one sentence for what lies outside."""

import numpy as np
import pytest

from wellfit.data.limited_targets import Positives, Proportions
from wellfit.data.targets import CODECS, Classes, Counts, Reals, codec_from_state, number_codec
from wellfit.families.beta import Beta
from wellfit.families.ordinal import Ordinal
from wellfit.families.table import FAMILIES

Y = np.array([2.0, 6.0, 1.0, 3.0])
W = np.array([1.0, 2.0, 0.5, 0.5])


@pytest.mark.parametrize("y", [Y, np.column_stack([Y, 2 * Y])], ids=["flat", "two"])
def test_positives_are_in_units_of_their_mean(y):
    codec = Positives.fit(y, W)
    encoded = codec.encode(y)
    assert encoded.shape == (4, y.ndim)
    np.testing.assert_allclose(W @ encoded / W.sum(), 1)
    np.testing.assert_allclose(codec.decode(encoded), y)
    assert codec.k == y.ndim
    assert codec.facts(y, W).minimum == 1
    again = codec_from_state(codec.to_state())
    np.testing.assert_array_equal(again.encode(y), encoded)
    assert (again.strict, again.flat) == (True, y.ndim == 1)


def test_proportions_are_shares_of_the_way():
    y = np.array([10.0, 20.0, 15.0])
    codec = Proportions.fit(y, np.ones(3), low=10.0, high=20.0)
    assert codec.encode(y).tolist() == [[0.0], [1.0], [0.5]]
    assert codec.decode(np.array([[0.25]])).tolist() == [12.5]
    assert codec_from_state(codec.to_state()) == codec
    two = Proportions.fit(np.zeros((3, 2)), np.ones(3))
    assert two.decode(np.full((1, 2), 0.5)).tolist() == [[0.5, 0.5]]


def test_amounts_of_nothing_keep_their_units():
    codec = Positives.fit(np.zeros(3), np.ones(3), strict=False)
    assert codec.encode(np.array([0.0, 2.0])).tolist() == [[0.0], [2.0]]


@pytest.mark.parametrize(
    ("target", "options", "y", "words"),
    [
        ("positives", {}, [1.0, 0.0], "numbers above 0, got 0 at row 1; use family='tweedie'"),
        ("positives", {}, [1.0, 2.0, -3.0], "numbers above 0, got -3 at row 2"),
        ("nonnegatives", {}, [0.0, -0.5], "numbers of at least 0, got -0.5 at row 1; use 'normal'"),
        ("proportions", {}, [0.0, 1.0, 1.5], "numbers between 0 and 1, got 1.5 at row 2; give other limits"),
        ("proportions", {"low": -1.0, "high": 3.0}, [0.0, -2.0], "numbers between -1 and 3, got -2"),
        ("proportions", {"strict": True}, [0.5, 1.0], "strictly between 0 and 1, got 1 at row 1; use family='fract"),
        ("counts", {}, [1.0, 0.5], "non-negative integers for a family of counts, got 0.5 at row 1"),
    ],
)
def test_what_lies_outside_is_refused_in_one_sentence(target, options, y, words):
    y = np.array(y)
    with pytest.raises(ValueError, match=words) as caught:
        number_codec(target, y, np.ones(len(y)), **options).encode(y)
    assert str(caught.value).endswith(".")


def test_every_family_of_numbers_finds_its_codec():
    kinds = {"reals": Reals, "counts": Counts, "positives": Positives, "nonnegatives": Positives}
    for name, family in FAMILIES.items():
        if family.target in ("classes", "flags"):
            continue
        made = family().bind(1)
        codec = number_codec(made.target, np.array([0.2, 0.7]), np.ones(2), **made.codec)
        assert isinstance(codec, kinds.get(made.target, Proportions)), name
        assert type(codec) in CODECS.values()
    assert number_codec("proportions", np.array([3.0, 4.0]), np.ones(2), **Beta(0.0, 10.0).codec).strict


def test_classes_in_an_order():
    y = ["low", "high", "middle", "high", "low", "middle"]
    codec = Classes.fit(y).arranged(**Ordinal(("low", "middle", "high")).codec)
    assert codec.encode(y).tolist() == [0, 2, 1, 2, 0, 1]
    assert codec.decode(codec.encode(y)).tolist() == y
    assert codec_from_state(codec.to_state()).encode(y).tolist() == [0, 2, 1, 2, 0, 1]
    more = Classes.fit(y).arranged(("none", "low", "middle", "high"))
    assert (more.k, more.encode(["high"]).tolist()) == (4, [3])
    numbers = Classes.fit([3, 1, 2, 1, 2, 3])
    assert numbers.arranged() is numbers
    assert numbers.arranged((3, 2, 1)).encode([1, 3]).tolist() == [2, 0]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (None, r"labels that are no numbers \(high, low, middle\), whose order is unknown; .*Ordinal\(levels="),
        (("low", "high"), "lacks 'middle', which y holds"),
        (("low", "middle", "high", "low"), "names a label twice"),
    ],
)
def test_an_order_that_is_none_is_refused(order, words):
    with pytest.raises(ValueError, match=words):
        Classes.fit(["low", "high", "middle", "high", "low", "middle"]).arranged(order)
