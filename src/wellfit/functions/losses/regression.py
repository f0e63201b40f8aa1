"""Losses of real targets, elementwise: location z, observation y, and a scale where there is one."""

import math
from typing import Any

from wellfit.core.types import Array
from wellfit.functions.numerics import like, namespace

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)
LOG_TWO = math.log(2.0)


def normal_nll(z: Array, y: Array, scale: Array) -> Array:
    """((y - z) / s)² / 2 + log s + ½ log 2π: -log N(y | z, s²) in nats (C-123 with β = 1/s²).

    >>> import numpy as np
    >>> normal_nll(np.array([0.0]), np.array([0.0]), np.array([1.0])).round(6)
    array([0.918939])
    """
    return 0.5 * ((y - z) / scale) ** 2 + namespace(z, scale).log(scale) + HALF_LOG_TWO_PI


def laplace_nll(z: Array, y: Array, scale: Array) -> Array:
    """|y - z| / s + log 2s: the absolute error (C-103) as a negative log-likelihood in nats."""
    xp = namespace(z, y, scale)
    return xp.abs(y - z) / scale + xp.log(scale) + LOG_TWO


def huber(z: Array, y: Array, delta: Any) -> Array:
    """½ e² where |e| ≤ δ, else δ |e| - ½ δ², for e = y - z (C-105; Huber 1964).

    >>> import numpy as np
    >>> huber(np.array([0.0, 0.0]), np.array([0.5, 3.0]), 1.0)
    array([0.125, 2.5  ])
    """
    xp = namespace(z, y)
    distance = xp.abs(y - z)
    near = xp.minimum(distance, like(delta, z))
    return near * (distance - 0.5 * near)


def pinball(z: Array, y: Array, level: Array) -> Array:
    """max(τ e, (τ - 1) e) for e = y - z: least where z is the τ-quantile of y (Koenker and Bassett 1978)."""
    error = y - z
    return namespace(z, y, level).maximum(level * error, (level - 1) * error)
