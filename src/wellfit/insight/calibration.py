"""Probabilities fitted to held-out rows: one temperature, or a scale and a bias for each class.

What is calibrated is the crowd's mixture: p ∝ p_mixture^(1/T). Members' raw outputs could be scaled before they are
mixed instead; pooling first is better for crowds (Rahaman and Thiery 2021), makes the problem convex, and leaves the
most probable class alone.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize

from wellfit.functions.calibration import mean_and_error, negative_log_likelihood, recalibrated
from wellfit.functions.metrics import calibration_error
from wellfit.functions.weighted import root

FEWEST_ROWS = 50
"""Fewer held-out rows (or a smaller sum of their weights) say too little of a temperature."""

EXTREME = 20.0
"""Temperatures and scales lie between 1 / EXTREME and EXTREME."""

FEW_CLASSES = 10
ROWS_PER_NUMBER = 100
"""Vector scaling is tried for at most FEW_CLASSES classes and with ROWS_PER_NUMBER rows for each of its numbers."""


@dataclass(frozen=True)
class Calibration:
    """A map of log probabilities: the method's name, and the scale and bias of each class (or one for all)."""

    method: str
    scale: np.ndarray
    bias: np.ndarray

    def __call__(self, log_p: np.ndarray) -> np.ndarray:
        return recalibrated(log_p, self.scale, self.bias)


def fit_temperature(log_p: np.ndarray, y: np.ndarray, w: np.ndarray) -> Calibration:
    """The temperature of the least log loss: log probabilities (n, K), classes (n,), weights (n,).

    The loss is convex in 1 / T. One row more, of which nobody knows the class, keeps T above 0 where every row is
    predicted right (as Platt 1999 does with his targets).
    """
    unknown = 1 / np.sum(w)
    right = -negative_log_likelihood(log_p, y) + unknown * log_p.mean(axis=1)

    def slope(scale: float) -> float:
        expected = np.sum(np.exp(recalibrated(log_p, scale)) * log_p, axis=1)
        return float(w @ (right - (1 + unknown) * expected))

    low, high = 1 / EXTREME, EXTREME
    if slope(low) <= 0:
        scale = low
    elif slope(high) >= 0:
        scale = high
    else:
        scale = root(slope, low, high)
    return Calibration("temperature", np.asarray(scale), np.asarray(0.0))


def fit_vector(log_p: np.ndarray, y: np.ndarray, w: np.ndarray) -> Calibration:
    """The scale and bias of each class of the least log loss (convex); arguments as in ``fit_temperature``."""
    classes = log_p.shape[1]
    unknown = 1 / np.sum(w)
    target = (np.arange(classes) == np.asarray(y)[:, None]) + unknown / classes
    share = w / np.sum(w)

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        logs = recalibrated(log_p, numbers[:classes], numbers[classes:])
        error = share[:, None] * (np.exp(logs) * (1 + unknown) - target)
        value = -float(share @ np.sum(target * logs, axis=1))
        return value, np.concatenate([np.sum(error * log_p, axis=0), error.sum(axis=0)])

    start = np.concatenate([np.full(classes, fit_temperature(log_p, y, w).scale), np.zeros(classes)])
    bounds = [(1 / EXTREME, EXTREME)] * classes + [(None, None)] * classes
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    bias = found[classes:]
    return Calibration("vector", found[:classes], bias - bias.mean())


def choose(log_p: np.ndarray, y: np.ndarray, w: np.ndarray, asked: Any, vector: bool = True) -> Calibration | None:
    """The calibration for ``calibrate=asked``, fitted; None where the probabilities stay as they are.

    "auto" takes the temperature where it lowers the log loss by more than the standard error of that gain. Vector
    scaling must gain two standard errors over it, and 1 / n for each of its further numbers (they gain so much over n
    rows without any truth in them). True takes one of the two in any case; ``vector`` says whether both are open.
    """
    if asked is False or (asked == "auto" and too_few(w)):
        return None
    if asked == "vector":
        return fit_vector(log_p, y, w)
    found = fit_temperature(log_p, y, w)
    logs = found(log_p)
    if asked == "temperature":
        return found
    taken = found if asked is True or _gains(log_p, logs, y, w, errors=1) else None
    classes = log_p.shape[1]
    numbers = 2 * classes - 1
    if vector and classes <= FEW_CLASSES and min(len(w), np.sum(w)) >= ROWS_PER_NUMBER * numbers:
        other = fit_vector(log_p, y, w)
        if _gains(logs if taken else log_p, other(log_p), y, w, errors=2, numbers=numbers - 1):
            return other
    return taken


def too_few(w: np.ndarray) -> bool:
    """Whether rows of these weights are too few to calibrate."""
    return min(len(w), float(np.sum(w))) < FEWEST_ROWS


def _gains(before: np.ndarray, after: np.ndarray, y: np.ndarray, w: np.ndarray, errors: int, numbers: int = 0) -> bool:
    """Whether the log loss falls by more than so many standard errors of the fall and 1 / n for each number."""
    gain, error = mean_and_error(negative_log_likelihood(before, y) - negative_log_likelihood(after, y), w)
    return gain - numbers / float(np.sum(w)) > errors * error


def learn(log_p: np.ndarray, y: np.ndarray, w: np.ndarray, asked: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The calibration as plain numbers (None where there is none), and the figures before and after it.

    log_p : (n, K) of exclusive classes y (n,), or (n, k, 2) of k labels y (n, k), each of which gets its own.
    """
    if log_p.ndim == 2:
        state = plain([choose(log_p, y, w, asked)])
    else:
        labels = range(log_p.shape[1])
        state = plain([choose(log_p[:, j], y[:, j], w, asked, vector=False) for j in labels], flat=False)
    record: dict[str, Any] = {"method": "none" if state is None else state["method"], "n": len(w)}
    for when, logs in (("before", log_p), ("after", apply(state, log_p))):
        record |= {f"{name}_{when}": value for name, value in quality(logs, y, w).items()}
    return state, record


def plain(found: list[Calibration | None], flat: bool = True) -> dict[str, Any] | None:
    """Calibrations of all labels (of one target if ``flat``) as a dict of numbers and arrays, for files."""
    methods = {each.method for each in found if each is not None}
    if not methods:
        return None
    if methods == {"temperature"}:
        found_ = [1.0 if each is None else float(1 / each.scale) for each in found]
        return {"method": "temperature", "temperature": found_[0] if flat else np.array(found_)}
    parts = {name: np.stack([getattr(each, name) for each in found]) for name in ("scale", "bias")}
    return {"method": "vector", **{name: part[0] if flat else part for name, part in parts.items()}}


def apply(state: dict[str, Any] | None, log_p: np.ndarray) -> np.ndarray:
    """Calibrated log probabilities, of the same shape."""
    if state is None:
        return log_p
    if state["method"] == "vector":
        return recalibrated(log_p, state["scale"], state["bias"])
    scale = 1 / np.asarray(state["temperature"], np.float64)
    return recalibrated(log_p, scale if scale.ndim == 0 else scale[:, None])


def quality(log_p: np.ndarray, y: np.ndarray, w: np.ndarray) -> dict[str, float]:
    """Log loss and expected calibration error: of the top class, for two classes of the second one's probability.

    Labels (n, k, 2) are averaged.
    """
    if log_p.ndim == 3:
        each = [quality(log_p[:, j], y[:, j], w) for j in range(log_p.shape[1])]
        return {name: float(np.mean([label[name] for label in each])) for name in each[0]}
    if log_p.shape[1] == 2:
        error = calibration_error(np.exp(log_p[:, 1]), y == 1, w)
    else:
        error = calibration_error(np.exp(log_p.max(axis=1)), log_p.argmax(axis=1) == y, w)
    return {"log_loss": mean_and_error(negative_log_likelihood(log_p, y), w)[0], "calibration_error": error}
