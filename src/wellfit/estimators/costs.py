"""What classes cost: ``class_weight`` as one number a class."""

from typing import Any

import numpy as np
from sklearn.utils.class_weight import compute_class_weight


def class_costs(asked: Any, classes: np.ndarray, encoded: np.ndarray, w: np.ndarray) -> np.ndarray:
    """The cost of each class (K,): n / (K n_k) when "balanced", else what a dict says, 1 where it names none.

    encoded, w : class numbers and frequencies (n,)
    """
    if isinstance(asked, str):
        return compute_class_weight(asked, classes=np.arange(len(classes)), y=encoded, sample_weight=w)
    costs = np.ones(len(classes))
    for label, cost in asked.items():
        place = [number for number, known in enumerate(classes) if known == label]
        if not place:
            names = ", ".join(map(repr, classes.tolist()[:10]))
            raise ValueError(f"class_weight names {label!r}, which is not a class; classes are {names}.")
        costs[place] = float(cost)
    if not (np.isfinite(costs).all() and (costs > 0).all()):
        raise ValueError(
            f"class_weight must hold finite weights > 0, got {asked!r}; drop the rows of a class that should not count."
        )
    return costs
