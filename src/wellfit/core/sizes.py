"""The sizes of a description: widths, units, members."""

from typing import Any


def check_sizes(owner: str, **sizes: Any) -> None:
    """Raise one sentence for the first size that is no integer >= 1, or no tuple of such.

    >>> check_sizes("MLP", hidden=(64, 0))
    Traceback (most recent call last):
    ValueError: hidden=(64, 0) of MLP must be a tuple of integers >= 1.
    >>> check_sizes("Dense", width=2.5)
    Traceback (most recent call last):
    ValueError: width=2.5 of Dense must be an integer >= 1.
    """
    for name, value in sizes.items():
        several = isinstance(value, tuple)
        if not all(type(size) is int and size >= 1 for size in (value if several else (value,))):
            what = "a tuple of integers" if several else "an integer"
            raise ValueError(f"{name}={value!r} of {owner} must be {what} >= 1.")


def check_widths(owner: str, hidden: Any) -> None:
    """Raise one sentence where the widths of hidden layers are no tuple of integers >= 1; () is none."""
    if not isinstance(hidden, tuple):
        raise ValueError(f"hidden={hidden!r} of {owner} must be a tuple of integers >= 1, such as (64, 32).")
    check_sizes(owner, hidden=hidden)
