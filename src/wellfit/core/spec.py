"""Descriptions as data: a frozen dataclass that is also a pytree.

Fields that are NUMBERS are leaves: they are traced, so another value never compiles again, and a crowd of
networks is the same program with the leaves stacked. Fields marked ``static()`` change the PROGRAM (a width,
a name). ``None`` means that the part is absent, which is structure: an absent part costs nothing.
"""

import dataclasses
import operator
from typing import Any, TypeVar, dataclass_transform

import jax
import numpy as np

from wellfit.core.names import did_you_mean

Class = TypeVar("Class", bound=type)


def static(default: Any = dataclasses.MISSING, **options: Any) -> Any:
    """A field that changes the program (a width, a name), not a number in it."""
    if default is not dataclasses.MISSING:
        options["default"] = default
    return dataclasses.field(metadata={"static": True}, **options)


@dataclass_transform(frozen_default=True, field_specifiers=(static, dataclasses.field))
def spec(cls: Class) -> Class:
    """A frozen dataclass that is a pytree: number fields are leaves, static fields are structure.

    Static fields are kept as Python's own values (``plain``): they are hashed, compared, printed and written to files.
    Each gets ``get_params`` so that scikit-learn can read it and clone it; there is no ``set_params``: a
    description never changes, ``dataclasses.replace`` makes another (``with_params`` does so by name).
    """
    check = getattr(cls, "__post_init__", None)
    structure: list[str] = []

    def __post_init__(self: Any) -> None:
        for name in structure:
            object.__setattr__(self, name, plain(getattr(self, name)))
        if check is not None:
            check(self)

    cls.__post_init__ = __post_init__
    cls = dataclasses.dataclass(frozen=True)(cls)
    fields = dataclasses.fields(cls)
    structure += [f.name for f in fields if f.metadata.get("static")]
    cls.get_params = _get_params
    return jax.tree_util.register_dataclass(
        cls, data_fields=[f.name for f in fields if f.name not in structure], meta_fields=structure
    )


def plain(value: Any) -> Any:
    """numpy's numbers as Python's, lists and arrays as tuples; anything else is returned itself.

    >>> plain(np.int64(3)), plain([np.int32(8), 4]), plain(np.array([2, 1]))
    (3, (8, 4), (2, 1))
    """
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if type(value) not in (list, tuple):
        return value
    found = tuple(map(plain, value))
    # scikit-learn's clone asks for the very object that was given, not for an equal one.
    return value if type(value) is tuple and all(map(operator.is_, found, value)) else found


def _get_params(self: Any, deep: bool = True) -> dict[str, Any]:
    """The fields by name; with ``deep``, those of nested descriptions too, as ``outer__inner``."""
    params = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
    if deep:
        for name, value in list(params.items()):
            if is_spec(value):
                params.update({f"{name}__{k}": v for k, v in value.get_params().items()})
    return params


def is_spec(value: Any) -> bool:
    """Whether ``value`` is a description made by ``spec`` (an instance, not the class)."""
    return dataclasses.is_dataclass(value) and not isinstance(value, type) and hasattr(value, "get_params")


def with_params(value: Any, **changes: Any) -> Any:
    """A copy of a description with other fields; ``outer__inner`` reaches into nested descriptions."""
    allowed = [field.name for field in dataclasses.fields(value)]
    direct: dict[str, Any] = {}
    nested: dict[str, dict[str, Any]] = {}
    for name, new in changes.items():
        head, _, tail = name.partition("__")
        if head not in allowed:
            raise ValueError(f"{type(value).__name__} has no parameter {head!r}; {did_you_mean(head, allowed)}.")
        if tail:
            nested.setdefault(head, {})[tail] = new
        else:
            direct[head] = new
    for head, inner in nested.items():
        direct[head] = with_params(direct.get(head, getattr(value, head)), **inner)
    return dataclasses.replace(value, **direct)


def numbers_as(value: Any, dtype: Any) -> Any:
    """The door for numbers: every leaf becomes an array of ONE dtype.

    Without it 0.1, ``np.float32(0.1)``, 1 and True would be four types of argument and four compilations.
    """
    return jax.tree.map(lambda leaf: np.asarray(leaf, dtype=dtype), value)


def present(number: Any) -> bool:
    """Whether a part with this number is there at all: not ``None`` and not exactly 0."""
    return number is not None and not (isinstance(number, int | float | np.number) and number == 0)
