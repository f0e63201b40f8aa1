"""Constraints on weights."""

import jax
import numpy as np
import pytest

from wellfit.functions.constraints import max_norm


def test_max_norm_is_torchs_renorm_and_leaves_the_rest_alone():
    torch = pytest.importorskip("torch")
    w = np.random.default_rng(0).normal(size=(6, 5)) * np.linspace(0.1, 2, 5)
    theirs = torch.renorm(torch.tensor(w), p=2, dim=1, maxnorm=1.5).numpy()
    np.testing.assert_allclose(max_norm(w, 1.5), theirs, rtol=1e-6)
    inside = np.linalg.norm(w, axis=0) <= 1.5
    assert 0 < inside.sum() < 5
    np.testing.assert_array_equal(max_norm(w, 1.5)[:, inside], w[:, inside])


def test_max_norm_of_zeros_stacks_and_failures():
    assert not max_norm(np.zeros((3, 2)), 1.0).any()
    stack = np.random.default_rng(0).normal(size=(4, 6, 5))
    np.testing.assert_array_equal(max_norm(stack, 0.5)[2], max_norm(stack[2], 0.5))
    assert np.isnan(max_norm(np.array([[np.nan], [5.0]]), 1.0)).any()  # a failed step must be seen
    small = jax.jit(max_norm)(np.full((2, 1), 3.0, np.float32), np.float32(1))
    np.testing.assert_allclose(np.linalg.norm(small), 1, rtol=1e-6)
