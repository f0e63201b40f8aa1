"""wellfit: ``NeuralClassifier`` told to do what the workload says, or ``MLPClassifier``, scikit-learn's algorithm."""

import numpy as np

from benchmarks.workloads import Workload
from wellfit import MLPClassifier, NeuralClassifier
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Tabular
from wellfit.networks.network import Network


class Adapter:
    """Trains by an estimator: checks of the rows, their scaling and the keeping of the model are in its time."""

    def __init__(self, workload: Workload, like_scikit_learn: bool = False) -> None:
        self.workload, self.like_scikit_learn = workload, like_scikit_learn

    def fit(self, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        made = mlp(self.workload, seed) if self.like_scikit_learn else neural(self.workload, seed)
        self.model = made.fit(X, y)

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(X)


def network(workload: Workload) -> Network:
    """The workload's network, Glorot uniform in every layer."""
    layers: list = [Tabular()]
    for width in workload.hidden:
        layers += [Dense(width, "glorot_uniform"), Activation("relu")]
        if workload.dropout:
            layers.append(Dropout(workload.dropout))
    return Network((*layers, Dense(1 if workload.classes == 2 else workload.classes, "glorot_uniform")))


def neural(workload: Workload, seed: int) -> NeuralClassifier:
    """One member, Adam at a constant rate, no rows held out, no priors."""
    return NeuralClassifier(
        network(workload), optimizer="adam", learning_rate=workload.learning_rate, schedule="constant",
        batch_size=workload.batch, max_epochs=workload.epochs, weight_decay=None, l2=None, early_stopping=False,
        patience=None, calibrate=False, n_members=1, random_state=seed,
    )  # fmt: skip


def mlp(workload: Workload, seed: int) -> MLPClassifier:
    """scikit-learn's parameters, and the dropout that it lacks."""
    return MLPClassifier(
        workload.hidden, alpha=0.0, batch_size=workload.batch, learning_rate_init=workload.learning_rate,
        max_iter=workload.epochs, n_iter_no_change=10**6, random_state=seed, dropout=workload.dropout or None,
    )  # fmt: skip
