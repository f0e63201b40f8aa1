"""What a fit is about to do: all of it decided, nothing of it begun."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wellfit.training.plan import Plan


@dataclass(frozen=True)
class Task:
    """The rows of a fit, encoded on the host, and the description of the fit.

    X, y : as the user gave them, without rows of weight 0;  x : blocks (n, ...);  whole : the same blocks, those with
    room for padding with it;  encoded : (n, ...);  w : (n,) with the costs of classes in them;  w_fit : (n,) those that
    training counts;  split : row numbers (train, valid);  plans : one for all members, or one for each;  again :
    whether it goes on from the last fit;  bags : row numbers (members, n_train), or None where all members train on
    all training rows.
    """

    X: Any
    y: Any
    x: dict
    whole: dict
    encoded: np.ndarray
    w: np.ndarray
    w_fit: np.ndarray
    split: tuple[np.ndarray, np.ndarray]
    plans: Plan | list[Plan]
    members: int
    seed: int
    exact: bool
    again: bool
    bags: np.ndarray | None

    @property
    def plan(self) -> Plan:
        """The plan, of the first member where each has its own: all are of one structure."""
        return self.plans[0] if isinstance(self.plans, list) else self.plans

    def trained_on(self, member: int) -> np.ndarray:
        """The row numbers that a member trains on."""
        return self.split[0] if self.bags is None else self.bags[member]

    @property
    def validate(self) -> bool:
        """Whether rows are held out."""
        return bool(len(self.split[1]))
