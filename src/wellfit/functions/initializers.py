"""Initializers: starting weights whose variance keeps signals alive through the layers.

They draw from a numpy generator on the host: nothing is compiled, and a member's start depends on its own seed alone.
"""

import math
from collections.abc import Callable

import numpy as np

from wellfit.core.names import look_up

# variance of the weights as a function of fan-in and fan-out
VARIANCES: dict[str, Callable[[int, int], float]] = {
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),  # Glorot and Bengio 2010; theory C-212, E-01
    "he": lambda fan_in, fan_out: 2 / fan_in,  # He et al. 2015, for rectifiers
    "lecun": lambda fan_in, fan_out: 1 / fan_in,  # LeCun et al. 1998; for selu
}

INITIALIZERS = tuple(f"{rule}_{shape}" for rule in VARIANCES for shape in ("uniform", "normal")) + ("zeros",)

FOR_ACTIVATION = {
    **dict.fromkeys(("identity", "linear", "sigmoid", "tanh", "softsign", "hard_tanh", "hard_sigmoid"), "glorot"),
    "selu": "lecun",
}


def initialize(
    name: str | float, rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int
) -> np.ndarray:
    """Starting weights (float64) by name, or all equal to a number.

    A uniform draw on (-a, a) has a = sqrt(3 * variance): for Glorot's rule a = sqrt(6/(fan_in + fan_out)).
    Equal weights make units that stay equal for ever (theory E-14): a number is for teaching.

    >>> w = initialize("glorot_uniform", np.random.default_rng(0), (784, 300), 784, 300)
    >>> bool(abs(w).max() <= 0.0744), w.shape
    (True, (784, 300))
    """
    if isinstance(name, int | float):
        return np.full(shape, float(name))
    look_up(name, dict.fromkeys(INITIALIZERS), "initializer")
    if name == "zeros":
        return np.zeros(shape)
    rule, _, form = name.partition("_")
    deviation = math.sqrt(VARIANCES[rule](max(fan_in, 1), max(fan_out, 1)))
    if form == "normal":
        return deviation * rng.standard_normal(shape)
    bound = math.sqrt(3) * deviation
    return rng.uniform(-bound, bound, shape)


def for_activation(activation: str, form: str = "uniform") -> str:
    """The initializer that suits an activation: Glorot for squashing ones, LeCun for selu, He for rectifiers."""
    return f"{FOR_ACTIVATION.get(activation, 'he')}_{form}"
