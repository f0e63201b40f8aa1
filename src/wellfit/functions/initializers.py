"""Initializers: starting weights whose variance keeps signals alive through the layers.

They draw from a numpy generator on the host: nothing is compiled, and a member's start depends on its own seed alone.
"""

import math
from collections.abc import Callable

import numpy as np

from wellfit.core.names import look_up
from wellfit.core.types import Array

# variance of the weights as a function of fan-in and fan-out
VARIANCES: dict[str, Callable[[int, int], float]] = {
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),  # Glorot and Bengio 2010; theory C-212, E-01
    "he": lambda fan_in, fan_out: 2 / fan_in,  # He et al. 2015, for rectifiers
    "lecun": lambda fan_in, fan_out: 1 / fan_in,  # LeCun et al. 1998; for selu
}

SMALL = 0.01
"""The standard deviation of ``"small_random"``."""

LSUV = "lsuv"
"""The initializer that needs training rows."""

INITIALIZERS = (
    *(f"{rule}_{shape}" for rule in VARIANCES for shape in ("uniform", "normal")),
    *("orthogonal", LSUV, "small_random", "constant", "zeros"),
)

FOR_ACTIVATION = {
    **dict.fromkeys(("identity", "linear", "sigmoid", "tanh", "softsign", "hard_tanh", "hard_sigmoid"), "glorot"),
    "selu": "lecun",
}


def initialize(
    name: str | float,
    rng: np.random.Generator,
    shape: tuple[int, ...],
    fan_in: int,
    fan_out: int,
    *,
    gain: float | None = None,
    rows: Array | None = None,
) -> np.ndarray:
    """Starting weights (float64) by name, or all equal to a number.

    glorot, he, lecun
        ``_uniform`` on (-a, a) with a = sqrt(3 * variance), ``_normal`` N(0, variance); the variance is
        2/(fan_in + fan_out), 2/fan_in, 1/fan_in: so Glorot's a = sqrt(6/(fan_in + fan_out)).
    orthogonal
        Orthonormal columns, or rows where there are more columns (Saxe et al. 2014).
    lsuv
        Orthogonal, then scaled so that the outputs of training ``rows`` (m, d) have variance 1 (Mishkin and Matas
        2016).
    small_random
        N(0, 0.01²).
    constant, zeros
        All 1, or 0. Units with equal weights going in and out stay equal for ever (theory E-14): for teaching.

    ``gain`` multiplies what is drawn: it is the value of ``"constant"`` and the deviation of ``"small_random"``.

    >>> w = initialize("glorot_uniform", np.random.default_rng(0), (784, 300), 784, 300)
    >>> bool(abs(w).max() <= 0.0744), w.shape
    (True, (784, 300))
    """
    if isinstance(name, int | float):
        return np.full(shape, float(name))
    look_up(name, dict.fromkeys(INITIALIZERS), "initializer")
    factor = float((SMALL if name == "small_random" else 1.0) if gain is None else gain)
    return factor * _drawn(name, rng, shape, fan_in, fan_out, rows)


def _drawn(
    name: str, rng: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int, rows: Array | None
) -> np.ndarray:
    if name in ("zeros", "constant"):
        return np.full(shape, float(name == "constant"))
    if name == "small_random":
        return rng.standard_normal(shape)
    if name in ("orthogonal", LSUV):
        weight = orthogonal(rng, shape)
        return weight if name == "orthogonal" else of_unit_variance(weight, rows)
    rule, _, form = name.partition("_")
    deviation = math.sqrt(VARIANCES[rule](max(fan_in, 1), max(fan_out, 1)))
    if form == "normal":
        return deviation * rng.standard_normal(shape)
    bound = math.sqrt(3) * deviation
    return rng.uniform(-bound, bound, shape)


def orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """A random matrix with W^T W = 1, or W W^T = 1 where it is wider than high; the last axis is the columns.

    From the QR decomposition of normal numbers. The signs of R's diagonal are taken into Q: without, the distribution
    would not be uniform over orthogonal matrices (Mezzadri 2007).
    """
    columns = shape[-1]
    height = math.prod(shape[:-1])
    draws = rng.standard_normal((max(height, columns), min(height, columns)))
    q, r = np.linalg.qr(draws)
    q *= np.where(np.diag(r) < 0, -1.0, 1.0)
    return (q if height >= columns else q.T).reshape(shape)


def of_unit_variance(weight: np.ndarray, rows: Array | None) -> np.ndarray:
    """W (d, units) scaled so that rows @ W, all numbers together, has variance 1; as it is where that does not vary."""
    if rows is None:
        raise ValueError(
            "the initializer 'lsuv' scales weights by what training rows make of them, and has no rows; pass some to "
            "init(rng, shape, rows)."
        )
    deviation = float(np.std(np.asarray(rows, np.float64) @ weight))
    return weight / deviation if deviation > 0 else weight


def units_stay_equal(incoming: np.ndarray, outgoing: np.ndarray) -> bool:
    """Whether a layer's units (d, m) -> (m, k) start alike on both sides, and so have equal gradients for ever."""
    if incoming.ndim != 2 or outgoing.ndim != 2 or incoming.shape[1] != len(outgoing) or len(outgoing) < 2:
        return False
    return bool((incoming == incoming[:, :1]).all() and (outgoing == outgoing[:1]).all())


def for_activation(activation: str, form: str = "uniform") -> str:
    """The initializer that suits an activation: Glorot for squashing ones, LeCun for selu, He for rectifiers."""
    return f"{FOR_ACTIVATION.get(activation, 'he')}_{form}"
