"""Probabilities fitted to held-out rows: one temperature, or a scale and a bias for each class.

What is calibrated is the crowd's mixture: p ∝ p_mixture^(1/T). Members' raw outputs could be scaled before they are
mixed instead; pooling first is better for crowds (Rahaman and Thiery 2021), makes the problem convex, and leaves the
most probable class alone. A calibration is a dict of its method and its numbers, as ``calibration_`` shows it and
files keep it; None leaves the probabilities as they are.
"""

from typing import Any

import numpy as np
import scipy.optimize

from wellfit.functions.calibration import mean_and_error, negative_log_likelihood, recalibrated
from wellfit.functions.links import log_softmax
from wellfit.functions.metrics import calibration_error
from wellfit.functions.roots import root

FEWEST_ROWS = 20
"""A smaller sum of the held-out rows' weights says too little of a temperature."""

PRIOR_SCALE = 0.2
"""Of the temperature's prior, log T ~ Laplace(0, PRIOR_SCALE): found on tables (docs/calibration.md)."""

EXTREME = 20.0
"""Temperatures and scales lie between 1 / EXTREME and EXTREME."""

FEW_CLASSES = 10
ROWS_PER_NUMBER = 100
"""Vector scaling is tried for at most FEW_CLASSES classes and with ROWS_PER_NUMBER rows for each of its numbers."""


def fit_temperature(log_p: np.ndarray, y: np.ndarray, w: np.ndarray) -> dict[str, Any]:
    """The most probable temperature: log probabilities (n, K), classes (n,), weights (n,).

    Minimises Σ w log loss(T) + |log T| / PRIOR_SCALE. So T is exactly 1 where the rows say little against it, and above
    0 where every row is predicted right; the prior's share shrinks as 1 / n.
    """

    def fall(scale: float) -> float:
        """How fast the log loss falls with 1 / T; the faster the smaller 1 / T, for it is convex."""
        expected = np.sum(np.exp(recalibrated(log_p, scale)) * log_p, axis=1)
        return float(w @ (-negative_log_likelihood(log_p, y) - expected))

    pull = fall(1.0)
    low, high = (1.0, EXTREME) if pull > 0 else (1 / EXTREME, 1.0)

    def slope(scale: float) -> float:
        return scale * fall(scale) - np.sign(pull) / PRIOR_SCALE

    if slope(high) >= 0:
        scale = high
    elif slope(low) <= 0:
        scale = low
    else:
        scale = root(slope, low, high)
    return {"method": "temperature", "temperature": 1 / scale}


def fit_vector(log_p: np.ndarray, y: np.ndarray, w: np.ndarray) -> dict[str, Any]:
    """The scale and bias (K,) of each class of the least log loss (convex); arguments as in ``fit_temperature``.

    One row more, of which nobody knows the class, keeps them finite where every row is predicted right or a class does
    not occur (as Platt 1999 does with his targets).
    """
    classes = log_p.shape[1]
    unknown = 1 / np.sum(w)
    target = (np.arange(classes) == np.asarray(y)[:, None]) + unknown / classes
    share = w / np.sum(w)

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        logs = recalibrated(log_p, numbers[:classes], numbers[classes:])
        error = share[:, None] * (np.exp(logs) * (1 + unknown) - target)
        value = -float(share @ np.sum(target * logs, axis=1))
        return value, np.concatenate([np.sum(error * log_p, axis=0), error.sum(axis=0)])

    scale = 1 / fit_temperature(log_p, y, w)["temperature"]
    start = np.concatenate([np.full(classes, scale), np.zeros(classes)])
    bounds = [(1 / EXTREME, EXTREME)] * classes + [(None, None)] * classes
    found = scipy.optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-7, "maxiter": 1000}
    ).x
    return {"method": "vector", "scale": found[:classes], "bias": found[classes:]}


def fit_shift(log_p: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """What to take from log probabilities (n, K) so that the mean probability of each class is its share of y: (K,).

    Every fit by maximum likelihood with an intercept has this property on its own rows (the derivative by the intercept
    is 0). A fit with costs of classes has it for the rows as the costs weigh them; taking out the costs alone does not
    bring it back exactly. Minimises a convex function, as Saerens et al. 2002 do for shares that are not known.
    """
    own = w / np.sum(w)
    share = np.maximum(np.bincount(y, weights=own, minlength=log_p.shape[1]), own.min())  # a class may have no row here
    share = share / share.sum()

    def loss(shift: np.ndarray) -> tuple[float, np.ndarray]:
        moved = log_p - shift
        logs = log_softmax(moved)
        return float(own @ (moved - logs)[:, 0] + share @ shift), share - own @ np.exp(logs)

    start = np.log(own @ np.exp(log_p) + share / 1e9) - np.log(share)
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-9})
    return found.x


def apply(calibration: dict[str, Any] | None, log_p: np.ndarray) -> np.ndarray:
    """Calibrated log probabilities: (n, K), or (n, k, 2) where each of k labels has numbers of its own."""
    if calibration is None:
        return log_p
    if calibration["method"] == "vector":
        return recalibrated(log_p, calibration["scale"], calibration["bias"])
    return recalibrated(log_p, 1 / np.asarray(calibration["temperature"], np.float64)[..., None])


def choose(log_p: np.ndarray, y: np.ndarray, w: np.ndarray, asked: Any, vector: bool = True) -> dict[str, Any] | None:
    """The calibration for ``calibrate=asked``, fitted; None where the probabilities stay as they are.

    "auto" and True take the temperature, unless vector scaling gains two standard errors over it, and 1 / n for each of
    its further numbers (they gain so much over n rows without any truth in them). ``vector`` says whether that is open.
    """
    if asked is False or (asked == "auto" and np.sum(w) < FEWEST_ROWS):
        return None
    if asked == "vector":
        return fit_vector(log_p, y, w)
    found = fit_temperature(log_p, y, w)
    classes = log_p.shape[1]
    numbers = 2 * classes - 1
    if vector and asked != "temperature" and classes <= FEW_CLASSES and np.sum(w) >= ROWS_PER_NUMBER * numbers:
        other = fit_vector(log_p, y, w)
        if _gains(apply(found, log_p), apply(other, log_p), y, w, errors=2, numbers=numbers - 1):
            return other
    return None if asked == "auto" and found["temperature"] == 1 else found


def _gains(before: np.ndarray, after: np.ndarray, y: np.ndarray, w: np.ndarray, errors: int, numbers: int = 0) -> bool:
    """Whether the log loss falls by more than so many standard errors of the fall and 1 / n for each number."""
    gain, error = mean_and_error(negative_log_likelihood(before, y) - negative_log_likelihood(after, y), w)
    return gain - numbers / float(np.sum(w)) > errors * error


def learn(log_p: np.ndarray, y: np.ndarray, w: np.ndarray, asked: Any) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The calibration, and the figures before and after it.

    log_p : (n, K) of exclusive classes y (n,), or (n, k, 2) of k labels y (n, k), each of which gets its own.
    """
    if log_p.ndim == 2:
        found = choose(log_p, y, w, asked)
    else:
        found = _of_labels([choose(log_p[:, j], y[:, j], w, asked, vector=False) for j in range(log_p.shape[1])])
    record: dict[str, Any] = {"method": "none" if found is None else found["method"], "n": len(w)}
    for when, logs in (("before", log_p), ("after", apply(found, log_p))):
        record |= {f"{name}_{when}": value for name, value in quality(logs, y, w).items()}
    return found, record


def _of_labels(each: list[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The labels' calibrations as one: all are of one method, or None, which is a temperature of 1."""
    method = next((own["method"] for own in each if own is not None), None)
    if method is None:
        return None
    filled = [{"temperature": 1.0} if own is None else own for own in each]
    names = ("temperature",) if method == "temperature" else ("scale", "bias")
    return {"method": method, **{name: np.stack([own[name] for own in filled]) for name in names}}


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
