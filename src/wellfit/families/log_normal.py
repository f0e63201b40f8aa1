"""Positive targets with a long tail: the log-normal likelihood."""

from typing import Any

import numpy as np
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.number_family import NumberFamily
from wellfit.functions import metrics
from wellfit.functions.links import MINIMUM_SCALE, positive_scale, raw_scale
from wellfit.functions.losses.positives import log_normal_nll
from wellfit.functions.numerics import like, namespace, safe_exp


@spec
class LogNormal(NumberFamily):
    """log y ~ N(m, s²): z (n, 2k) = k locations m of log y, then k raw scales (s = softplus + 0.001); y (n, k) > 0.

    Loss in nats. The scale is always learnt: the mean e^(m + s²/2), which is predicted, needs it; the median is e^m.

    >>> LogNormal().bind(1).loss(np.array([[0.0, 0.0]]), np.array([[1.0]])).round(6)
    array([0.553867])
    """

    name = "log_normal"
    target = "positives"
    domain = "numbers above 0"
    targets: int = static(default=1)

    @property
    def outputs(self) -> int:
        """A location and a raw scale a target."""
        return 2 * self.targets

    def _parts(self, z: Array) -> tuple[Array, Array]:
        return z[:, : self.targets], positive_scale(z[:, self.targets :])

    def loss(self, z: Array, y: Array) -> Array:
        """The negative log density summed over targets, (n, 2k) and (n, k) -> (n,)."""
        location, scale = self._parts(z)
        return namespace(z, y).sum(log_normal_nll(location, y, scale), axis=-1)

    def mean(self, z: Array) -> Array:
        """e^(m + s²/2) (n, k)."""
        location, scale = self._parts(z)
        return safe_exp(location + 0.5 * scale * scale)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The weighted mean of log y, and the raw scale of its weighted standard deviation: (2k,)."""
        log_y = np.log(np.asarray(y, np.float64))
        return np.concatenate([weighted.mean(log_y, w), raw_scale(weighted.std(log_y, w))])

    def floor(self, y: Array) -> Array:
        """The loss of an exact location at the smallest scale (n,)."""
        xp = namespace(y)
        return xp.sum(log_normal_nll(xp.log(y), y, like(MINIMUM_SCALE, y)), axis=-1)

    def score(self, z: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
        """R2 of log y, averaged over targets."""
        return metrics.r2(z[:, : self.targets], np.log(y), w)

    def reason(self, facts: Any) -> str:
        """Why: positive numbers with a long tail."""
        return "y is numbers above 0 with a long tail: LogNormal, whose logarithm is normal."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.lognorm`` of shape (n, k)."""
        location, scale = (np.asarray(part, np.float64) for part in self._parts(z))
        return scipy.stats.lognorm(scale, scale=np.exp(location))
