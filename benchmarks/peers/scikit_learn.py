"""scikit-learn's ``MLPClassifier``: it has no dropout, so where the workload has some its steps do less."""

import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from benchmarks.workloads import Workload


class Adapter:
    """For so many epochs, without a prior, never stopping."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload

    def fit(self, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        own = self.workload
        self.model = MLPClassifier(
            own.hidden, alpha=0.0, batch_size=own.batch, learning_rate_init=own.learning_rate, max_iter=own.epochs,
            n_iter_no_change=10**6, random_state=seed,
        )  # fmt: skip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # that the epochs are over
            self.model.fit(X, y)

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(X)
