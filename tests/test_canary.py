"""A canary for the compiler: a row reduction that jax 0.10.2 gets silently wrong in its last row on CPU.

The version bound in pyproject.toml rests on this test. wellfit itself never maps over
rows: it multiplies (n, d) blocks.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest


@pytest.mark.parametrize(("rows", "dtype"), [(16_385, np.float64), (32_769, np.float32)])
def test_mapped_row_reduction(rows, dtype):
    rng = np.random.default_rng(0)
    M, X = rng.normal(size=(3, 3)).astype(dtype), rng.normal(size=(rows, 3)).astype(dtype)
    with jax.enable_x64(dtype == np.float64):
        found = np.asarray(jax.jit(jax.vmap(lambda r: jnp.sum((M @ r) ** 2)))(X))
    np.testing.assert_allclose(found, ((X @ M.T) ** 2).sum(axis=1), rtol=1e-4)


@pytest.mark.parametrize(("rows", "dtype"), [(16_385, np.float64), (32_769, np.float32)])
def test_blocks_of_rows_as_wellfit_multiplies_them(rows, dtype):
    rng = np.random.default_rng(0)
    W, X = rng.normal(size=(3, 4)).astype(dtype), rng.normal(size=(rows, 3)).astype(dtype)
    with jax.enable_x64(dtype == np.float64):
        found = np.asarray(jax.jit(lambda x: jnp.sum((x @ W) ** 2, axis=1))(X))
    np.testing.assert_allclose(found, ((X @ W) ** 2).sum(axis=1), rtol=1e-4)
