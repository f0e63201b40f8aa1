"""What an option costs: first and later fits of a small table with it, by the kernel and by XLA, in turn.

    python -m benchmarks.options OPTION

prints one line of JSON: seconds of the first fit of this process, and of later ones.
"""

from typing import Any

import numpy as np

from benchmarks.meter import timed
from benchmarks.processes import answer

OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "l1": {"l1": 0.01},
    "l2": {"l2": 1.0},
    "clip_norm": {"clip_norm": 1.0},
    "clip_value": {"clip_value": 0.5},
    "max_norm": {"max_norm": 3.0},
    "dropout": {"dropout": 0.2},
    "input_dropout": {"input_dropout": 0.1},
    "input_noise": {"input_noise": 0.1},
    "label_smoothing": {"label_smoothing": 0.1},
    "rmsprop": {"optimizer": "rmsprop"},
    "adagrad": {"optimizer": "adagrad"},
    "amsgrad": {"optimizer": "amsgrad"},
    "weight_noise": {"weight_noise": 0.1},
}
LATER = 4


def fits(option: str) -> list[float]:
    """Seconds of a first fit and of later ones: 2,000 x 20, two classes, (64, 64), 30 epochs."""
    from wellfit import NeuralClassifier

    rng = np.random.default_rng(0)
    X = rng.normal(size=(2000, 20))
    y = (X @ rng.normal(size=20) + rng.normal(size=2000) > 0).astype(int)
    common = {"hidden": (64, 64), "max_epochs": 30, "early_stopping": False, "n_members": 1, "calibrate": False}
    return [
        timed(lambda seed=seed: NeuralClassifier(**common, random_state=seed, **OPTIONS[option]).fit(X, y), rest=0)
        for seed in range(1 + LATER)
    ]


if __name__ == "__main__":
    answer(__doc__, "option", OPTIONS, fits)
