"""Classes by Rosenblatt's criterion: only what is on the wrong side costs anything."""

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.class_loss import ClassLoss
from wellfit.functions.losses import margin
from wellfit.functions.numerics import namespace


@spec
class PerceptronCriterion(ClassLoss):
    """max(0, -m) of the margin m = ± z for two classes (theory C-003); for more of the worst margin z_t - z_k.

    Gradient descent on one row at a time is the perceptron rule w += η y x on every mistake, of several classes
    Kesler's: += η x for the true class and -= η x for the one that beat it. ``wellfit.Perceptron`` is that rule, with
    its guarantees; this is the loss, for any network. It asks for no margin at all, so it is 0 for z = 0 too: priors
    and decay, which pull there, leave raw outputs of any size, and only their signs and order mean something until
    held-out rows calibrate them.

    >>> PerceptronCriterion().bind(2).loss(np.array([[0.5], [-2.0]]), np.array([1, 1]))
    array([0., 2.])
    """

    name = "perceptron"
    classes: int = static(default=2)

    def of_two(self, s: Array) -> Array:
        """max(0, -s)."""
        return margin.perceptron(s)

    def of_many(self, z: Array, y: Array) -> Array:
        """By how much the worst of the other classes beats the true one."""
        return margin.crammer_singer(z, y, margin.perceptron)

    def log_odds(self, z: Array) -> Array:
        """z."""
        return z

    def scores(self, z: Array) -> Array:
        """z."""
        return z

    def best_of_two(self, p: Array) -> Array:
        """0, where nothing is lost; ± 1 where all rows are of one class, so that the side is right."""
        xp = namespace(p)
        return xp.where(p >= 1, 1.0, xp.where(p <= 0, -1.0, 0.0)).astype(p.dtype)

    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """All classes with rows equal, where nothing is lost, and those without rows below them."""
        return np.where(shares > 0, 0.0, -1.0)
