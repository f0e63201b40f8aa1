"""torch: the usual eager loop, with the plain or the fused Adam, or with the model compiled."""

import numpy as np
import torch

from benchmarks.peers.table import softmax, starting_weights
from benchmarks.workloads import Workload


def module(workload: Workload, seed: int) -> torch.nn.Sequential:
    """The workload's network with the starting weights of this seed."""
    layers: list[torch.nn.Module] = []
    for number, (weights, biases) in enumerate(starting_weights(workload, seed)):
        dense = torch.nn.Linear(*weights.shape)
        with torch.no_grad():
            dense.weight.copy_(torch.from_numpy(weights.T.copy()))
            dense.bias.copy_(torch.from_numpy(biases))
        layers.append(dense)
        if number < len(workload.hidden):
            layers.append(torch.nn.ReLU())
            if workload.dropout:
                layers.append(torch.nn.Dropout(workload.dropout))
    return torch.nn.Sequential(*layers)


class Adapter:
    """Eager torch; ``compiled`` keeps one compiled model and gives it fresh weights, so that it compiles once."""

    def __init__(self, workload: Workload, fused: bool = False, compiled: bool = False) -> None:
        self.workload, self.fused = workload, fused
        self.compiled = torch.compile(module(workload, 0)) if compiled else None

    def fit(self, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        own = self.workload
        torch.manual_seed(seed)
        model = module(own, seed)
        if self.compiled is not None:
            self.compiled._orig_mod.load_state_dict(model.state_dict())
            model = self.compiled
        optimizer = torch.optim.Adam(model.parameters(), own.learning_rate, fused=self.fused)
        loss = torch.nn.CrossEntropyLoss()
        X_there, y_there = torch.from_numpy(X), torch.from_numpy(y)
        model.train()
        for _ in range(own.epochs):
            order = torch.randperm(len(X))
            for first in range(0, len(X), own.batch):
                rows = order[first : first + own.batch]
                optimizer.zero_grad()
                loss(model(X_there[rows]), y_there[rows]).backward()
                optimizer.step()
        self.model = model

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        plain = self.model if self.compiled is None else self.compiled._orig_mod
        plain.eval()
        with torch.no_grad():
            return softmax(plain(torch.from_numpy(X)).numpy())
