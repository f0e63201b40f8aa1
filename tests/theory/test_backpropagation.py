"""Backpropagation: error terms, weight gradients, the explicit chain over five layers, and what makes it unstable."""

import jax
import numpy as np
import pytest

from tests.helpers.descent import mean_loss, normal_start
from wellfit.families.categorical import Categorical
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.functions.diagnosis import dead_units, gradient_flow, saturated_share
from wellfit.functions.initializers import initialize
from wellfit.insight.trace import trace
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network

WIDTHS = (3, 4, 5, 3, 4)
CHAIN = Network(tuple(layer for width in WIDTHS for layer in (Dense(width), Activation("tanh")))[:-1])
X = np.random.default_rng(0).normal(size=(6, 2))
Y = np.array([0, 1, 2, 3, 1, 0])


@pytest.fixture(scope="module")
def chain():
    """One step of five weight layers, tanh between them, softmax and cross-entropy behind: its dense layers."""
    start = normal_start(CHAIN, (2,), 1)
    return start, [layer for layer in trace(CHAIN, "categorical", X, Y, start).layers if layer.symbol == "z"]


def slopes(layer):
    return ACTIVATIONS["tanh"].derivative(layer.output)


def test_forward_in_two_steps(chain):  # C-005, C-010, C-160, C-166
    params, layers = chain
    h = X
    for m, layer in enumerate(layers):
        by_hand = h @ params[2 * m]["weight"] + params[2 * m]["bias"]  # z = W h + b
        np.testing.assert_allclose(layer.output, by_hand, atol=1e-14)
        h = np.tanh(by_hand)  # h = f(z)


def test_the_error_term_of_the_output(chain):  # C-162, G-13, G-36
    _, layers = chain
    z = layers[-1].output
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(layers[-1].delta, (p - np.eye(4)[Y]) / len(Y), atol=1e-15)


def test_the_recursion_needs_the_elementwise_product(chain):  # C-161, C-162, G-37, E-35
    params, layers = chain
    for m in range(len(layers) - 1):
        weight = params[2 * m + 2]["weight"]
        expected = slopes(layers[m]) * (layers[m + 1].delta @ weight.T)
        np.testing.assert_allclose(layers[m].delta, expected, atol=1e-17)
        literal = slopes(layers[m])[0] @ (weight @ layers[m + 1].delta[0])
        assert np.ndim(literal) == 0  # a product of vectors is a number and no error term


def test_the_chain_over_five_layers(chain):  # C-167, G-38, E-35
    params, layers = chain
    for row in range(len(X)):
        product = layers[4].delta[row]
        for m in (3, 2, 1, 0):
            product = np.diag(slopes(layers[m])[row]) @ params[2 * m + 2]["weight"] @ product
        np.testing.assert_allclose(layers[0].delta[row], product, atol=1e-17)


def test_weight_gradients_are_products_of_error_term_and_input(chain):  # C-163, C-166, G-39
    _, layers = chain
    for layer in layers:
        gradients = {p.name: p.gradient for p in layer.parameters}
        np.testing.assert_allclose(gradients["weight"], layer.input.T @ layer.delta, atol=1e-16)
        np.testing.assert_allclose(gradients["bias"], layer.delta.sum(axis=0), atol=1e-16)


def test_they_are_reverse_mode_autodiffs_and_differences(chain):  # C-161, C-164, G-39
    params, layers = chain
    family = Categorical(classes=4)
    with jax.enable_x64(True):
        found = jax.jit(jax.grad(lambda p: mean_loss(CHAIN, family, p, X, Y)))(params)
        found = jax.tree.map(np.asarray, found)
    for m, layer in enumerate(layers):
        for p in layer.parameters:
            np.testing.assert_allclose(p.gradient, found[2 * m][p.name], atol=1e-16)
    h, rng = 1e-6, np.random.default_rng(2)
    direction = jax.tree.map(lambda leaf: rng.normal(size=leaf.shape), params)
    ahead, behind = (
        float(family.loss(CHAIN.apply(moved, CHAIN.statistics((2,)), X)[0], Y).mean())
        for moved in (jax.tree.map(lambda p, d, s=s: p + s * h * d, params, direction) for s in (1, -1))
    )
    along = sum((g * d).sum() for g, d in zip(jax.tree.leaves(found), jax.tree.leaves(direction), strict=True))
    assert (ahead - behind) / (2 * h) == pytest.approx(float(along), rel=1e-7)


def test_all_parameters_move_at_once_from_the_same_old_values(chain):  # C-165, C-180, E-100, G-42
    _, layers = chain
    for layer in layers:
        for p in layer.parameters:
            np.testing.assert_allclose(p.updated, p.value - 0.05 * p.gradient, atol=1e-15)


def deep(activation, start, layers=50, width=64, gain=None):
    """Inputs z of every activation and the error terms of a stack, by the recursion that was tested above."""
    rng, f = np.random.default_rng(3), ACTIVATIONS[activation]
    weights = [initialize(start, rng, (width, width), width, width, gain=gain) for _ in range(layers)]
    h, z = rng.normal(size=(32, width)), []
    for weight in weights:
        z.append(h @ weight)
        h = f(z[-1])
    delta = rng.normal(size=h.shape) * f.derivative(z[-1])
    deltas = [delta]
    for m in range(layers - 2, -1, -1):
        delta = f.derivative(z[m]) * (delta @ weights[m + 1].T)
        deltas.append(delta)
    return z, h, deltas[::-1]


@pytest.mark.parametrize(
    ("activation", "start", "gain", "expected"),
    [
        ("sigmoid", "glorot_normal", None, 1.6e-31),
        ("tanh", "glorot_normal", None, 0.12),
        ("relu", "small_random", 0.01, 4e-62),
        ("relu", "glorot_normal", None, 2.6e-8),
        ("relu", "he_normal", None, 0.49),
        ("relu", "small_random", 1.0, 4e36),
    ],
)
def test_gradients_vanish_explode_or_live(activation, start, gain, expected):
    """C-168, C-169, C-269, E-34, E-62, E-89: it is activation and scale together, not relu alone."""
    flow = gradient_flow(deep(activation, start, gain=gain)[2])
    assert flow[-1] == 1
    assert abs(np.log10(flow[0]) - np.log10(expected)) < 1.5


def test_four_slopes_of_the_sigmoid_are_at_most_a_256th():  # N-12, C-168
    steepest = ACTIVATIONS["sigmoid"].derivative(0.0)
    assert steepest**4 == 0.00390625
    assert steepest**99 <= 2.5e-60


@pytest.mark.parametrize(("start", "gain"), [("glorot_uniform", None), ("small_random", 0.01), ("constant", 5.0)])
def test_the_scale_of_the_start_decides(start, gain):  # E-01, E-77, C-211, C-212, C-268
    z, h, _ = deep("tanh", start, layers=20, width=100, gain=gain)
    flat = saturated_share(z[-1], ACTIVATIONS["tanh"]).mean()
    if start == "glorot_uniform":
        assert 0.05 < h.std() < 0.4
        assert flat < 0.01
    elif start == "small_random":
        assert h.std() == pytest.approx(9e-21, rel=1)  # 0.01 √100 a layer: it dies out
    else:
        assert flat == 1  # every unit stands at ± 1


def test_the_bounds_that_are_often_printed_saturate_every_unit():  # E-01, N-45
    def printed(m, n):
        return -6 / np.sqrt(m + n), 6 / (m + n)  # not symmetric, and the root covers one part only

    low, high = printed(784, 300)
    assert (low, high, (low + high) / 2, (high - low) ** 2 / 12) == pytest.approx(
        (-0.1822, 0.0055, -0.0884, 0.00294), abs=5e-5
    )
    right = initialize("glorot_uniform", np.random.default_rng(0), (784, 300), 784, 300)
    assert abs(right).max() == pytest.approx(0.07440, abs=1e-5)
    assert (right.mean(), right.var()) == pytest.approx((0, 0.001845), abs=5e-5)
    rng, width = np.random.default_rng(4), 100
    h = rng.normal(size=(32, width))
    for _ in range(20):
        h = np.tanh(h @ rng.uniform(*printed(width, width), (width, width)))
    assert (np.abs(h) > 0.99).all()


def test_relu_units_die_and_leaky_ones_do_not():  # C-267
    rng = np.random.default_rng(5)
    z = rng.normal(size=(200, 4)) + np.array([0.0, -10.0, 10.0, -3.0])
    dead = dead_units(z, ACTIVATIONS["relu"])
    np.testing.assert_array_equal(dead, z.max(axis=0) < 0)
    assert dead[1]
    assert not dead_units(z, ACTIVATIONS["leaky_relu"]).any()


def test_a_saturated_unit_hardly_moves():  # C-268, C-086
    z = np.array([[0.0, 3.0, 30.0], [1.0, -3.0, -30.0]])
    np.testing.assert_array_equal(saturated_share(z, ACTIVATIONS["tanh"]), [0, 1, 1])
    np.testing.assert_array_equal(saturated_share(z, ACTIVATIONS["sigmoid"]), [0, 0, 1])
