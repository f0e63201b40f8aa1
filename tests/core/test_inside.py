import threading

import pytest

from wellfit.core.inside import Inside


def test_the_first_makes_it_and_the_last_takes_it_away():
    place = Inside(list)
    with place():
        first = place.value
        with place():
            assert place.value is first
        assert place.value is first
    assert place.value is None
    with place():
        assert place.value is not first


def test_an_error_takes_it_away_too():
    place = Inside(list)
    with pytest.raises(ValueError, match="once"), place():
        raise ValueError("once")
    assert place.value is None


def test_threads_that_overlap_share_it_and_leave_nothing_behind():
    place, both, left = Inside(list), threading.Barrier(2, timeout=10), threading.Event()
    found = []

    def first():
        with place():
            both.wait()
        left.set()

    def second():
        with place():
            both.wait()
            found.append(place.value)
            left.wait(10)
            found.append(place.value)

    threads = [threading.Thread(target=task, daemon=True) for task in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found[0] is not None
    assert found[0] is found[1]
    assert place.value is None
