"""What "auto" stands for: the recipe for a table of a given size, in one place.

Measured in benchmarks/tables.py; the figures behind each choice are in docs/defaults.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Recipe:
    """The numbers and structures that "auto" becomes."""

    hidden: tuple[int, ...]
    dropout: float | None
    learning_rate: float
    batch_size: int | str
    max_epochs: int
    patience: int | None
    weight_decay: float | None
    l2: float | None
    n_members: int
    early_stopping: bool


def exact_recipe() -> Recipe:
    """For tiny tables: all rows in every step, float64, nothing random but the start; a prior against overfitting."""
    return Recipe((32, 32), None, 0.01, "full", 300, None, None, 0.1, 1, False)


def recipe(n: int, width: int, outputs: int) -> Recipe:
    """For n training rows of ``width`` columns and ``outputs`` raw outputs."""
    batch = int(2 ** np.clip(np.round(np.log2(max(n, 1) / 40)), 4, 8))
    steps = -(-n // batch)
    epochs = int(np.clip(12_000 / steps, 20, 200))
    return Recipe((256, 256), 0.15, 1.5e-3, batch, epochs, max(8, epochs // 4), 0.1, None, 2, True)


def chosen(value: Any, auto: Any) -> Any:
    """The user's value, or the recipe's where it says "auto"."""
    return auto if isinstance(value, str) and value == "auto" else value
