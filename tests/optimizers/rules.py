"""The published rules in plain numpy (theory C-180 to C-191, T-05), one step at a time."""

from typing import Any

import numpy as np


class Rule:
    """One method with its textbook constants: ``rule(x, g)`` is the next x."""

    def __init__(self, name: str, rate: float) -> None:
        self.name, self.rate, self.t = name, rate, 0
        self.v: Any = 0.0
        self.m: Any = 0.0
        self.r: Any = 0.0
        self.most: Any = 0.0

    def __call__(self, x: Any, g: Any, decay: Any = 0.0) -> Any:
        self.t += 1
        return x - self.rate * (self.direction(g) + decay * x)

    def direction(self, g: Any) -> Any:
        """What the learning rate multiplies."""
        if self.name == "sgd":
            return g
        if self.name == "momentum":
            self.v = 0.9 * self.v + g
            return self.v
        if self.name == "nesterov":
            self.v = 0.9 * self.v + g
            return g + 0.9 * self.v
        if self.name == "adagrad":
            self.r = self.r + g * g
            return g / (1e-7 + np.sqrt(self.r))
        if self.name == "rmsprop":
            self.r = 0.9 * self.r + 0.1 * g * g
            return g / (1e-7 + np.sqrt(self.r))
        self.m, self.r = 0.9 * self.m + 0.1 * g, 0.999 * self.r + 0.001 * g * g
        first, second = self.m / (1 - 0.9**self.t), self.r / (1 - 0.999**self.t)
        if self.name == "amsgrad":
            second = self.most = np.maximum(self.most, second)
        return first / (np.sqrt(second) + 1e-8)


NAMES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "amsgrad", "adamw")
RATES = {"sgd": 1e-3, "momentum": 1e-4, "nesterov": 1e-4}


def rate_of(name: str) -> float:
    """A learning rate at which twenty steps of Rosenbrock's valley stay finite."""
    return RATES.get(name, 0.01)
