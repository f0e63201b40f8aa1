"""Penalties: negative log densities of priors on weights, and the steps that make zeros exact.

Conventions (they clash between libraries, theory E-36 to E-38): l2 is ½ λ Σ w², with gradient λ w, as in scikit-learn
and most books, where Keras' ``l2(λ)`` is λ Σ w²; l1 is λ Σ |w|, without a half. Both are precisions of priors, so the
objective divides them by the sum of weights where it takes the mean of the loss.
"""

from wellfit.core.types import Array
from wellfit.functions.numerics import namespace


def l2_penalty(w: Array, strength: Array) -> Array:
    """½ λ Σ w²: a normal prior of variance 1/λ (theory C-149, C-220)."""
    return 0.5 * strength * namespace(w).sum(w * w)


def l1_penalty(w: Array, strength: Array) -> Array:
    """λ Σ |w|: a Laplace prior of scale 1/λ (theory C-221)."""
    return strength * namespace(w).sum(namespace(w).abs(w))


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
