"""The parameters of ``MLPClassifier`` and ``MLPRegressor``: what each may be, checked by scikit-learn itself."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils._param_validation import Interval, Options, StrOptions

from wellfit.families.base import Family
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.optimizers.base import Optimizer
from wellfit.optimizers.table import OPTIMIZERS

SKLEARN_ACTIVATIONS = ("identity", "logistic", "tanh", "relu")
SKLEARN_SOLVERS = ("lbfgs", "sgd", "adam")

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "activation": [StrOptions({*SKLEARN_ACTIVATIONS, *ACTIVATIONS}), list, tuple],
    "solver": [StrOptions({*SKLEARN_SOLVERS, *OPTIMIZERS}), Optimizer],
    "alpha": [Interval(Real, 0, None, closed="left")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "power_t": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "random_state": ["random_state"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "verbose": ["verbose"],
    "warm_start": ["boolean"],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "early_stopping": ["boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="left")],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
    "max_fun": [Interval(Integral, 1, None, closed="left")],
    # what scikit-learn lacks
    "dropout": [None, Interval(Real, 0, 1, closed="left")],
    "l1": [None, Interval(Real, 0, None, closed="left")],
    "family": [None, str, Family, type],
    "max_time": [None, Interval(Real, 0, None, closed="neither")],
    "callbacks": "no_validation",  # type: ignore[dict-item]
}


def takes_steps(estimator: Any) -> bool:
    """Whether the solver goes batch by batch, so that there is a ``partial_fit``."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only available for stochastic optimizers. lbfgs is not stochastic.")
    return True
