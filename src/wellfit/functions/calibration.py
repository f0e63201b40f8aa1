"""Calibration on the host: what turns a model's probabilities and residuals into ones that keep their word."""

import numpy as np

from wellfit.core.types import Array
from wellfit.functions.links import log_softmax

ROUNDING = 1e-9
"""Sums of weights this near to a step of the distribution function stand on the step."""


def recalibrated(log_p: Array, scale: Array, bias: Array | float = 0.0) -> Array:
    """log softmax(scale · log p + bias) over the last axis: log probabilities (n, K) or (n, k, 2) in, the same out.

    One scale 1 / T for all classes is temperature scaling (Guo et al. 2017), which never changes the most probable
    class: raw outputs of one network differ from its log probabilities by a constant of the row, which the softmax
    removes. A scale and a bias for each class is vector scaling of log probabilities, the diagonal case of Dirichlet
    calibration (Kull et al. 2019) and for two classes beta calibration (Kull et al. 2017); Guo et al. scale raw
    outputs, which a crowd has not got.

    >>> p = np.array([[0.9, 0.1]])
    >>> np.exp(recalibrated(np.log(p), 0.5)).round(4)
    array([[0.75, 0.25]])
    """
    return log_softmax(scale * log_p + bias)


def with_complement(log_p: np.ndarray) -> np.ndarray:
    """log (1 - p) and log p beside each other: (n, k) -> (n, k, 2), finite for every p that is not 0.

    >>> np.exp(with_complement(np.log([[0.25]]))).round(6)
    array([[[0.75, 0.25]]])
    """
    held = np.minimum(log_p, -np.finfo(np.float64).epsneg)  # 1 - p is not known better where p rounds to 1
    return np.stack([np.log(-np.expm1(held)), log_p], axis=-1)


def negative_log_likelihood(log_p: np.ndarray, y: np.ndarray) -> np.ndarray:
    """-log p of what happened, in nats: log probabilities (n, K) and classes (n,) -> (n,).

    >>> negative_log_likelihood(np.log([[0.5, 0.5]]), np.array([1])).round(6)
    array([0.693147])
    """
    return -np.take_along_axis(log_p, np.asarray(y, np.int64)[:, None], axis=1)[:, 0]


def mean_and_error(x: np.ndarray, w: np.ndarray) -> tuple[float, float]:
    """The weighted mean of x (n,) and its standard error √(variance / Σw), weights being frequencies.

    >>> mean_and_error(np.array([0.0, 2.0]), np.array([2.0, 2.0]))
    (1.0, 0.5)
    """
    total = float(np.sum(w))
    mean = float(w @ x / total)
    return mean, float(np.sqrt(w @ (x - mean) ** 2 / total / total))


def conformal_quantile(scores: np.ndarray, w: np.ndarray, level: float) -> float:
    """The ⌈(n + 1) · level⌉-th smallest of n scores, n being the sum of the weights w (m,); scores (m,) are sorted.

    If the held-out rows and a new one are exchangeable, the new one's score is at most this with a probability of at
    least ``level`` (Vovk et al. 2005; Lei et al. 2018). Infinite where the rows are too few, n < 1 / (1 - level) - 1.

    >>> conformal_quantile(np.arange(1.0, 20.0), np.ones(19), 0.9)
    18.0
    >>> conformal_quantile(np.arange(1.0, 9.0), np.ones(8), 0.9)
    inf
    """
    mass = np.cumsum(w)
    wanted = (mass[-1] + 1) * level * (1 - ROUNDING)
    place = int(np.searchsorted(mass, wanted, side="left"))
    return float(scores[place]) if place < len(scores) else np.inf
