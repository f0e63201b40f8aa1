"""wellfit: neural networks with a scikit-learn face and a JAX engine.

You say what the target is, or let the data say it; wellfit derives the output layer and the loss from the target's
likelihood, reads every regulariser as a prior, trains the whole network as one compiled program, and returns
predictions together with the reasons for its choices.
"""

from typing import TYPE_CHECKING

from wellfit.core.lazy import exports

if TYPE_CHECKING:
    from wellfit.core.errors import ConvergenceWarning, ModelFileError, WellfitWarning
    from wellfit.estimators.classifier import NeuralClassifier
    from wellfit.estimators.cores import (
        BaggingClassifier,
        BaggingRegressor,
        cross_val_predict,
        cross_val_score,
        cross_validate,
        learning_curve,
        validation_curve,
    )
    from wellfit.estimators.files import load
    from wellfit.estimators.mlp_classifier import MLPClassifier
    from wellfit.estimators.mlp_regressor import MLPRegressor
    from wellfit.estimators.perceptron import Perceptron
    from wellfit.estimators.range_test import LearningRateRange, learning_rate_range
    from wellfit.estimators.regressor import NeuralRegressor
    from wellfit.estimators.search import (
        GridSearchCV,
        HalvingGridSearchCV,
        HalvingRandomSearchCV,
        RandomizedSearchCV,
    )
    from wellfit.insight.trace import Trace, trace, trace_model
    from wellfit.training.fit import fit

__version__ = "0.1.0"

# Imported when first asked for: the command line's --help needs neither JAX nor scikit-learn.
_HOMES = {
    "MLPClassifier": "wellfit.estimators.mlp_classifier",
    "MLPRegressor": "wellfit.estimators.mlp_regressor",
    "NeuralClassifier": "wellfit.estimators.classifier",
    "NeuralRegressor": "wellfit.estimators.regressor",
    "Perceptron": "wellfit.estimators.perceptron",
    "fit": "wellfit.training.fit",
    "Trace": "wellfit.insight.trace",
    "trace": "wellfit.insight.trace",
    "trace_model": "wellfit.insight.trace",
    "LearningRateRange": "wellfit.estimators.range_test",
    "learning_rate_range": "wellfit.estimators.range_test",
    "GridSearchCV": "wellfit.estimators.search",
    "RandomizedSearchCV": "wellfit.estimators.search",
    "HalvingGridSearchCV": "wellfit.estimators.search",
    "HalvingRandomSearchCV": "wellfit.estimators.search",
    "BaggingClassifier": "wellfit.estimators.cores",
    "BaggingRegressor": "wellfit.estimators.cores",
    "cross_validate": "wellfit.estimators.cores",
    "cross_val_score": "wellfit.estimators.cores",
    "cross_val_predict": "wellfit.estimators.cores",
    "learning_curve": "wellfit.estimators.cores",
    "validation_curve": "wellfit.estimators.cores",
    "load": "wellfit.estimators.files",
    "ConvergenceWarning": "wellfit.core.errors",
    "ModelFileError": "wellfit.core.errors",
    "WellfitWarning": "wellfit.core.errors",
}

__all__ = [
    "BaggingClassifier",
    "BaggingRegressor",
    "ConvergenceWarning",
    "GridSearchCV",
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    "LearningRateRange",
    "MLPClassifier",
    "MLPRegressor",
    "ModelFileError",
    "NeuralClassifier",
    "NeuralRegressor",
    "Perceptron",
    "RandomizedSearchCV",
    "Trace",
    "WellfitWarning",
    "__version__",
    "cross_val_predict",
    "cross_val_score",
    "cross_validate",
    "fit",
    "learning_curve",
    "learning_rate_range",
    "load",
    "trace",
    "trace_model",
    "validation_curve",
]

__getattr__, __dir__ = exports(__name__, _HOMES)
