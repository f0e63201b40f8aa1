"""Penalties: negative log densities of priors on weights, and the steps that make zeros exact.

Conventions (they clash between libraries, theory E-36 to E-38): l2 is ½ λ Σ w², with gradient λ w, as in scikit-learn
and most books, where Keras' ``l2(λ)`` is λ Σ w²; l1 is λ Σ |w|, without a half; both together are an elastic net. All
are precisions of priors, so the objective divides them by the sum of weights where it takes the mean of the loss.
"""

from typing import Any

from wellfit.core.spec import spec
from wellfit.core.types import Array
from wellfit.functions.numerics import namespace


@spec
class Lp:
    """(λ/p) Σ |w|^p, p >= 1: between ``l1`` (p = 1) and ``l2`` (p = 2), and beyond.

    Parameters
    ----------
    p : number
        At least 1. Towards 1 small weights shrink more and large ones less, but none becomes exactly 0 (``l1`` does
        that); above 2 large weights are what shrinks.
    strength : number
        λ.
    """

    p: Any = 1.5
    strength: Any = 1.0


def l2_penalty(w: Array, strength: Array) -> Array:
    """½ λ Σ w²: a normal prior of variance 1/λ (theory C-149, C-220)."""
    return 0.5 * strength * namespace(w).sum(w * w)


def l1_penalty(w: Array, strength: Array) -> Array:
    """λ Σ |w|: a Laplace prior of scale 1/λ (theory C-221)."""
    return strength * namespace(w).sum(namespace(w).abs(w))


def lp_penalty(w: Array, p: Array, strength: Array) -> Array:
    """(λ/p) Σ |w|^p: a generalised normal prior (theory C-223); its gradient is λ |w|^(p-1) sign(w), and 0 at w = 0.

    The factor 1/p makes p = 1 the l1 penalty and p = 2 the l2 penalty of the same λ.

    >>> import numpy as np
    >>> float(lp_penalty(np.array([3.0, -4.0]), 2.0, 0.5))
    6.25
    """
    xp = namespace(w, p, strength)
    size = xp.abs(xp.where(w == 0, xp.ones_like(w), w))  # no |.| and no logarithm at 0, also in the gradient
    return strength / p * xp.sum(xp.where(w == 0, xp.zeros_like(w), size**p))


def soft_threshold(w: Array, threshold: Array) -> Array:
    """sign(w) max(|w| - threshold, 0): the proximal step of l1 (theory G-33, E-44)."""
    xp = namespace(w)
    return xp.sign(w) * xp.maximum(xp.abs(w) - threshold, 0)


def pseudo_gradient(w: Array, gradient: Array, strength: Array) -> Array:
    """The steepest sub-gradient of smooth part + λ|w|, given the smooth part's gradient (Andrew and Gao 2007).

    At w = 0 it is 0 unless the smooth part pulls harder than λ.
    """
    xp = namespace(w)
    return xp.where(w == 0, soft_threshold(gradient, strength), gradient + strength * xp.sign(w))


def orthant_step(before: Array, after: Array, pseudo: Array) -> Array:
    """The step kept in its orthant (Andrew and Gao 2007): exact zeros under any optimizer, momentum included.

    The orthant is the sign of the weight, or at 0 the sign opposite to the pseudo-gradient; a weight that would leave
    it stops at exactly 0, and one at 0 whose pseudo-gradient is 0 stays there.
    """
    xp = namespace(before)
    orthant = xp.where(before == 0, -xp.sign(pseudo), xp.sign(before))
    # A NaN passes: a failed step must be seen, not turned into a weight of 0.
    return xp.where((xp.sign(after) == orthant) | xp.isnan(after), after, xp.zeros_like(after))
