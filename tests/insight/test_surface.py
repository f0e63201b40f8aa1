"""Surfaces: their gradients and minima; paths are wellfit's own optimizers."""

import jax
import numpy as np
import optax
import pytest

from wellfit.families.table import FAMILIES
from wellfit.functions.schedules import Cosine
from wellfit.insight.loss_profile import loss_profile
from wellfit.insight.surface import SURFACES, Surface, descend, own_rate
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.table import OPTIMIZERS


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_gradients_are_autodiffs_and_minima_are_minima(surface):
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (20, 2))
    with jax.enable_x64(True):
        slopes = np.stack(jax.vmap(jax.grad(lambda a, b: surface(a, b), argnums=(0, 1)))(*points.T), axis=1)
        np.testing.assert_allclose(np.stack(surface.gradient(*points.T), axis=1), slopes, rtol=1e-12, atol=1e-12)
        for place in (*surface.minima, *surface.saddles):
            np.testing.assert_allclose(surface.gradient(*map(np.float64, place)), 0, atol=1e-12)
            curvature = np.linalg.eigvalsh(np.array(jax.hessian(lambda p: surface(p[0], p[1]))(np.array(place))))
            assert (curvature[0] > 0) == (place in surface.minima)
    heights = [surface(*place) for place in surface.minima]
    assert heights == sorted(heights)
    left, right, bottom, top = surface.box
    assert all(left < a < right and bottom < b < top for a, b in (*surface.minima, surface.begin))


def test_gradient_descent_is_the_recursion():
    path = descend("sgd", "ravine", learning_rate=0.07, steps=25)
    a, b = SURFACES["ravine"].begin
    factors = (1 - 0.07) ** np.arange(26), (1 - 0.07 * 20) ** np.arange(26)
    np.testing.assert_allclose(path.points, np.stack([a * factors[0], b * factors[1]], axis=1), atol=1e-12)
    np.testing.assert_allclose(path.heights, SURFACES["ravine"](*path.points.T))


def test_adam_is_optaxs_and_schedules_run_over_the_steps():
    surface = SURFACES["rosenbrock"]
    with jax.enable_x64(True):
        rates = [float(Cosine(0.05).at(np.float64(t / 30))) for t in range(30)]
        method = optax.scale_by_adam()
        point = jax.numpy.array(surface.begin)
        state, points = method.init(point), [surface.begin]
        for rate in rates:
            direction, state = method.update(jax.numpy.array(surface.gradient(*point)), state)
            point = point - rate * direction
            points.append(tuple(map(float, point)))
    found = descend(Adam(Cosine(0.05)), surface, steps=30)
    np.testing.assert_allclose(found.points, points, rtol=0, atol=1e-12)


def test_eigenvalues_bound_the_rate():
    """T-04: on eigenvalues 1 and 20 gradient descent converges below 2/20, and momentum's velocity carries it."""
    assert descend("sgd", "ravine", learning_rate=0.099, steps=500).heights[-1] < 1e-6
    assert descend("sgd", "ravine", learning_rate=0.101, steps=500).heights[-1] > 1e3


def test_momentum_passes_the_first_minimum_and_gradient_descent_does_not():
    surface = SURFACES["two_minima"]
    for name, minimum in (("sgd", surface.minima[1]), ("momentum", surface.minima[0])):
        np.testing.assert_allclose(descend(name, surface, steps=400).points[-1], minimum, atol=1e-3)


@pytest.mark.parametrize("name", ["sgd", "nesterov", "adagrad", "adam", "conjugate_gradient", "natural_gradient"])
def test_optimizers_of_every_kind_go_down_the_ravine(name):
    path = descend(name, "ravine")
    assert path.points.shape == (61, 2)
    assert path.heights[-1] < 0.1 * path.heights[0]
    rate = own_rate(SURFACES["ravine"], name)
    assert path.learning_rate == (OPTIMIZERS[name]().learning_rate if rate is None else rate)


def test_a_surface_of_ones_own():
    bowl = Surface("bowl", "a² + b²", lambda a, b: a * a + b * b, lambda a, b: (2 * a, 2 * b), (1.0, 1.0),
                   (-2, 2, -2, 2), ((0.0, 0.0),), 0.25, 0.1)  # fmt: skip
    path = descend("sgd", bowl, steps=3, begin=(4.0, -8.0))
    assert path.points.tolist() == [[4, -8], [2, -4], [1, -2], [0.5, -1]]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"surface": "ravin"}, "did you mean 'ravine'"), ({"optimizer": "sdg"}, "did you mean 'sgd'"),
        ({"steps": 0}, "steps must be"), ({"begin": (1, 2, 3)}, "begin must be"),
        ({"learning_rate": -1}, "learning_rate=-1"),
    ],
)  # fmt: skip
def test_errors_are_one_sentence(options, words):
    with pytest.raises(ValueError, match=words):
        descend(**({"optimizer": "sgd"} | options))


# -- losses as curves ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FAMILIES, "log_loss", "squared_error", "l1_probability"])
def test_gradients_of_losses_are_their_slopes(name):
    """C-272: the gradient is the slope of the curve."""
    z = np.array([-2.3, -0.4, 0.6, 1.7])
    found = loss_profile(name, z)
    if found.axis == "error":
        np.testing.assert_array_equal(found.z, z)
    slope = (loss_profile(name, z + 1e-6).loss - loss_profile(name, z - 1e-6).loss) / 2e-6
    np.testing.assert_allclose(found.gradient, slope, rtol=1e-5, atol=1e-6)


def test_worked_values_of_losses():
    """C-273: 0-1, hinge, exponential and log loss on the margin."""
    z = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_allclose(loss_profile("zero_one", z).loss, [1, 1, 0])
    np.testing.assert_allclose(loss_profile("hinge", z).loss, [2, 1, 0])
    np.testing.assert_allclose(loss_profile("exponential", z).loss, np.exp(-z))
    np.testing.assert_allclose(loss_profile("cross_entropy", z).loss, np.log1p(np.exp(-z)))
    np.testing.assert_allclose(loss_profile("log_loss", z).gradient, 1 / (1 + np.exp(-z)) - 1)
    np.testing.assert_allclose(loss_profile("normal", z, above_floor=True).loss, z**2 / 2, atol=1e-12)
    assert loss_profile("poisson", np.log([3.0]), above_floor=True).loss == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="did you mean 'hinge'"):
        loss_profile("hing")
