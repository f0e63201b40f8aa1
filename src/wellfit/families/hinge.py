"""Classes by the margin between them: hinge and squared hinge, as of support vector machines."""

import numpy as np

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.class_loss import ClassLoss
from wellfit.families.levels import best_levels
from wellfit.functions.losses import margin
from wellfit.functions.numerics import namespace

MULTICLASS = ("weston_watkins", "crammer_singer")
NEWTON_STEPS = 100


@spec
class Hinge(ClassLoss):
    """max(0, 1 - m) of the margin m = ± z for two classes (theory C-116); for more of the margins z_t - z_k.

    ``multiclass`` "weston_watkins" adds them over the other classes k, "crammer_singer" takes the worst (C-117;
    scikit-learn's metric ``hinge_loss``). A margin is no probability: the loss is least at z = ± 1 for every
    probability above or below ½, so the log odds 2z here only put rows in order until held-out rows calibrate them.

    >>> Hinge().bind(2).loss(np.array([[0.5], [-2.0]]), np.array([1, 1]))
    array([0.5, 3. ])
    """

    name = "hinge"
    multiclass: str = static(default="weston_watkins")
    classes: int = static(default=2)

    def bind(self, k: int) -> "Hinge":
        """This family for k classes."""
        if self.multiclass not in MULTICLASS:
            raise ValueError(f"multiclass={self.multiclass!r} of family 'hinge' must be one of {MULTICLASS}.")
        return super().bind(k)

    def of_two(self, s: Array) -> Array:
        """max(0, 1 - s)."""
        return margin.hinge(s)

    def of_many(self, z: Array, y: Array) -> Array:
        """Weston and Watkins' sum over the other classes, or Crammer and Singer's worst of them."""
        return margin.weston_watkins(z, y) if self.multiclass == "weston_watkins" else margin.crammer_singer(z, y)

    def log_odds(self, z: Array) -> Array:
        """2z."""
        return 2 * z

    def scores(self, z: Array) -> Array:
        """2z."""
        return 2 * z

    def best_of_two(self, p: Array) -> Array:
        """± 1, on the side of the more probable class; 0 where there is none."""
        return namespace(p).sign(p - 0.5)

    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """Whole-numbered levels of the classes; Crammer and Singer's single out a majority, or none."""
        if self.multiclass == "weston_watkins":
            return best_levels(shares)
        return np.where(shares > 0.5, 1.0, 0.0)


@spec
class SquaredHinge(ClassLoss):
    """max(0, 1 - m)² of the margin m = ± z for two classes; for more the sum over margins z_t - z_k (theory C-132).

    Least at z = 2p - 1, so 2z is the log odds for p near ½; farther out held-out rows must calibrate it (Tang 2013 for
    networks).

    >>> SquaredHinge().bind(2).loss(np.array([[0.5], [-2.0]]), np.array([1, 1]))
    array([0.25, 9.  ])
    """

    name = "squared_hinge"
    classes: int = static(default=2)

    def of_two(self, s: Array) -> Array:
        """max(0, 1 - s)²."""
        return margin.squared_hinge(s)

    def of_many(self, z: Array, y: Array) -> Array:
        """The sum over the other classes."""
        return margin.weston_watkins(z, y, margin.squared_hinge)

    def log_odds(self, z: Array) -> Array:
        """2z."""
        return 2 * z

    def scores(self, z: Array) -> Array:
        """2z."""
        return 2 * z

    def best_of_two(self, p: Array) -> Array:
        """2p - 1."""
        return 2 * p - 1

    def best_of_many(self, shares: np.ndarray) -> np.ndarray:
        """By Newton's method: the loss is quadratic between the points where a margin is 1."""
        k = len(shares)
        z = np.zeros(k)

        def loss(z: np.ndarray) -> float:
            return float(shares @ (np.maximum(0, 1 - (z[:, None] - z)) ** 2 - np.eye(k)).sum(axis=1))

        for _ in range(NEWTON_STEPS):
            missing = np.maximum(0, 1 - (z[:, None] - z)) * (1 - np.eye(k))  # of class t against k
            weights = shares[:, None] * (missing > 0)
            gradient = 2 * ((shares[:, None] * missing).sum(axis=0) - shares * missing.sum(axis=1))
            both = weights + weights.T
            step = np.linalg.lstsq(2 * (np.diag(both.sum(axis=1)) - both), -gradient, rcond=None)[0]
            size = next((s for s in 0.5 ** np.arange(40) if loss(z + s * step) < loss(z)), None)
            if size is None:
                break
            z = z + size * step
        return z - z.mean()
