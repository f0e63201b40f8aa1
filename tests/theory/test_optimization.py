"""Descent: step sizes and valleys, momentum, adaptive rates, second order, and what a batch is."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.helpers.descent import XOR_X, XOR_Y, mean_loss, normal_start
from wellfit.core.spec import numbers_as
from wellfit.families.bernoulli import Bernoulli
from wellfit.functions.activations.rectifiers import elu, leaky_relu
from wellfit.functions.losses.margin import hinge
from wellfit.functions.penalties import pseudo_gradient
from wellfit.functions.second_order import hessian, newton_step
from wellfit.insight.surface import SURFACES
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.optimizers.linear_solve import solve
from wellfit.optimizers.table import OPTIMIZERS
from wellfit.training.fit import fit

VALLEY = np.array([1.0, 100.0])
"""Curvatures of a valley: 100 times as steep across as along."""


def walk(name, curvature, start, steps, rate, **numbers):
    """The points (steps + 1, d) of an optimizer on ½ Σ c x², the program's rule: x ← x - rate * direction."""
    with jax.enable_x64(True):
        optimizer = numbers_as(OPTIMIZERS[name](**numbers), np.float64)

        @jax.jit
        def run(optimizer, x):
            method = optimizer.direction()

            def step(carry, _):
                x, state = carry
                d, state = method.update(curvature * x, state, x)
                return (x - rate * d, state), x - rate * d

            return jax.lax.scan(step, (x, method.init(x)), None, length=steps)[1]

        return np.concatenate([start[None], np.asarray(run(optimizer, start))])


def steps_of(name, gradients, **numbers):
    """The steps of an optimizer of learning rate 1 that is given these gradients."""
    with jax.enable_x64(True):
        method = numbers_as(OPTIMIZERS[name](**numbers), np.float64).direction()
        state = method.init(jnp.zeros(()))
        _, found = jax.lax.scan(lambda s, g: method.update(g, s, jnp.zeros(()))[::-1], state, np.asarray(gradients))
        return np.asarray(found)


def test_gradient_descent_converges_below_two_over_the_curvature():  # T-04, C-180, C-195, C-201
    start = np.array([1.0, 1.0])
    assert abs(walk("sgd", VALLEY, start, 2000, 0.0199)[-1]).max() < 1e-6
    assert abs(walk("sgd", VALLEY, start, 2000, 0.019)[-1]).max() < 1e-6
    diverging = walk("sgd", VALLEY, start, 2000, 0.0201)[:, 1]
    assert (np.diff(abs(diverging)) > 0).all()
    assert (np.sign(diverging[1:]) == -np.sign(diverging[:-1])).all()  # it jumps from one wall to the other
    slow = abs(walk("sgd", VALLEY, start, 200, 1e-4)[-1]).max()
    assert slow > 0.9  # too small a rate only wastes time


def test_momentum_reaches_a_terminal_speed():  # C-186, E-46, N-64
    for momentum, times in ((0.5, 2), (0.9, 10), (0.95, 20), (0.99, 100)):
        speed = steps_of("momentum", np.full(3000, 0.3), momentum=momentum)[-1]
        assert speed == pytest.approx(0.3 * times)  # more momentum is less friction


def settled(path, near=1e-3):
    """The first step from which on every point is near the minimum."""
    far = np.flatnonzero(abs(path).max(axis=1) > near)
    return far[-1] + 1


def test_momentum_damps_and_nesterov_more():  # C-187, C-202
    start, rate = np.array([1.0, 1.0]), 0.01
    plain, momentum, nesterov = (
        settled(walk(name, VALLEY, start, 1000, rate)) for name in ("sgd", "momentum", "nesterov")
    )
    assert nesterov < momentum < plain
    across = walk("sgd", np.array([100.0]), np.array([1.0]), 60, 0.0199)[:, 0]
    damped = walk("momentum", np.array([100.0]), np.array([1.0]), 60, 0.0199, momentum=0.3)[:, 0]
    assert abs(damped[-1]) < 1e-3 < abs(across[-1])  # opposing gradients cancel in the velocity


def test_nesterov_takes_its_gradient_ahead():  # C-187, G-44
    curvature, rate, mu = np.array([3.0, 40.0]), 0.01, 0.9
    theta, v, ahead = np.array([1.0, -2.0]), np.zeros(2), []
    for _ in range(50):
        v = mu * v - rate * curvature * (theta + mu * v)  # ∇J at θ + μ v
        theta = theta + v
        ahead.append(theta + mu * v)
    np.testing.assert_allclose(walk("nesterov", curvature, np.array([1.0, -2.0]), 50, rate)[1:], ahead, rtol=1e-12)


def test_adagrad_slows_down_for_ever():  # C-188, E-43, N-65, N-66, C-196
    default = OPTIMIZERS["adagrad"]()
    assert (default.learning_rate, default.delta) == (0.01, 1e-7)
    steps = 0.01 * steps_of("adagrad", np.full(10_000, 3.0))
    np.testing.assert_allclose(steps[[0, 99, 9999]], [0.01, 0.001, 0.0001], rtol=1e-6)  # it forgets nothing
    for slope in (1e-3, 1.0, 1e3):  # a rate of its own for every parameter: the first step has one size
        assert steps_of("adagrad", [slope])[0] == pytest.approx(1, rel=1e-3)


def test_rmsprop_forgets_and_begins_with_a_large_step():  # C-189, E-84, N-67
    assert OPTIMIZERS["rmsprop"]().decay == 0.9
    steps = 0.001 * steps_of("rmsprop", np.full(2000, 3.0))
    assert steps[0] == pytest.approx(0.00316, abs=5e-6)  # r_0 = 0: η / √(1 - ρ)
    assert steps[-1] == pytest.approx(0.001, rel=1e-6)


def test_defaults_are_those_of_the_papers():  # N-67, N-70 to N-74, E-83
    adam = OPTIMIZERS["adam"]()
    assert (adam.learning_rate, adam.beta1, adam.beta2, adam.eps) == (1e-3, 0.9, 0.999, 1e-8)
    assert OPTIMIZERS["rmsprop"]().delta == 1e-7
    assert len({OPTIMIZERS[name]().learning_rate for name in ("sgd", "momentum", "adagrad", "adam", "lbfgs")}) == 5
    assert inspect.signature(fit).parameters["batch_size"].default == 32
    assert leaky_relu(-1.0) == -0.01
    assert elu(np.float64(-5.0)) == pytest.approx(10 * elu(np.float64(-5.0), 0.1))  # a is 1 unless it is given


def quadratic():
    a = np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]])
    b = np.array([1.0, -2.0, 0.5])
    return a, b, lambda x: 0.5 * x @ a @ x - b @ x


def test_newton_jumps_and_conjugate_gradients_take_a_step_a_dimension():  # C-192, C-193, E-58, G-41
    a, b, function = quadratic()
    with jax.enable_x64(True):
        np.testing.assert_allclose(hessian(function, np.ones(3)), a, atol=1e-15)
        np.testing.assert_allclose(a @ np.asarray(newton_step(function, np.ones(3))), b, atol=1e-14)
        left = [float(jnp.linalg.norm(solve(lambda v: a @ v, jnp.asarray(b), 0.0, k).residual)) for k in (1, 2, 3)]
    assert left[0] > left[1] > 1e-3
    assert left[2] < 1e-13  # no second derivative was ever formed: only products A v


def test_newtons_step_walks_into_a_saddle():  # C-192, E-59
    with jax.enable_x64(True):
        found = newton_step(lambda x: x[0] ** 2 - x[1] ** 2, jnp.array([1.0, 0.5]))
    np.testing.assert_allclose(found, [0, 0], atol=1e-15)
    assert walk("sgd", np.array([2.0, -2.0]), np.array([1.0, 0.5]), 20, 0.1)[-1, 1] > 5  # descent leaves it


def test_the_hessian_is_that_of_differences():  # G-41
    network, h = Network((Dense(2), Activation("tanh"), Dense(1))), 1e-4
    start = normal_start(network, (2,), 0)
    with jax.enable_x64(True):
        flat, back = jax.flatten_util.ravel_pytree(start)
        loss = jax.jit(lambda flat: mean_loss(network, Bernoulli(), back(flat), XOR_X, XOR_Y))
        found, slope = np.asarray(jax.jit(lambda x: hessian(loss, x))(flat)), jax.jit(jax.grad(loss))
        steps = h * np.eye(len(flat))
        expected = [np.asarray(slope(flat + step) - slope(flat - step)) / (2 * h) for step in steps]
    np.testing.assert_allclose(found, found.T, atol=1e-15)
    np.testing.assert_allclose(found, expected, atol=1e-7)


def test_sub_gradients_at_kinks_lie_between_the_two_slopes():  # C-197, E-27
    assert -1 <= float(jax.grad(hinge)(1.0)) <= 0
    for pull in (-0.5, 0.0, 0.5):  # of λ|w| at 0 any slope in [-λ, λ]: the one that cancels the rest is taken
        assert pseudo_gradient(np.zeros(1), np.array([pull]), 1.0)[0] == 0
    assert pseudo_gradient(np.zeros(1), np.array([1.5]), 1.0)[0] == 0.5


@pytest.mark.parametrize(("batch_size", "share"), [("full", 1 / 12), (4, 1 / 4), (1, 1.0)])
def test_an_epoch_is_one_pass_whatever_the_batch(batch_size, share):  # C-181 to C-185, C-250, E-47, E-82
    """Every row moves one weight only, its own: so each weight tells how often, and by how much, its row was used."""
    x, y = np.eye(12), np.arange(1.0, 13)
    network = Network((Dense(1, "zeros", bias=False),))
    found = fit(network, "normal", x, y, optimizer="sgd", learning_rate=0.1, batch_size=batch_size, max_epochs=1,
                dtype=np.float64)  # fmt: skip
    np.testing.assert_allclose(found.params[0]["weight"][0, :, 0], 0.1 * share * y, rtol=1e-12)


def test_batches_have_the_gradient_of_all_rows_on_average():  # C-183, G-43, E-82, E-100
    network = Network((Dense(3), Activation("tanh"), Dense(1)))
    rng = np.random.default_rng(1)
    x, y, params = rng.normal(size=(24, 2)), rng.integers(0, 2, 24).astype(float), normal_start(network, (2,), 1)
    with jax.enable_x64(True):
        slope = jax.jit(jax.grad(lambda p, x, y: mean_loss(network, Bernoulli(), p, x, y)))
        whole = slope(params, x, y)
        parts = [slope(params, x[rows], y[rows]) for rows in rng.permutation(24).reshape(6, 4)]
        mean = jax.tree.map(lambda *leaves: np.mean([np.asarray(leaf) for leaf in leaves], axis=0), *parts)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-15), mean, whole)


def test_noise_leaves_a_shallow_minimum():  # C-199
    """Rows whose losses tilt the surface this way and that: their mean does not, one alone does."""
    surface = SURFACES["two_minima"]
    (low, _), (high, _) = surface.minima
    tilts = np.array([-2.5, 2.5])
    rng = np.random.default_rng(2)
    whole, alone = np.full(20, high), np.full(20, high)
    for _ in range(3000):
        whole -= 0.05 * surface.gradient(whole, 0.0)[0]
        alone -= 0.05 * (surface.gradient(alone, 0.0)[0] + rng.choice(tilts, 20))
    np.testing.assert_allclose(whole, high)
    assert (alone < surface.saddles[0][0]).mean() > 0.7
    assert surface(low, 0.0) < surface(high, 0.0)


def test_permuted_units_are_another_minimum_of_the_same_height():  # C-200, E-101
    network = Network((Dense(5), Activation("tanh"), Dense(1)))
    first, none, last = normal_start(network, (2,), 3)
    order = np.random.default_rng(4).permutation(5)
    other = ({"weight": first["weight"][:, order], "bias": first["bias"][order]}, none,
             {"weight": last["weight"][order], "bias": last["bias"]})  # fmt: skip
    z, same = (network.apply(p, network.statistics((2,)), XOR_X)[0] for p in ((first, none, last), other))
    np.testing.assert_allclose(z, same, atol=1e-15)
    assert not np.allclose(first["weight"], other[0]["weight"])


@pytest.mark.parametrize("name", SURFACES)
def test_minima_and_saddles_of_the_surfaces(name):  # C-200
    surface = SURFACES[name]
    with jax.enable_x64(True):
        for points, kind in ((surface.minima, "minimum"), (surface.saddles, "saddle")):
            for a, b in points:
                np.testing.assert_allclose(surface.gradient(a, b), 0, atol=1e-12)
                bends = np.linalg.eigvalsh(np.asarray(hessian(lambda x: surface(x[0], x[1]), np.array([a, b]))))
                assert (bends.min() > 0) == (kind == "minimum")
    heights = [float(surface(*point)) for point in surface.minima]
    assert heights == sorted(heights)
