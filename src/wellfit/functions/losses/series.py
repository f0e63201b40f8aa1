"""Pieces of likelihoods written so that nothing cancels or overflows: what is left of exponentials and gammas."""

import math

import numpy as np

from wellfit.core.types import Array
from wellfit.functions.numerics import gammaln, namespace

HALF_LOG_TWO_PI = 0.5 * math.log(2.0 * math.pi)

SERIES_FROM = 16.0
"""From this argument on four terms of Stirling's series give log Γ to 1e-14."""

NEAR = 0.5
"""Within ± NEAR, e^x - 1 - x is summed as its power series: beyond, it no longer cancels."""

TERMS = 15


def straight_exp(x: Array, spare: float = 0.0) -> Array:
    """e^x up to x = 700 - ``spare`` (80 - ``spare`` in float32), and from there on along its tangent.

    So it is exact where a number is left to say it, convex and rising everywhere, and finite with its slope to 5,000:
    a step back from there stays possible. ``spare`` leaves room for a factor of e^spare.

    >>> np.isfinite(straight_exp(np.array([0.0, 5000.0])))
    array([ True,  True])
    """
    limit = (700.0 if np.dtype(x.dtype).itemsize > 4 else 80.0) - spare
    xp = namespace(x)
    grown = xp.exp(xp.minimum(x, limit))
    return grown * (1 + xp.maximum(x - limit, 0))


def exp_minus_line(x: Array, spare: float = 0.0) -> Array:
    """e^x - 1 - x, never below 0, to full relative precision; for large x as ``straight_exp``.

    >>> float(exp_minus_line(np.array(1e-10)))
    5.000000000166667e-21
    """
    xp = namespace(x)
    near = xp.clip(x, -NEAR, NEAR)
    total = xp.ones_like(near)
    for n in range(TERMS, 2, -1):
        total = 1 + near / n * total
    return xp.where(xp.abs(x) < NEAR, 0.5 * near * near * total, straight_exp(x, spare) - 1 - x)


def relative_entropy_term(p: Array, q: Array, log_ratio: Array) -> Array:
    """p log(p/q) - p + q given log_ratio = log(q/p): never below 0, and exact where p and q are close.

    Summed over distributions it is KL(p || q), since p and q both sum to one (scipy's ``kl_div``).
    """
    xp = namespace(p, q, log_ratio)
    near = xp.abs(log_ratio) < NEAR
    return xp.where(near, p * exp_minus_line(xp.where(near, log_ratio, 0)), q - p - p * log_ratio)


def stirling_rest(u: Array) -> Array:
    """log Γ(x) - (x - ½) log x + x - ½ log 2π by Stirling's series, for u = 1/x ≤ 1/16."""
    square = u * u
    return u * (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680)))


def log_gamma_rest(x: Array, log_x: Array) -> Array:
    """log Γ(x) - (x - ½) log x + x - ½ log 2π for any x > 0, of which the logarithm is known too: x may round to 0."""
    xp = namespace(x, log_x)
    small = xp.minimum(x, SERIES_FROM)
    direct = gammaln(1 + small) - (small + 0.5) * log_x + small - HALF_LOG_TWO_PI
    return xp.where(x < SERIES_FROM, direct, stirling_rest(1 / xp.maximum(x, SERIES_FROM)))


def log_rising(b: Array, y: Array) -> Array:
    """log[Γ(r + y) / (Γ(r) r^y)] for r = e^-b.

    Taken directly it cancels for large r: log Γ(10⁴) is 82,000, whose last digit in float32 is 0.008; so
    Stirling's series is subtracted by hand there. It is written in α = 1/r because the square of r would
    overflow float32.
    """
    xp = namespace(b, y)
    edge = -math.log(SERIES_FROM)
    small_b, large_b = xp.minimum(b, edge), xp.maximum(b, edge)
    alpha = xp.exp(small_b)
    above = 1 + y * alpha
    series = (xp.exp(-small_b) + y - 0.5) * xp.log1p(y * alpha) - y
    series = series + stirling_rest(alpha / above) - stirling_rest(alpha)
    r = xp.exp(-large_b)
    direct = gammaln(r + y) - gammaln(r) + y * large_b
    return xp.where(b < edge, series, direct)
