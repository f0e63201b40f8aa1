import pickle
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils import check_random_state

from wellfit.core import sharing as module
from wellfit.core.sharing import Draws, once, sharing

CALLS: list[tuple] = []


def noted(*inputs):
    CALLS.append(inputs)
    return np.array([len(inputs)])


def uniform(rng, n):
    return rng.uniform(size=n)


def shuffled(rng, n, tag):
    order = np.arange(n)
    rng.shuffle(order)
    return order, tag


def unknown(rng, thing):
    return rng.randint(10**6, size=2)


@pytest.fixture(autouse=True)
def _none_called():
    CALLS.clear()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(3), np.arange(4)),
        (np.arange(3), np.arange(3.0)),
        (np.arange(3, dtype=np.int32), np.arange(3, dtype=np.int64)),
        (np.arange(6).reshape(2, 3), np.arange(6).reshape(3, 2)),
        (np.array(["a", "b"]), np.array(["a", "c"])),
        (1, 1.0),
        (1, True),
        ("1", 1),
        (None, "None"),
        ((1, 2), (12,)),
        (((1,), 2), ((1, 2),)),
        (np.float32(0.1), np.float64(0.1)),
        (0.0, -0.0),
    ],
)
def test_other_inputs_are_other_calls(one, other):
    with sharing():
        assert once(noted, one) is once(noted, one)
        assert once(noted, other) is not once(noted, one)
    assert len(CALLS) == 2


def test_a_view_is_known_by_what_is_in_it():
    square = np.arange(9.0).reshape(3, 3)
    with sharing():
        assert once(noted, square.T) is once(noted, square.T.copy())
        assert once(noted, square) is not once(noted, square.T)


def test_arrays_of_strings_are_known_by_every_string():
    def digest(*words):
        return module._digest(len, (np.array(words, object),))

    assert digest("a", "b") == digest("a", "b")
    assert len({digest("ab", ""), digest("a", "b"), digest("", "ab"), digest("b", "a"), digest("ab")}) == 5
    assert digest("a", None) is None


@pytest.mark.parametrize("value", [np.array([1, "a"], object), [1, 2], object(), np.ma.array([1, 2], mask=[0, 1])])
def test_what_has_no_digest_is_simply_done(value):
    with sharing():
        assert once(noted, value) is not once(noted, value)
    assert len(CALLS) == 2


def test_nothing_is_remembered_outside():
    assert once(noted, 1) is not once(noted, 1)
    with sharing():
        once(noted, 1)
    with sharing():
        once(noted, 1)
    assert len(CALLS) == 4


def test_a_search_within_a_search_shares_with_it():
    with sharing():
        first = once(noted, 1)
        with sharing():
            assert once(noted, 1) is first
        assert once(noted, 1) is first


def test_what_was_used_longest_ago_is_forgotten_first(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 400)
    with sharing():
        for number in range(100):
            once(noted, number)
            once(noted, 0)
        assert len(CALLS) == 100  # 0 was never forgotten
        once(noted, 1)
        assert len(CALLS) == 101


def test_threads_see_the_same_memory():
    found = []
    with sharing():
        first = once(noted, 1)
        thread = threading.Thread(target=lambda: found.append(once(noted, 1)))
        thread.start()
        thread.join()
    assert found[0] is first


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("uniform"), st.integers(1, 3)),
        st.tuples(st.just("shuffled"), st.integers(1, 5)),
        st.tuples(st.just("unknown"), st.just(0)),
        st.tuples(st.just("mark"), st.just(0)),
        st.tuples(st.just("back"), st.just(0)),
        st.tuples(st.just("pickle"), st.just(0)),
        st.tuples(st.just("generator"), st.just(0)),
    ),
    max_size=12,
)


def played(steps, seed):
    """What steps give by Draws, and by a plain generator."""
    draws, plain = Draws(seed), np.random.RandomState(seed)
    marks, found, expected = [], [], []
    for step, n in steps:
        if step == "mark":
            marks.append((draws.mark(), plain.get_state()))
        elif step == "back" and marks:
            mark, state = marks[-1]
            draws.back(mark)
            plain.set_state(state)
        elif step == "pickle":
            draws = pickle.loads(pickle.dumps(draws))
        elif step == "generator":
            found.append(draws.generator().uniform(size=2))
            expected.append(plain.uniform(size=2))
        elif step == "uniform":
            found.append(draws(uniform, n))
            expected.append(uniform(plain, n))
        elif step == "shuffled":
            found.append(draws(shuffled, n, "x")[0])
            expected.append(shuffled(plain, n, "x")[0])
        elif step == "unknown":
            found.append(draws(unknown, object()))
            expected.append(unknown(plain, None))
    found.append(draws.generator().uniform(size=1))
    expected.append(plain.uniform(size=1))
    return found, expected


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 1), STEPS), min_size=1, max_size=4), STEPS)
def test_draws_are_the_generator_s_remembered_or_not(players, outside):
    with sharing():
        for seed, steps in players:
            for found, expected in zip(*played(steps, seed), strict=True):
                np.testing.assert_array_equal(found, expected)
        survivor, plain = Draws(0), np.random.RandomState(0)
        np.testing.assert_array_equal(survivor(uniform, 2), uniform(plain, 2))
    np.testing.assert_array_equal(survivor(uniform, 3), uniform(plain, 3))  # drawn on when the search is over
    for found, expected in zip(*played(outside, 0), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_a_generator_of_the_user_s_is_drawn_from():
    own, same = np.random.RandomState(3), np.random.RandomState(3)
    with sharing():
        Draws(own)(uniform, 4)
        np.testing.assert_array_equal(Draws(own)(uniform, 2), same.uniform(size=6)[4:])


def test_none_is_numpy_s_global_generator():
    everybody = check_random_state(None)
    state = everybody.get_state()
    first = Draws(None)(uniform, 3)
    everybody.set_state(state)
    np.testing.assert_array_equal(first, everybody.uniform(size=3))
