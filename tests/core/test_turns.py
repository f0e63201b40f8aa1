import threading
import time

import pytest

from wellfit.core.turns import away, taking_turns, turn


def in_turn(function):
    """A fit: all of it in its turn."""

    def fit():
        with turn():
            return function()

    return fit


class Together:
    """How many threads are inside at a time, at most."""

    def __init__(self):
        self.now = self.most = 0
        self.lock = threading.Lock()

    def __enter__(self):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_):
        with self.lock:
            self.now -= 1


def in_threads(count, task):
    threads = [threading.Thread(target=task, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def test_one_thread_at_a_time_but_while_away():
    inside, outside = Together(), Together()
    together = threading.Barrier(3, timeout=10)

    @in_turn
    def fit():
        with inside:
            time.sleep(0.005)
        with away(), outside:
            together.wait()  # all three wait for their programs at the same time
        with inside:
            time.sleep(0.005)

    with taking_turns():
        in_threads(3, fit)
    assert (inside.most, outside.most) == (1, 3)


def test_nobody_waits_where_nobody_takes_turns():
    together = threading.Barrier(2, timeout=10)

    @in_turn
    def fit():
        together.wait()
        with away():
            together.wait()

    in_threads(2, fit)


def test_a_fit_within_a_fit_has_its_turn():
    @in_turn
    def inner():
        with away():
            return "done"

    @in_turn
    def outer():
        return inner(), inner()

    with taking_turns():
        assert outer() == ("done", "done")
        in_threads(2, outer)  # the turn is free again


@pytest.mark.parametrize("where", ["in turn", "away"])
def test_an_error_leaves_the_turn_to_others(where):
    @in_turn
    def fails():
        if where == "in turn":
            raise ValueError(where)
        with away():
            raise ValueError(where)

    with taking_turns():
        with pytest.raises(ValueError, match=where):
            fails()
        in_threads(1, in_turn(lambda: None))


def test_turns_of_an_inner_search_are_the_outer_one_s():
    inside = Together()

    @in_turn
    def fit():
        with inside:
            time.sleep(0.005)

    with taking_turns():
        with taking_turns():
            in_threads(2, fit)
        in_threads(2, fit)
    assert inside.most == 1
