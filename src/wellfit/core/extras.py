"""Import an optional dependency, or say in one sentence how to get it."""

import importlib
from types import ModuleType

from wellfit.core.errors import MissingExtraError


def need(module: str, extra: str, why: str) -> ModuleType:
    """Return the optional ``module``, or raise ``MissingExtraError`` naming the extra that brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.split(".")[0]
        raise MissingExtraError(
            f"{why} needs {package!r}, which is not installed: pip install 'wellfit[{extra}]'."
        ) from error
