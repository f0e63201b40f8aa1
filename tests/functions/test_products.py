"""Products of rounded factors, against numpy's with factors rounded by ml_dtypes."""

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest

from wellfit.functions.products import MATMUL_PRECISIONS, product

RNG = np.random.default_rng(0)
SHAPES = {"rows": ((9, 5), (5, 4)), "batches": ((3, 9, 5), (3, 5, 4))}


def short(values):
    return np.asarray(values).astype(ml_dtypes.bfloat16).astype(np.float64)


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_products_and_both_of_the_gradient_have_short_factors(shapes):
    x, weight = (RNG.normal(size=size).astype(np.float32) for size in shapes)
    z, pull = jax.vjp(lambda x, weight: product(x, weight, "bfloat16"), jnp.asarray(x), jnp.asarray(weight))
    slope = RNG.normal(size=z.shape).astype(np.float32)
    back = pull(jnp.asarray(slope))
    expected = (
        short(x) @ short(weight),
        short(slope) @ short(weight).swapaxes(-1, -2),
        short(x).swapaxes(-1, -2) @ short(slope),
    )
    for found, by_hand in zip((z, *back), expected, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, by_hand, rtol=1e-5, atol=1e-5)
    assert np.abs(z - x.astype(np.float64) @ weight).max() > 1e-3, "nothing was rounded"


def test_what_a_gpu_is_asked_for():
    """All three products get factors of 16 bits, and give sums of 32; nothing is run there."""

    def loss(x, weight):
        return jnp.sum(product(x, weight, "bfloat16") ** 2)

    traced = jax.jit(jax.grad(loss, argnums=(0, 1))).trace(jnp.ones((8, 4)), jnp.ones((4, 2)))
    text = traced.lower(lowering_platforms=("cuda",)).as_text()
    lines = [line for line in text.splitlines() if "dot_general" in line]
    assert len(lines) == 3
    for line in lines:
        arguments, result = line.split(" : ")[1].split(" -> ")
        assert arguments.count("bf16") == 2, line
        assert "xf32>" in result, line


@pytest.mark.parametrize("name", MATMUL_PRECISIONS)
def test_numpy_and_a_vmap_go_through(name):
    x, weight = RNG.normal(size=(6, 5)), RNG.normal(size=(5, 4))
    np.testing.assert_array_equal(product(x, weight, name), x @ weight)
    many = jax.vmap(lambda x: product(x, jnp.asarray(weight, jnp.float32), name))(jnp.asarray(x[:, None], jnp.float32))
    np.testing.assert_allclose(many[:, 0], x @ weight, atol=0.05)
