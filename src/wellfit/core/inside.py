"""A thing of the whole process that is there for as long as anybody is inside a context, in whatever thread."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Inside(Generic[T]):
    """``value`` is None outside; the first to come ``make``s it, the last to leave takes it away.

    Two threads may search at the same time: whoever leaves first must not take it from the other, and whoever leaves
    last must leave nothing behind.

    Examples
    --------
    >>> place = Inside(list)
    >>> with place():
    ...     place.value
    []
    >>> place.value
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self.value: T | None = None
        self._make, self._count, self._lock = make, 0, threading.Lock()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            if self.value is None:
                self.value = self._make()
            self._count += 1
        try:
            yield
        finally:
            with self._lock:
                self._count -= 1
                if not self._count:
                    self.value = None
