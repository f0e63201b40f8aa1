"""The cosine of turns is that of numpy to rounding, in both precisions, in a program too, with the right slopes."""

import jax
import numpy as np
import pytest

from wellfit.functions.turns import cosine_of_turns


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 6e-7), (np.float64, 5e-15)])
def test_it_is_the_cosine(dtype, tolerance):
    u = np.linspace(-6, 6, 20_001).astype(dtype)
    exact = np.cos(2 * np.pi * (u.astype(np.float64) % 1))
    assert cosine_of_turns(u).dtype == dtype
    np.testing.assert_allclose(cosine_of_turns(u), exact, rtol=0, atol=tolerance)
    with jax.enable_x64(dtype == np.float64):
        np.testing.assert_allclose(np.asarray(jax.jit(cosine_of_turns)(u)), exact, rtol=0, atol=tolerance)


def test_whole_turns_change_nothing():
    u = np.linspace(0, 1, 101)
    np.testing.assert_allclose(cosine_of_turns(u + 7), cosine_of_turns(u), rtol=0, atol=2e-14)


def test_its_slope_is_the_sines():
    u = np.linspace(-1.7, 1.7, 801).astype(np.float32)
    slopes = np.asarray(jax.vmap(jax.grad(cosine_of_turns))(u))
    np.testing.assert_allclose(slopes, -2 * np.pi * np.sin(2 * np.pi * u.astype(float)), atol=2e-4)
