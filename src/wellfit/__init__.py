"""wellfit: neural networks with a scikit-learn face and a JAX engine.

You say what the target is, or let the data say it; wellfit derives the output layer and the loss from the target's
likelihood, reads every regulariser as a prior, trains the whole network as one compiled program, and returns
predictions together with the reasons for its choices.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wellfit.core.errors import ConvergenceWarning, ModelFileError, WellfitWarning
    from wellfit.estimators.classifier import NeuralClassifier
    from wellfit.estimators.files import load
    from wellfit.estimators.regressor import NeuralRegressor

__version__ = "0.1.0"

# Imported when first asked for: the command line's --help needs neither JAX nor scikit-learn.
_HOMES = {
    "NeuralClassifier": "wellfit.estimators.classifier",
    "NeuralRegressor": "wellfit.estimators.regressor",
    "load": "wellfit.estimators.files",
    "ConvergenceWarning": "wellfit.core.errors",
    "ModelFileError": "wellfit.core.errors",
    "WellfitWarning": "wellfit.core.errors",
}

__all__ = [
    "ConvergenceWarning",
    "ModelFileError",
    "NeuralClassifier",
    "NeuralRegressor",
    "WellfitWarning",
    "__version__",
    "load",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'wellfit' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
