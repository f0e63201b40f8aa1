"""Products with the generalised Gauss-Newton matrix, against the matrix formed row by row (theory C-194)."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.helpers import tiny
from wellfit.core.spec import numbers_as
from wellfit.families.table import resolve
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.optimizers.linear_solve import solve
from wellfit.optimizers.natural_gradient import NaturalGradient
from wellfit.training.curvature import curvature_product, without_negative
from wellfit.training.loop import train
from wellfit.training.plan import Plan
from wellfit.training.quasi_newton import Layout

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3))
W = np.array([1.0, 2, 0.5, 1, 3, 1, 1, 2, 1, 1, 0, 0])  # the last two are padding
FAMILIES = {
    "normal": (resolve("normal", "reals", 2), RNG.normal(size=(12, 2))),
    "categorical": (resolve("categorical", "classes", 3), RNG.integers(0, 3, 12)),
    "bernoulli": (resolve("bernoulli", "classes", 2), RNG.integers(0, 2, 12).astype(float)),
    "learnt_scale": (
        dataclasses.replace(resolve("normal", "reals", 1), learn_scale=True),  # not convex
        RNG.normal(size=(12, 1)),
    ),
    "student_t": (resolve("student_t", "reals", 1), 3 * RNG.normal(size=(12, 1))),  # not convex
    "laplace": (resolve("laplace", "reals", 1), RNG.normal(size=(12, 1))),  # flat
}


def network(outputs):
    return Network((Dense(4), Activation("tanh"), Dense(outputs)))


def per_row(family, z, y):
    """H of each row as it is meant: no negative eigenvalue, the gradient's outer product where it is 0."""

    def loss(z, y):
        return family.loss(z[None], y[None])[0]

    hessians, slopes = jax.jit(lambda z, y: (jax.vmap(jax.hessian(loss))(z, y), jax.vmap(jax.grad(loss))(z, y)))(z, y)
    values, vectors = np.linalg.eigh(hessians)
    slopes = np.asarray(slopes)
    kept = np.einsum("nij,nj,nkj->nik", vectors, np.maximum(values, 0), vectors)
    return np.where((values == 0).all(axis=1)[:, None, None], slopes[:, :, None] * slopes[:, None, :], kept)


def dense_matrix(family, net, params, y, w, divisor):
    """F formed: Σ w Jᵀ H J / divisor, and where the numbers lie in one vector."""
    layout = Layout.of(params)
    flat = layout.pack(params)

    def outputs(flat):
        return net.apply(layout.unpack(flat), ({},) * 3, X)[0]

    z, slopes = jax.jit(lambda flat: (outputs(flat), jax.jacobian(outputs)(flat)))(flat)
    return np.einsum("n,nki,nkl,nlj->ij", w, slopes, per_row(family, z, jnp.asarray(y)), slopes) / divisor, layout


def start(net, seed=1):
    params = net.init(np.random.default_rng(seed), (3,))
    return jax.tree.map(np.asarray, params)


def product_at(plan, params, y, w=W, **changes):
    sums = {"divisor": jnp.asarray(w.sum()), "total_weight": jnp.asarray(w.sum()), **changes}
    return curvature_product(
        plan, params, ({},) * 3, jnp.asarray(X), jnp.asarray(y), jnp.asarray(w),
        **sums, context=Context(dtype=np.float64),
    )  # fmt: skip


@pytest.mark.parametrize("name", FAMILIES)
def test_products_are_the_matrixs(name):
    family, y = FAMILIES[name]
    net = network(family.outputs)
    with jax.enable_x64(True):
        plan, params = numbers_as(Plan(net, family, NaturalGradient()), np.float64), start(net)
        matrix, layout = dense_matrix(family, net, params, y, W, W.sum())

        @jax.jit
        def products(params):
            product = product_at(plan, params, y)
            return jax.vmap(lambda e: layout.pack(product(layout.unpack(e))))(jnp.eye(len(matrix)))

        found = np.asarray(products(params))
    np.testing.assert_allclose(found, matrix, atol=1e-9)
    assert np.linalg.eigvalsh(matrix)[-1] > 0.01
    assert np.linalg.eigvalsh(0.5 * (found + found.T))[0] > -1e-12


@pytest.mark.slow
def test_the_l2_prior_adds_its_precision_to_weights_alone():
    family, y = FAMILIES["normal"]
    net = network(2)
    with jax.enable_x64(True):
        plan, params = numbers_as(Plan(net, family, NaturalGradient(), l2=0.7), np.float64), start(net)
        bare = numbers_as(Plan(net, family, NaturalGradient()), np.float64)
        v = jax.tree.map(lambda leaf: RNG.normal(size=leaf.shape), params)
        with_prior, without = product_at(plan, params, y)(v), product_at(bare, params, y)(v)
        for new, old, own in zip(with_prior, without, v, strict=True):
            for label in own:
                more = 0.7 / W.sum() * own[label] if label == "weight" else 0
                np.testing.assert_allclose(new[label], old[label] + more, atol=1e-12)


@pytest.mark.slow
def test_a_weight_of_two_is_the_row_twice_and_padding_is_nothing():
    family, y = FAMILIES["categorical"]
    net, whole = network(3), np.array([1.0, 2, 1, 1, 3, 1, 1, 2, 1, 1, 0, 0])
    with jax.enable_x64(True):
        plan, params = numbers_as(Plan(net, family, NaturalGradient()), np.float64), start(net)
        v = jax.tree.map(lambda leaf: RNG.normal(size=leaf.shape), params)
        weighted = product_at(plan, params, y, whole)(v)
        rows = np.repeat(np.arange(12), whole.astype(int))
        repeated = curvature_product(
            plan, params, ({},) * 3, jnp.asarray(X[rows]), jnp.asarray(y[rows]), jnp.ones(len(rows)),
            divisor=jnp.asarray(14.0), total_weight=jnp.asarray(14.0), context=Context(dtype=np.float64),
        )(v)  # fmt: skip
    for one, other in zip(jax.tree.leaves(weighted), jax.tree.leaves(repeated), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-13)


@pytest.mark.slow
def test_padding_may_have_no_finite_curvature():
    family = resolve("gamma", "reals", 1)
    y = np.where(W > 0, 1.0, 0.0)[:, None] * 0.7  # log 0 in the padding
    net = network(family.outputs)
    with jax.enable_x64(True):
        plan, params = numbers_as(Plan(net, family, NaturalGradient()), np.float64), start(net)
        found = product_at(plan, params, y)(jax.tree.map(np.ones_like, params))
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(found))


@pytest.mark.parametrize("size", [1, 2, 5])
def test_without_negative_eigenvalues(size):
    a = RNG.normal(size=(20, size, size))
    a = a + np.swapaxes(a, 1, 2)
    a[0] = 0
    values, vectors = np.linalg.eigh(a)
    expected = np.einsum("bij,bj,bkj->bik", vectors, np.maximum(values, 0), vectors)
    with jax.enable_x64(True):
        np.testing.assert_allclose(without_negative(jnp.asarray(a)), expected, atol=1e-6)


def test_conjugate_gradients_solve_n_equations_in_n_products():
    q = np.linalg.qr(RNG.normal(size=(8, 8)))[0]
    a = q * np.geomspace(1, 50, 8) @ q.T
    b = {"one": RNG.normal(size=3), "two": RNG.normal(size=5)}

    def product(v):
        found = a @ jnp.concatenate([v["one"], v["two"]])
        return {"one": found[:3], "two": found[3:]}

    with jax.enable_x64(True):
        found = solve(product, jax.tree.map(jnp.asarray, b), jnp.asarray(1e-10), 100)
    assert int(found.steps) == 8
    np.testing.assert_allclose(
        np.concatenate([found.x["one"], found.x["two"]]),
        np.linalg.solve(a, np.concatenate([b["one"], b["two"]])),
        rtol=1e-9,
    )


@pytest.mark.parametrize("full_batch", [True, False])
def test_a_step_is_the_dense_solution(full_batch):
    """One step of the program, on all rows or on a batch of one size, equals (F + λ I)⁻¹ g to 1e-8."""
    family, n = tiny.Squares(1), 10
    net, y, damping = network(1), RNG.normal(size=(12, 1)), 0.05
    method = NaturalGradient(damping=damping, tolerance=1e-13, max_solve_steps=500)
    with jax.enable_x64(True):
        plan = Plan(net, family, method, max_epochs=1, batch_size=16, full_batch=full_batch)
        plan = numbers_as(plan, np.float64)
        data, rows = tiny.arrays(X[:n], y[:n], W[:n], dtype=np.float64)
        states = tiny.states(plan, d=3, dtype=np.float64)
        before = states[0].moving.params
        after = jax.tree.map(lambda leaf: leaf[0], train(plan, data, rows, states).params)
        matrix, layout = dense_matrix(family, net, before, y, W, W.sum())

        def mean_loss(flat):
            z, _ = net.apply(layout.unpack(flat), ({},) * 3, X)
            return jnp.sum(W * family.loss(z, y)) / W.sum()

        slope = jax.grad(mean_loss)(jnp.asarray(layout.pack(before)))
    step = np.linalg.solve(matrix + damping * np.eye(len(matrix)), slope)
    moved = layout.pack(before) - layout.pack(after)
    share = moved @ step / (step @ step)
    assert share in (pytest.approx(1, abs=1e-8), pytest.approx(0.5, abs=1e-8), pytest.approx(0.25, abs=1e-8))
    np.testing.assert_allclose(moved, share * step, atol=1e-8)
