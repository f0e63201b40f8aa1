"""Radial functions beside scipy's, and distances by products."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.interpolate import RBFInterpolator
from scipy.spatial.distance import cdist

from wellfit.functions.radial import KERNELS, squared_distances

THEIRS = {"thin_plate": "thin_plate_spline"}
SIGNS = {"multiquadric": -1, "linear": -1}


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_are_scipys(name):
    r = np.linspace(0, 3, 50)
    epsilon = 1 / np.sqrt(2) if name == "gaussian" else 1.0
    # one centre of coefficient 1 and no polynomial: the interpolant is the kernel itself
    theirs = RBFInterpolator(np.zeros((1, 1)), np.ones(1), kernel="gaussian", epsilon=epsilon, degree=-1)
    theirs.kernel, theirs._coeffs = THEIRS.get(name, name), np.ones((1, 1))
    np.testing.assert_allclose(KERNELS[name](r**2), SIGNS.get(name, 1) * theirs(r[:, None]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", KERNELS)
def test_the_gradient_at_the_centre_is_0_and_finite_around(name):
    centre = jnp.array([[0.3, -1.0]])

    def value(x):
        return KERNELS[name](squared_distances(x[None], centre))[0, 0]

    gradient = jax.jit(jax.grad(value))
    np.testing.assert_array_equal(gradient(centre[0]), 0)
    assert np.isfinite(jax.grad(KERNELS[name])(0.0))
    for size in (1e-30, 1e-10, 1e-3, 1.0, 1e3):
        assert np.isfinite(gradient(centre[0] + size)).all()


def test_distances_are_scipys_far_from_0_too():
    rng = np.random.default_rng(0)
    x, c = rng.normal(size=(40, 7)), rng.normal(size=(9, 7))
    np.testing.assert_allclose(squared_distances(x, c), cdist(x, c, "sqeuclidean"), rtol=1e-10)
    np.testing.assert_allclose(squared_distances(x + 1e6, c + 1e6), cdist(x, c, "sqeuclidean"), rtol=1e-6)
    assert (squared_distances(c.astype(np.float32), c.astype(np.float32)) >= 0).all()
