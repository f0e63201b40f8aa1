"""Trees of arrays, leaf by leaf."""

import jax
import numpy as np


def close(one, other, tolerance):
    """Whether they are equal to a tolerance, relative or absolute."""
    for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def same_bits(first, *others):
    """Whether they are the same."""
    for other in others:
        for a, b in zip(jax.tree.leaves(first), jax.tree.leaves(other), strict=True):
            np.testing.assert_array_equal(a, b)
