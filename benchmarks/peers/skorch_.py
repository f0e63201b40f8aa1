"""skorch: torch behind scikit-learn's interface, its loop and its data loader."""

import numpy as np
import torch
from skorch import NeuralNetClassifier

from benchmarks.peers.table import softmax
from benchmarks.peers.torch_ import module
from benchmarks.workloads import Workload


class Adapter:
    """Without its held-out rows, its printing and its scoring."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload

    def fit(self, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        own = self.workload
        torch.manual_seed(seed)
        self.model = NeuralNetClassifier(
            module(own, seed), criterion=torch.nn.CrossEntropyLoss, optimizer=torch.optim.Adam, lr=own.learning_rate,
            batch_size=own.batch, max_epochs=own.epochs, iterator_train__shuffle=True, train_split=None, verbose=0,
            callbacks__valid_acc=None, callbacks__print_log=None,
        )  # fmt: skip
        self.model.fit(X, y)

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        return softmax(self.model.forward(X).numpy())
