"""Classes under the focal loss, which looks away from easy rows."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.class_loss import ClassLoss, logit_of
from wellfit.functions.links import FARTHEST_INTERCEPT, log_sigmoid, sigmoid
from wellfit.functions.losses.robust import focal, focal_log_weight, log_odds, true_log_odds
from wellfit.functions.numerics import like, namespace
from wellfit.functions.roots import root

HALVINGS = 64


@spec
class Focal(ClassLoss):
    """-α_t (1 - p)^γ log p for the true class's p, of σ(z) or softmax(z) (Lin et al. 2017; theory C-120).

    ``gamma`` is γ; 0 is cross-entropy. ``alpha`` weighs classes: the second of two by α and the first by 1 - α, as in
    the paper (its object detectors have 0.25); of more, one number a class; None weighs none. Of rare classes it is
    what raises recall, as ``class_weight`` does: γ alone moves no boundary, for both classes are equally probable where
    z is 0. Wrong labels are hard rows, which the focal loss weighs MORE (E-31).

    p itself is too timid: where the loss is least the class probabilities are proportional to another function of it
    (Charoenphakdee et al. 2021), over α; probabilities are that, and honest. ``predict`` counts classes by α.

    >>> Focal(gamma=2.0).bind(2).loss(np.array([[0.0]]), np.array([1])).round(6)
    array([0.173287])
    >>> rare = Focal(alpha=0.75).bind(2)
    >>> rare.mean(np.array([[0.0]])), rare.predict(np.array([[0.1]]))
    (array([[0.75, 0.25]]), array([1], dtype=int32))
    """

    name = "focal"
    gamma: Any = 2.0
    classes: int = static(default=2)
    alpha: Any = None

    def bind(self, k: int) -> "Focal":
        """This family for k classes."""
        if not (np.all(np.isfinite(self.gamma)) and np.all(np.asarray(self.gamma) >= 0)):
            raise ValueError(f"gamma={self.gamma!r} of family 'focal' must be a finite number of at least 0.")
        bound = super().bind(k)
        if self.alpha is None:
            return bound
        alpha = np.asarray(self.alpha, float)
        fine = (
            alpha.ndim == 0 and 0 < alpha < 1
            if bound.classes == 2
            else alpha.shape == (bound.classes,) and bool(np.all((alpha > 0) & np.isfinite(alpha)))
        )
        if not fine:
            raise ValueError(
                f"alpha={self.alpha!r} of family 'focal' must be a number between 0 and 1, the second class's weight, "
                f"where there are two classes, and else one finite number above 0 for each of them; y has "
                f"{bound.classes}."
            )
        return dataclasses.replace(bound, alpha=alpha)

    @property
    def costs(self) -> Array | None:
        """The weights of the classes (classes,), or None."""
        if self.alpha is None or self.classes > 2:
            return self.alpha
        return namespace(self.alpha).stack([1 - self.alpha, self.alpha])

    def loss(self, z: Array, y: Array) -> Array:
        """The weighted focal loss of each row, (n, outputs) and (n,) -> (n,)."""
        if self.costs is None:
            return super().loss(z, y)
        costs = like(self.costs, z)
        if self.classes > 2:
            return costs[y] * super().loss(z, y)
        first, second = (1 - y) * costs[0], y * costs[1]
        return (first + second) * super().loss(z, second / (first + second))

    def of_two(self, s: Array) -> Array:
        """The focal loss of log odds s."""
        return focal(s, self.gamma)

    def of_many(self, z: Array, y: Array) -> Array:
        """The focal loss of the true class's log odds."""
        return focal(true_log_odds(z, y), self.gamma)

    def log_odds(self, z: Array) -> Array:
        """What z stands for: the weight of σ(z) against that of σ(-z)."""
        found = focal_log_weight(z, self.gamma) - focal_log_weight(-z, self.gamma)
        if self.costs is None:
            return found
        first, second = namespace(z).log(like(self.costs, z))
        return found - (second - first)

    def scores(self, z: Array) -> Array:
        """The log weight of each class's probability."""
        found = focal_log_weight(log_odds(z), self.gamma)
        return found if self.costs is None else found - namespace(z).log(like(self.costs, z))

    def best_of_two(self, p: Array) -> Array:
        """Where ``log_odds``, which rises, is that of p; by halving."""
        return _where_reached(self.log_odds, logit_of(p))

    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """The log probabilities whose weights are proportional to the shares: normalised by the root of their sum."""
        with np.errstate(divide="ignore"):
            logs = np.log(shares if self.costs is None else shares * np.asarray(self.costs))

        def odds(level: float) -> np.ndarray:
            return _where_reached(lambda s: focal_log_weight(s, self.gamma), logs - level)

        far = FARTHEST_INTERCEPT * (2 + float(self.gamma))
        level = root(lambda level: float(sigmoid(odds(level)).sum() - 1), -far, far)
        return log_sigmoid(odds(level))


def _where_reached(rising: Callable[[Array], Array], wanted: Array) -> Array:
    """The log odds at which a rising function reaches what is wanted, elementwise, within reach; by halving."""
    xp = namespace(wanted)

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        low, high = ends
        middle = 0.5 * (low + high)
        enough = rising(middle) >= wanted
        return xp.where(enough, low, middle), xp.where(enough, middle, high)

    ends = xp.full_like(wanted, -FARTHEST_INTERCEPT), xp.full_like(wanted, FARTHEST_INTERCEPT)
    if xp is not np:  # unrolled it would take long to compile
        return jax.lax.fori_loop(0, HALVINGS, halve, ends)[1]
    for step in range(HALVINGS):
        ends = halve(step, ends)
    return ends[1]
