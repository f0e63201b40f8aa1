"""Tables of names: look a part up by its name, with the nearest name offered when it is unknown."""

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

Part = TypeVar("Part")


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """The allowed name that is most like ``name``, or None when nothing is alike."""
    options = list(allowed)
    lowered = {option.lower(): option for option in options}
    found = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None


def did_you_mean(name: object, allowed: Iterable[str]) -> str:
    """The closing words of an error about an unknown name: a suggestion where there is one, the list else."""
    options = sorted(map(str, allowed))
    suggestion = nearest(name, options) if isinstance(name, str) else None
    listed = "allowed are " + ", ".join(repr(option) for option in options)
    return f"did you mean {suggestion!r}? ({listed})" if suggestion else listed


def look_up(name: str, table: Mapping[str, Part], what: str) -> Part:
    """Return ``table[name]``, or raise a ``ValueError`` that says what is allowed.

    >>> look_up("relu", {"relu": 1, "tanh": 2}, "activation")
    1
    """
    if name in table:
        return table[name]
    raise ValueError(f"{what} {name!r} is unknown; {did_you_mean(name, table)}.")
