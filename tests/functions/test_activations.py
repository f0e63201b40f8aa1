"""Activations against torch's and scipy's definitions, worked values, and their derivatives."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from wellfit.functions.activations.rectifiers import elu, leaky_relu, relu
from wellfit.functions.activations.smooth import silu
from wellfit.functions.activations.table import ACTIVATIONS

X = np.array([-700.0, -67, -5, -1.3, -0.5, 0.5, 1, 4, 7, 700])
REFERENCE = {
    "identity": lambda x: x,
    "relu": jax.nn.relu,
    "leaky_relu": lambda x: jax.nn.leaky_relu(x, 0.01),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "gelu": lambda x: x * scipy.stats.norm.cdf(x),
    "silu": jax.nn.silu,
    "swish": jax.nn.silu,
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "softplus": jax.nn.softplus,
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_on_the_host_and_in_a_program(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ACTIVATIONS[name](X)
    with jax.enable_x64(True):
        expected = np.asarray(REFERENCE[name](X))
        traced = np.asarray(jax.jit(ACTIVATIONS[name])(X))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(traced, expected, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivatives_are_finite_and_equal_differences(name):
    with jax.enable_x64(True):
        slopes = np.asarray(jax.vmap(jax.grad(ACTIVATIONS[name]))(X))
    assert np.isfinite(slopes).all()
    inside, h = np.abs(X) < 10, 1e-6
    difference = (ACTIVATIONS[name](X[inside] + h) - ACTIVATIONS[name](X[inside] - h)) / (2 * h)
    np.testing.assert_allclose(slopes[inside], difference, atol=1e-8)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus", "silu", "gelu"])
def test_derivatives_at_exactly_zero(name):
    """A network whose last layer starts at 0 begins there: the kinks of |x| and max must cancel."""
    expected = {"sigmoid": (0.25, 0), "tanh": (1, 0), "softplus": (0.5, 0.25), "silu": (0.5, 0.5)}
    expected["gelu"] = (0.5, np.sqrt(2 / np.pi))
    f = ACTIVATIONS[name]
    with jax.enable_x64(True):
        assert (float(jax.grad(f)(0.0)), float(jax.grad(jax.grad(f))(0.0))) == pytest.approx(expected[name])


def test_relu_has_slope_zero_at_zero_and_hides_no_failure():
    assert float(jax.grad(relu)(0.0)) == 0  # as scikit-learn and torch; the mean 1/2 of jnp.maximum is not theirs
    for name in ACTIVATIONS:
        assert np.isnan(ACTIVATIONS[name](np.float64("nan"))), name


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_single_precision_stays(name):
    assert ACTIVATIONS[name](X.astype(np.float32)).dtype == np.float32
    assert jax.jit(ACTIVATIONS[name])(X.astype(np.float32)).dtype == np.float32


def test_worked_values():
    assert (relu(7.0), relu(-7.0)) == (7, 0)  # N-23
    assert float(leaky_relu(np.float64(-7))) == pytest.approx(-0.07)  # N-24
    assert float(elu(np.float64(-5), 0.1)) == -0.09932620530009145  # N-25
    assert float(silu(np.float64(-67))) == pytest.approx(-5.349885844610276e-28)  # N-26, E-24
    assert float(silu(np.float64(4))) == 3.928055160151634  # N-27, E-24
    low = np.linspace(-2, 0, 100_001)
    assert silu(low).min() == pytest.approx(-0.278465, abs=1e-6)  # N-43
    assert low[silu(low).argmin()] == pytest.approx(-1.278465, abs=1e-4)
