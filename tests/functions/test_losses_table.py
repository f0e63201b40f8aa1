"""What holds for every loss: one number for numpy and JAX, gradients equal to differences, finite far out."""

import itertools

import jax
import numpy as np
import pytest
import scipy.special

from wellfit.functions.losses import (
    classification,
    counts,
    margin,
    ordinal,
    positives,
    proportions,
    regression,
    robust,
)
from wellfit.functions.numerics import like

RNG = np.random.default_rng(3)
N = 24
REALS, COUNTS = RNG.normal(0, 2, N), RNG.poisson(3, N).astype(float)
POSITIVES, PROPORTIONS = RNG.gamma(2, 1, N), RNG.beta(2, 3, N)
CLASSES, SOFT = RNG.integers(0, 4, N).astype(np.int32), RNG.dirichlet(np.ones(4), N)
SIGNS = np.where(RNG.random(N) < 0.5, -1.0, 1.0)


def scale(z):
    return like(np.exp(0.3), z) + 0 * z[:, 1]  # a scale of z's type and precision


def of(y, z):
    """The target in z's precision; class numbers as they are."""
    return y if y.dtype.kind == "i" else like(y, z)


# name -> (loss of raw outputs (n, columns), columns)
LOSSES = {
    "squared error": (lambda z: regression.squared_error(z[:, 0], of(REALS, z)), 1),
    "absolute error": (lambda z: regression.absolute_error(z[:, 0], of(REALS, z)), 1),
    "power error": (lambda z: regression.power_error(z[:, 0], of(REALS, z), 1.5), 1),
    "huber": (lambda z: regression.huber(z[:, 0], of(REALS, z), 1.3), 1),
    "pseudo-huber": (lambda z: regression.pseudo_huber(z[:, 0], of(REALS, z), 1.3), 1),
    "log cosh": (lambda z: regression.log_cosh(z[:, 0], of(REALS, z)), 1),
    "pinball": (lambda z: regression.pinball(z[:, 0], of(REALS, z), like(0.3, z)), 1),
    "normal": (lambda z: regression.normal_nll(z[:, 0], of(REALS, z), scale(z)), 2),
    "laplace": (lambda z: regression.laplace_nll(z[:, 0], of(REALS, z), scale(z)), 2),
    "hyperbolic secant": (lambda z: regression.hyperbolic_secant_nll(z[:, 0], of(REALS, z), scale(z)), 2),
    "student t": (lambda z: regression.student_t_nll(z[:, 0], of(REALS, z), scale(z), 4.0), 2),
    "generalized normal": (lambda z: regression.generalized_normal_nll(z[:, 0], of(REALS, z), scale(z), 1.5), 2),
    "poisson": (lambda z: counts.poisson_nll(z[:, 0], of(COUNTS, z)), 1),
    "negative binomial": (lambda z: counts.negative_binomial_nll(z[:, 0], z[:, 1], of(COUNTS, z)), 2),
    "zero-inflated poisson": (lambda z: counts.zero_inflated_poisson_nll(z[:, 0], z[:, 1], of(COUNTS, z)), 2),
    "gamma": (lambda z: positives.gamma_nll(z[:, 0], of(POSITIVES, z), scale(z)), 2),
    "log-normal": (lambda z: positives.log_normal_nll(z[:, 0], of(POSITIVES, z), scale(z)), 2),
    "tweedie": (lambda z: positives.half_tweedie_deviance(z[:, 0], of(COUNTS, z), 1.5), 1),
    "beta": (lambda z: proportions.beta_nll(z[:, 0], of(PROPORTIONS, z), scale(z)), 2),
    "binary cross-entropy": (lambda z: classification.binary_cross_entropy(z[:, 0], of(PROPORTIONS, z)), 1),
    "cross-entropy": (lambda z: classification.cross_entropy(z, CLASSES), 4),
    "soft cross-entropy": (lambda z: classification.cross_entropy(z, of(SOFT, z)), 4),
    "smoothed cross-entropy": (lambda z: classification.cross_entropy(z, CLASSES, 0.1), 4),
    "kl": (lambda z: classification.kl_loss(z, of(SOFT, z)), 4),
    "ordinal": (lambda z: -ordinal.cumulative_log_probabilities(z)[np.arange(N, dtype=np.int32), CLASSES], 3),
    "hinge": (lambda z: margin.hinge(z[:, 0] * of(SIGNS, z)), 1),
    "squared hinge": (lambda z: margin.squared_hinge(z[:, 0] * of(SIGNS, z)), 1),
    "exponential": (lambda z: margin.exponential(z[:, 0] * of(SIGNS, z)), 1),
    "weston-watkins": (lambda z: margin.weston_watkins(z, CLASSES), 4),
    "crammer-singer": (lambda z: margin.crammer_singer(z, CLASSES), 4),
    "squared weston-watkins": (lambda z: margin.weston_watkins(z, CLASSES, margin.squared_hinge), 4),
    "exponential of classes": (lambda z: margin.weston_watkins(z, CLASSES, margin.exponential), 4),
    "focal": (lambda z: robust.focal(z[:, 0], 2.0), 1),
    "focal of classes": (lambda z: robust.focal(robust.true_log_odds(z, CLASSES), 2.0), 4),
    "generalized cross-entropy": (lambda z: robust.generalized_cross_entropy(z[:, 0], 0.7), 1),
    "probability error": (lambda z: robust.probability_error(robust.true_log_odds(z, CLASSES)), 4),
}


@jax.jit
def program(z):
    """Every loss and the gradient of its sum, for z of every width: one program for all tests of a precision."""
    both = {name: lambda z, f=f: (f(z), jax.grad(lambda z: f(z).sum())(z)) for name, (f, _) in LOSSES.items()}
    return {name: f(z[LOSSES[name][1]]) for name, f in both.items()}


def values_and_slopes(z, dtype=np.float64):
    with jax.enable_x64(dtype is np.float64):
        return jax.tree.map(np.asarray, program(z))


def test_host_and_program_agree_and_gradients_equal_differences():
    z = {width: RNG.normal(0, 1.5, (N, width)) for width in (1, 2, 3, 4)}
    found = values_and_slopes(z)
    for name, (f, width) in LOSSES.items():
        value, slope = found[name]
        assert value.shape == (N,), name
        np.testing.assert_allclose(f(z[width]), value, rtol=1e-11, atol=1e-13, err_msg=name)
        for column in range(width):
            move = 1e-6 * np.eye(width)[column]
            difference = (f(z[width] + move) - f(z[width] - move)) / 2e-6
            np.testing.assert_allclose(slope[:, column], difference, rtol=2e-6, atol=2e-8, err_msg=name)


@pytest.mark.parametrize(("dtype", "far"), [(np.float64, 700.0), (np.float32, 80.0)])
def test_finite_far_out_on_the_host_and_in_a_program(dtype, far):
    z = {width: far * RNG.choice([-1.0, 1.0, 0.5, 0.0], (N, width)).astype(dtype) for width in (1, 2, 3, 4)}
    found = values_and_slopes(z, dtype)
    for name, (f, width) in LOSSES.items():
        value, slope = found[name]
        assert value.dtype == slope.dtype == dtype, name
        assert f(z[width]).dtype == dtype, name
        assert np.isfinite(value).all(), name
        assert np.isfinite(slope).all(), name
        np.testing.assert_allclose(
            f(z[width]), value, rtol=2e-5 if dtype is np.float32 else 1e-11, atol=1e-30, err_msg=name
        )


def test_no_loss_but_a_density_is_negative():
    densities = (
        "normal",
        "laplace",
        "hyperbolic secant",
        "student t",
        "generalized normal",
        "gamma",
        "log-normal",
        "beta",
    )
    for name, (f, width) in LOSSES.items():
        if name not in densities:
            assert (f(RNG.normal(0, 4, (N, width))) >= 0).all(), name


def exact(mp):
    """Loss -> its formula as the literature prints it, of mpmath numbers: (z, y) and the numbers the table uses."""
    log, e, gamma = mp.log, mp.exp, mp.loggamma
    sigmoid = lambda z: 1 / (1 + e(-z))  # noqa: E731
    s = e(mp.mpf("0.3"))
    return {
        "pseudo-huber": lambda z, y: mp.mpf(1.3) ** 2 * (mp.sqrt(1 + ((y - z) / mp.mpf(1.3)) ** 2) - 1),
        "log cosh": lambda z, y: log(mp.cosh(y - z)),
        "student t": lambda z, y: -log(
            mp.gamma(2.5) / (mp.sqrt(4 * mp.pi) * mp.gamma(2) * s) * (1 + ((y - z) / s) ** 2 / 4) ** mp.mpf(-2.5)
        ),
        "gamma": lambda z, y: gamma(1 / s**2) - (1 / s**2) * log(1 / s**2 / e(z)) - (1 / s**2 - 1) * log(y)
        + y / e(z) / s**2,
        "tweedie": lambda z, y: -4 * mp.sqrt(y) + 2 * y * e(-z / 2) + 2 * e(z / 2),
        "beta": lambda z, y: gamma(sigmoid(z) / s**2) + gamma((1 - sigmoid(z)) / s**2) - gamma(1 / s**2)
        - (sigmoid(z) / s**2 - 1) * log(y) - ((1 - sigmoid(z)) / s**2 - 1) * log(1 - y),
        "focal": lambda z, y: -((1 - sigmoid(z)) ** 2) * log(sigmoid(z)),
        "generalized cross-entropy": lambda z, y: (1 - sigmoid(z) ** mp.mpf(0.7)) / mp.mpf(0.7),
        "binary cross-entropy": lambda z, y: -y * log(sigmoid(z)) - (1 - y) * log(1 - sigmoid(z)),
        "exponential": lambda z, y: e(-z * y),
    }  # fmt: skip


TARGETS = {
    "gamma": POSITIVES,
    "tweedie": COUNTS,
    "beta": PROPORTIONS,
    "binary cross-entropy": PROPORTIONS,
    "exponential": SIGNS,
}


def test_extremes_at_full_precision():
    mp = pytest.importorskip("mpmath")
    far = np.array([-700.0, -300, -40, -1e-8, 1e-8, 40, 300, 700])
    z = np.resize(far, N)
    with mp.workdps(700):
        for name, formula in exact(mp).items():
            f, width = LOSSES[name]
            y = TARGETS.get(name, REALS)
            expected = np.array([float(formula(mp.mpf(a), mp.mpf(b))) for a, b in zip(z, y, strict=True)])
            found = f(np.column_stack([z] * width))
            where = np.abs(z) < 650 if name == "gamma" else slice(None)  # beyond, e^700 / s² goes on straight
            np.testing.assert_allclose(found[where], expected[where], rtol=1e-11, atol=1e-300, err_msg=name)


def test_classes_at_probabilities_of_1e_300():
    mp = pytest.importorskip("mpmath")
    z = np.array([[0.0, 690.7, -690.7], [690.7, 690.6, 0.0], [-700.0, 700.0, 699.0]])
    y = np.array([0, 2, 1])
    with mp.workdps(700):
        grown = [[mp.exp(mp.mpf(v)) for v in row] for row in z]
        p = [row[t] / sum(row) for row, t in zip(grown, y, strict=True)]
        odds = [row[t] / (sum(row) - row[t]) for row, t in zip(grown, y, strict=True)]
        np.testing.assert_allclose(classification.cross_entropy(z, y), [float(-mp.log(v)) for v in p], rtol=1e-13)
        np.testing.assert_allclose(robust.true_log_odds(z, y), [float(mp.log(v)) for v in odds], rtol=1e-13)
        t = np.array([[1e-300, 0.3, 0.7]] * 3)
        expected = [
            float(sum(mp.mpf(a) * mp.log(mp.mpf(a) / (v / sum(row))) for a, v in zip(t[0], row, strict=True)))
            for row in grown
        ]
        np.testing.assert_allclose(classification.kl_loss(z, t), expected, rtol=1e-13)
        theta = [mp.mpf("0.5"), mp.mpf("0.5") + mp.log(1 + mp.exp(-650)), mp.mpf(701)]
        cdf = [0, *[1 / (1 + mp.exp(-v)) for v in theta], 1]
        middle = [float(mp.log(b - a)) for a, b in itertools.pairwise(cdf)]
    raw = np.array([[-0.5, -650.0, 700.5]])
    np.testing.assert_allclose(ordinal.cumulative_log_probabilities(raw)[0], middle, rtol=1e-12)
    assert scipy.special.logsumexp(ordinal.cumulative_log_probabilities(raw)) == pytest.approx(0, abs=1e-14)
