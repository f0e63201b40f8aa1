"""What a fit is about to do: all of it decided, nothing of it begun."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wellfit.training.plan import Plan


@dataclass(frozen=True)
class Task:
    """The rows of a fit, encoded on the host, and the description of the fit.

    X, y : as the user gave them, without rows of weight 0;  x : blocks (n, ...);  encoded : (n, ...);  w : (n,)
    with the costs of classes in them;  split : row numbers (train, valid);  again : whether it goes on from the last
    fit.
    """

    X: Any
    y: Any
    x: dict
    encoded: np.ndarray
    w: np.ndarray
    split: tuple[np.ndarray, np.ndarray]
    plan: Plan
    members: int
    seed: int
    exact: bool
    again: bool

    @property
    def validate(self) -> bool:
        """Whether rows are held out."""
        return bool(len(self.split[1]))
