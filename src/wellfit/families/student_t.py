"""Real targets with outliers: Student's t likelihood, under which a far outlier hardly pulls at all."""

from typing import Any, Self

import numpy as np
import scipy.stats

from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.constants import best_scale, likeliest_location
from wellfit.families.location_scale import LocationScale
from wellfit.functions.losses.regression import student_t_nll


@spec
class StudentT(LocationScale):
    """y ~ m + s t(ν): z (n, k) or, with ``learn_scale``, (n, 2k); y (n, k) standardised; loss in nats.

    ``df`` is ν: 4 is robust and loses little where the noise is Normal (Lange, Little and Taylor 1989); above 2, below
    which the noise has no variance. ``scale`` is s in standard deviations of the target, s √(ν/(ν-2)) the noise's; with
    ``learn_scale`` the network says it for every row. The loss is not convex in m.

    >>> StudentT(df=4.0).bind(1).loss(np.array([[0.0]]), np.array([[1.0]])).round(6)
    array([1.538688])
    """

    name = "student_t"
    df: Any = 4.0
    scale: Any = 1.0
    learn_scale: bool = static(default=False)
    targets: int = static(default=1)

    def bind(self, k: int) -> Self:
        """This family for k targets."""
        if not (np.all(np.isfinite(self.df)) and np.all(np.asarray(self.df) > 2)):
            raise ValueError(f"df={self.df!r} of family 'student_t' must be a finite number above 2.")
        return super().bind(k)

    def nll(self, location: Array, y: Array, scale: Array) -> Array:
        """-log of the t density, elementwise."""
        return student_t_nll(location, y, scale, self.df)

    def _pull(self, t: np.ndarray) -> np.ndarray:
        nu = float(self.df)
        return (nu + 1) * t / (nu + t * t)

    def best_location(self, y: np.ndarray, w: np.ndarray, scale: Any) -> np.ndarray:
        """The likeliest location of each target, climbed from its quartiles."""
        nu = float(self.df)
        return likeliest_location(lambda t: 0.5 * (nu + 1) * np.log1p(t * t / nu), self._pull, y, w, scale)

    def best_scale(self, residual: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The likeliest scale of each column of residuals."""
        return best_scale(self._pull, residual, w, steepest=(float(self.df) + 1) / float(self.df))

    def reason(self, facts: Any) -> str:
        """Why: real numbers with outliers."""
        return "y is real numbers with outliers that should hardly pull: Student's t."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.t`` of shape (n, k)."""
        return scipy.stats.t(float(self.df), loc=self.mean(z), scale=self.scale_at(z))
