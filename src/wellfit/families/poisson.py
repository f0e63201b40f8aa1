"""Counts whose variance is about their mean: the Poisson likelihood."""

from typing import Any

import numpy as np
import scipy.stats

from wellfit.core import weighted
from wellfit.core.spec import spec, static
from wellfit.core.types import Array
from wellfit.families.count_family import CountFamily
from wellfit.functions.links import exp_link, log_of
from wellfit.functions.losses.counts import poisson_nll
from wellfit.functions.numerics import namespace


@spec
class Poisson(CountFamily):
    """y ~ Poisson(e^z): z (n, k) log means, y (n, k) counts, loss in nats.

    Loss = Σ e^z - y z + log y!. Keras' and torch's Poisson losses leave log y! out unless asked; with it
    losses of different families can be compared.

    >>> Poisson().bind(1).loss(np.array([[0.0]]), np.array([[2.0]])).round(6)
    array([1.693147])
    """

    name = "poisson"
    targets: int = static(default=1)

    def loss(self, z: Array, y: Array) -> Array:
        """Σ e^z - y z + log y!, (n, k) twice -> (n,)."""
        return namespace(z, y).sum(poisson_nll(z, y), axis=-1)

    def mean(self, z: Array) -> Array:
        """The expected counts (n, k)."""
        return exp_link(z)

    def intercept(self, y: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The logs (k,) of the weighted means."""
        return log_of(weighted.mean(y, w))

    def reason(self, facts: Any) -> str:
        """Why: counts."""
        return "y is counts (non-negative integers) whose variance is near their mean: Poisson."

    def distribution(self, z: np.ndarray) -> Any:
        """``scipy.stats.poisson`` of shape (n, k)."""
        return scipy.stats.poisson(self.mean(z))
