"""Checks of a family's numbers, made where it is bound to a target: before, they may be traced."""

from typing import Any

import numpy as np


def check_count(family: str, what: str, k: int, least: int = 1) -> int:
    """``k`` as an int, or an error: how many classes, labels or targets there are."""
    if k < least:
        raise ValueError(f"family {family!r} needs at least {least} {what}, and y has {k}.")
    return int(k)


def check_positive(family: str, name: str, value: Any) -> None:
    """Refuse a number (or any of several) that is not finite and above 0."""
    if not np.all(np.isfinite(value) & (np.asarray(value) > 0)):
        raise ValueError(f"{name}={value!r} of family {family!r} must be a finite number above 0.")


def check_smoothing(family: str, value: Any) -> None:
    """Refuse label smoothing outside [0, 1): at 1 the target would no longer depend on y."""
    if value is not None and not np.all((np.asarray(value) >= 0) & (np.asarray(value) < 1)):
        raise ValueError(f"smoothing={value!r} of family {family!r} must be at least 0 and below 1, or None.")
