"""Threads that take turns in Python, while the compiled programs of others run.

Python runs one thread at a time. Left alone, threads change places dozens of times a fit, for numpy lets go of the
interpreter in every operation on more than a few hundred numbers, and each change costs more than such an operation.
So within ``taking_turns()`` a fit keeps its ``turn()`` while it is in Python, and gives it away while it waits for a
device.
"""

import contextlib
import threading
from collections.abc import Iterator

from wellfit.core.inside import Inside


class _Turns:
    """One turn, and who has it."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.own = threading.local()

    @property
    def mine(self) -> bool:
        return getattr(self.own, "mine", False)

    def take(self) -> None:
        self.turn.acquire()
        self.own.mine = True

    def give(self) -> None:
        self.own.mine = False
        self.turn.release()


taking_turns = Inside(_Turns)
"""Within ``taking_turns()`` whoever asks for a turn waits for it."""


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """This thread's turn: it waits for it, unless it has it or nobody takes turns."""
    turns = taking_turns.value
    if turns is None or turns.mine:
        yield
        return
    turns.take()
    try:
        yield
    finally:
        turns.give()


@contextlib.contextmanager
def away() -> Iterator[None]:
    """Leave the turn, where this thread has it, to others: for as long as it waits without Python."""
    turns = taking_turns.value
    if turns is None or not turns.mine:
        yield
        return
    turns.give()
    try:
        yield
    finally:
        turns.take()
