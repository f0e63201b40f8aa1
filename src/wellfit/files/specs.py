"""Descriptions as JSON and back: class by import path, fields by name, numbers exactly.

Only classes of wellfit itself are imported when a file is read, unless the caller trusts the file: importing a module
is running it.
"""

import dataclasses
import importlib
import math
from typing import Any

import numpy as np

from wellfit.core.errors import ModelFileError
from wellfit.core.spec import is_spec

RENAMED: dict[str, str] = {}
"""Where classes of earlier formats live now: old "module:name" -> new."""


def to_json(value: Any) -> Any:
    """A description, or what a field may hold, as plain JSON values."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return number if math.isfinite(number) else {"float": repr(number)}
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": str(value.dtype)}
    if isinstance(value, tuple):
        return {"tuple": [to_json(item) for item in value]}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {"dict": {name: to_json(item) for name, item in value.items()}}
    if is_spec(value):
        kind: Any = type(value)
        if "<locals>" in kind.__qualname__ or kind.__module__ == "__main__":
            raise ValueError(
                f"{kind.__qualname__} cannot be saved: it is defined inside a function or a script; move it into a "
                "module."
            )
        fields = {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(kind)}
        return {"type": f"{kind.__module__}:{kind.__qualname__}", "fields": fields}
    raise ValueError(f"a {type(value).__name__} cannot be saved in a model file: {value!r}.")


def from_json(data: Any, trusted: bool = False) -> Any:
    """The value that ``to_json`` described; classes outside wellfit only when ``trusted``."""
    if isinstance(data, list):
        return [from_json(item, trusted) for item in data]
    if not isinstance(data, dict):
        return data
    if "float" in data:
        return float(data["float"])
    if "array" in data:
        return np.array(data["array"], dtype=data["dtype"])
    if "tuple" in data:
        return tuple(from_json(item, trusted) for item in data["tuple"])
    if "dict" in data:
        return {name: from_json(item, trusted) for name, item in data["dict"].items()}
    kind = _class(data["type"], trusted)
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = set(data["fields"]) - known
    if unknown:
        raise ModelFileError(f"{data['type']} has no field {sorted(unknown)[0]!r} in this version; upgrade wellfit.")
    return kind(**{name: from_json(item, trusted) for name, item in data["fields"].items()})


def _class(path: str, trusted: bool) -> Any:
    module, _, name = RENAMED.get(path, path).partition(":")
    if not module.startswith("wellfit.") and not trusted:
        raise ModelFileError(
            f"the file needs the class {path}, which is not wellfit's; load it with trusted=True if you trust the file."
        )
    try:
        found: Any = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        raise ModelFileError(
            f"the file needs the class {path}, which cannot be found; install what defines it."
        ) from None
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise ModelFileError(f"the file names {path} as a description, which it is not.")
    return found
