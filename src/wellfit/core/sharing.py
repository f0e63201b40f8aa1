"""Work that the fits of one search have in common, done once.

Forty candidates on five folds meet five sets of labels and, with one seed, hold out the same rows and shuffle them
alike. Within ``sharing()`` what such work made is remembered by the digest of all it was made from; outside, and for
what has no digest, it is simply done.
"""

import hashlib
import numbers
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from wellfit.core.inside import Inside

LARGEST = 2**24
"""Bytes of all that is remembered at a time; what was used longest ago goes first."""


class _Memory:
    """Values by key, the most recent last."""

    def __init__(self) -> None:
        self.values: OrderedDict[bytes, tuple[Any, int]] = OrderedDict()
        self.size = 0
        self.lock = threading.Lock()

    def get(self, key: bytes, make: Callable[[], Any]) -> Any:
        with self.lock:
            if key in self.values:
                self.values.move_to_end(key)
                return self.values[key][0]
        value = make()  # two threads may both make it: the same value, and none waits for the other
        size = _bytes(value)
        with self.lock:
            if key not in self.values and size <= LARGEST // 4:
                self.values[key] = (value, size)
                self.size += size
                while self.size > LARGEST:
                    self.size -= self.values.popitem(last=False)[1][1]
        return value


sharing = Inside(_Memory)
"""A search: within ``sharing()`` ``once`` and ``Draws`` remember, in all threads."""


def once(make: Callable[..., Any], *inputs: Any) -> Any:
    """``make(*inputs)``, remembered within a search.

    Parameters
    ----------
    make : pure function at module level; its result is not to be changed by whoever gets it
    inputs : arrays of numbers or text, numbers, text, None, and tuples of these; anything else is never remembered

    Examples
    --------
    >>> with sharing():
    ...     once(np.unique, np.array([1, 1, 2])) is once(np.unique, np.array([1, 1, 2]))
    True
    """
    memory = sharing.value
    key = None if memory is None else _digest(make, inputs)
    return make(*inputs) if memory is None or key is None else memory.get(key, lambda: make(*inputs))


class Draws:
    """A numpy generator whose draws are remembered within a search.

    With an integer seed what is drawn is known by the seed and all draws before, so the generator itself (0.1 ms) is
    made only where something new must be drawn. A generator of the user's own draws in the usual way, as None
    (numpy's global one) does.

    Examples
    --------
    >>> def three(rng):
    ...     return rng.randint(100, size=3)
    >>> with sharing():
    ...     first, second = Draws(0), Draws(0)
    ...     first(three) is second(three), bool((first(three) == second(three)).all())
    (True, True)
    """

    def __init__(self, seed: Any) -> None:
        own = isinstance(seed, numbers.Integral)
        self._key = _digest(Draws, (int(seed),)) if own and sharing.value is not None else None
        self._seed = seed
        self._state: Any = None  # of a generator that is not made, where it is not the seed's first
        self._rng: np.random.RandomState | None = None if self._key else check_random_state(seed)

    def __call__(self, make: Callable[..., Any], *inputs: Any) -> Any:
        """``make(rng, *inputs)``: a pure function but for the generator; its result is not to be changed."""
        memory = sharing.value
        key = _digest(make, (self._key, inputs)) if memory is not None and self._key else None
        if memory is None or key is None:
            self._key = None
            return make(self._made(), *inputs)

        made = False

        def both() -> tuple[Any, Any]:
            nonlocal made
            made, rng = True, self._made()
            return make(rng, *inputs), rng.get_state()

        value, self._state = memory.get(key, both)
        self._key, self._rng = key, self._rng if made else None
        return value

    def mark(self) -> Any:
        """Where the draws are, for ``back``."""
        return self._key, self._state if self._rng is None else self._rng.get_state()

    def back(self, mark: Any) -> None:
        """Go back to where ``mark`` was made."""
        self._key, self._state = mark
        if self._state is None:
            self._rng = None
        elif self._rng is not None:
            self._rng.set_state(self._state)

    def generator(self) -> np.random.RandomState:
        """The generator itself, for whoever draws otherwise."""
        self._key, rng = None, self._made()
        return rng

    def _made(self) -> np.random.RandomState:
        if self._rng is None:
            self._rng = check_random_state(self._seed)
            if self._state is not None:
                self._rng.set_state(self._state)
        return self._rng


def _digest(make: Callable[..., Any], inputs: tuple) -> bytes | None:
    """What names the call, None where an input cannot be named."""
    total = hashlib.blake2b(f"{make.__module__}.{make.__qualname__}".encode(), digest_size=20)
    return total.digest() if all(_add(total, value) for value in inputs) else None


def _add(total: Any, value: Any) -> bool:
    if isinstance(value, np.ndarray):
        if type(value) is not np.ndarray or (value.dtype.kind not in "biufSUM" and not all_strings(value)):
            return False
        total.update(f"|{value.dtype.str}{value.shape}|".encode())
        if value.dtype.kind == "O":
            words = value.ravel().tolist()
            total.update(np.fromiter(map(len, words), np.int64, len(words)).data)  # where one ends and the next begins
            total.update("".join(words).encode(errors="surrogatepass"))
        else:
            total.update(np.ascontiguousarray(value).data.cast("B") if value.size else b"")
        return True
    if isinstance(value, tuple):
        total.update(f"|{len(value)}(".encode())
        return all(_add(total, part) for part in value)
    if value is None or isinstance(value, str | bytes | bool | int | float | np.generic):
        total.update(f"|{type(value).__name__} {value!r}|".encode())
        return True
    return False


def all_strings(value: np.ndarray) -> bool:
    """Whether an array of objects holds nothing but strings.

    >>> all_strings(np.array(["a", "b"], object)), all_strings(np.array(["a", None], object))
    (True, False)
    """
    return value.dtype.kind == "O" and all(type(word) is str for word in value.ravel().tolist())


def _bytes(value: Any) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_bytes, value))
    return value.nbytes if isinstance(value, np.ndarray) else 100
