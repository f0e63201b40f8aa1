"""Ctrl-C as a wish, not an accident: the running slice ends, the best model so far is kept.

A KeyboardInterrupt in the middle of a call would lose the donated state. Here the first Ctrl-C only sets a flag;
the second one is the usual interrupt.
"""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

_searches: list["Interrupt"] = []  # that are going on, the latest last
_lock = threading.Lock()


class FitInterrupted(RuntimeError):
    """A fit inside a search that was interrupted: it is not finished and must not count."""


class Interrupt:
    """A context in which the first Ctrl-C sets ``asked`` (in the main thread; elsewhere nothing changes).

    With ``over`` it is that of a whole search: fits begun inside, in whatever thread, hear of it, are counted in
    ``finished``, and raise ``FitInterrupted`` once it was asked for.
    """

    def __init__(self, over: bool = False) -> None:
        self.over = over
        self.finished = 0
        self._asked = False
        self._above: Interrupt | None = None
        self._previous: Any = None
        self._installed = False

    @property
    def asked(self) -> bool:
        """Whether Ctrl-C was pressed, here or over the whole search."""
        return self._asked or (self._above is not None and self._above.asked)

    def __enter__(self) -> Self:
        self._above = next(reversed(_searches), None)
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._previous = signal.signal(signal.SIGINT, self._handle)
            self._installed = True
        if self.over:
            _searches.append(self)
        return self

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._asked:
            signal.default_int_handler(number, frame)
        self._asked = True

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._previous)
        if self.over:
            _searches.remove(self)
        elif self._above is not None:
            if self._above.asked and kind is None:
                raise FitInterrupted("the search was interrupted before this fit was finished.")
            with _lock:
                self._above.finished += 1
