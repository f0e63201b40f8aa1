"""What "auto" stands for: the recipe for a table of a given size, in one place.

Measured with benchmarks/tables.py on real tables of 260 to 7,500 rows.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wellfit.functions.schedules import Constant, Cosine, Schedule

FEW_ROWS = 600
"""Below this the held-out rows are too few to judge by alone: the prior is stronger."""

SMALL = 1000
"""Below this more rows are held out."""

LEAST_PATIENCE = 16, 300
"""Epochs, and steps, that training goes on at least after its best epoch, where that was early."""

PATIENCE_SHARE = 1.0
"""And as many epochs as the best took: whoever was long in getting better is waited for longer.

Beside a patience of a third of all epochs a fit takes 0.6 times as long, half as long in the median, and its held-out
loss is 0.6 % larger (40 tables): with most tables the same epoch is the best."""

MODERATE = 5000
"""Below this a fit is short and varies with its start: more members are averaged, of two kinds of start."""


@dataclass(frozen=True)
class Recipe:
    """The numbers and structures that "auto" becomes."""

    hidden: tuple[int, ...]
    dropout: float | None
    learning_rate: float
    batch_size: int | str
    max_epochs: int
    patience: int | None
    l2: float | None
    n_members: int
    early_stopping: bool
    validation_fraction: float
    numeric_embedding: str | None


def exact_recipe(linear: bool) -> Recipe:
    """For tiny tables: all rows in every step, float64, nothing random but the start; a prior against overfitting."""
    return Recipe(
        hidden=(32, 32),
        dropout=None,
        learning_rate=0.1 if linear else 0.01,  # a linear model's loss is convex
        batch_size="full",
        max_epochs=300,
        patience=None,
        l2=0.1,
        n_members=1,
        early_stopping=False,
        validation_fraction=0.2,
        numeric_embedding=None,
    )


def recipe(n: int, width: int, outputs: int) -> Recipe:
    """For n training rows of ``width`` columns and ``outputs`` raw outputs."""
    batch = int(2 ** np.clip(np.round(np.log2(max(n, 1) / 40)), 4, 8))
    steps = -(-n // batch)
    epochs = int(np.clip(9_000 / steps, 20, 200))
    few = n < FEW_ROWS
    return Recipe(
        hidden=(256, 256),
        dropout=0.15,
        learning_rate=1.5e-3,
        batch_size=batch,
        max_epochs=epochs,
        patience=max(8, epochs // 3),
        l2=3.0 if few else 1.0,  # a prior: its share of the objective shrinks as 1/n
        n_members=4 if n < MODERATE else 2,
        early_stopping=True,
        validation_fraction=0.2 if n < SMALL else 0.1,
        numeric_embedding="periodic",
    )


def patience(asked: Any, auto: Recipe, steps: int, rate: Any) -> dict[str, Any]:
    """The plan's patience and share of the best epoch, for so many steps an epoch at such learning rates.

    "auto" waits a third of all epochs where the rate rises or falls by itself in between, for the loss may then fall
    late, and where every step sees all rows.
    """
    sinks = not isinstance(rate, Schedule) or isinstance(rate, Constant | Cosine)
    if asked != "auto" or auto.patience is None or steps == 1 or not sinks:
        return {"patience": chosen(asked, auto.patience)}
    epochs, least = LEAST_PATIENCE
    waits = min(auto.patience, max(epochs, -(-least // steps)))
    return {"patience": waits, "patience_share": PATIENCE_SHARE}


def chosen(value: Any, auto: Any) -> Any:
    """The user's value, or the recipe's where it says "auto"."""
    return auto if isinstance(value, str) and value == "auto" else value
