"""XOR: the walk-through of one step from weights of 1, what it gets wrong, and which networks learn it."""

import jax
import numpy as np
import pytest

from tests.helpers.descent import XOR_X, XOR_Y, all_ones, descend, normal_start, outputs
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.normal import Normal
from wellfit.insight.trace import trace
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network


def two_h_one(units=3, activation="identity"):
    return Network((Dense(units), Activation(activation), Dense(1)))


@pytest.fixture(scope="module")
def first_step():
    """The step on (0, 0) from weights of 1 with identity units, learning rate 0.1."""
    network = two_h_one()
    return trace(network, "normal", [[0.0, 0.0]], [0.0], all_ones(network, (2,)), learning_rate=0.1).steps[0]


def test_the_truth_table():  # N-21
    assert {(int(a), int(b)): int(t) for (a, b), t in zip(XOR_X, XOR_Y, strict=True)} == {
        (0, 0): 0, (0, 1): 1, (1, 0): 1, (1, 1): 0,
    }  # fmt: skip
    np.testing.assert_array_equal(np.logical_xor(*XOR_X.T), XOR_Y)


def test_forward_from_weights_of_one(first_step):  # C-006, C-014, C-160, N-16, N-17, N-68, N-69
    hidden, activated, out = first_step.layers
    np.testing.assert_array_equal(hidden.output, [[1, 1, 1]])
    np.testing.assert_array_equal(activated.output, [[1, 1, 1]])
    np.testing.assert_array_equal(out.output, [[4]])
    network = two_h_one()
    z, _ = network.apply(all_ones(network, (2,)), network.statistics((2,)), XOR_X)
    np.testing.assert_array_equal(z[:, 0], [4, 7, 7, 10])


def test_the_error_term_is_output_minus_target(first_step):  # N-18, N-19, E-11, E-12, E-16, G-36
    assert XOR_Y[0] == 0  # not 1, from which the residual would be -3
    assert first_step.loss[0] - first_step.floor[0] == pytest.approx(8)  # a loss: half a square, never -4
    np.testing.assert_array_equal(first_step.layers[2].delta, [[4]])


def test_the_step_goes_down_and_moves_seven_of_thirteen_numbers(first_step):  # N-20, E-11, E-15, G-39, G-40, C-163
    hidden, activated, out = first_step.layers
    np.testing.assert_array_equal(activated.delta, [[4, 4, 4]])  # W_out δ, and f' = 1
    before, after, gradients = (
        {(layer.index, p.name): getattr(p, field) for layer in (hidden, out) for p in layer.parameters}
        for field in ("value", "updated", "gradient")
    )
    moved = np.concatenate([(after[key] != before[key]).ravel() for key in before])
    assert (moved.sum(), moved.size) == (7, 13)
    np.testing.assert_array_equal(after[0, "weight"], 1)  # their inputs are 0
    for key in ((0, "bias"), (2, "weight"), (2, "bias")):
        np.testing.assert_allclose(after[key], 0.6)
        np.testing.assert_allclose(before[key] + 0.1 * gradients[key], 1.4)  # the wrong sign
    right, wrong = (bias + 3 * bias * bias for bias in (0.6, 1.4))
    assert (right, wrong) == pytest.approx((1.68, 7.28))
    assert first_step.after - first_step.objective == pytest.approx(1.4112 - 8)


def test_the_wrong_sign_climbs():  # E-11
    network, family, params = two_h_one(), Normal(), [all_ones(two_h_one(), (2,))]
    errors = []
    for _ in range(3):
        z = outputs(network, params and jax.tree.map(lambda *a: np.stack(a), *params), XOR_X)[0, :, 0]
        errors.append(((z - XOR_Y) ** 2).mean())
        climbed = descend(network, family, params, XOR_X, XOR_Y[:, None], rate=-0.1, steps=1)
        params = [jax.tree.map(lambda leaf: leaf[0], climbed)]
    assert errors == pytest.approx([47, 609, 161_456], rel=0.01)


def test_an_affine_network_ends_at_one_half():  # T-02, E-13, E-14, C-013
    network = two_h_one()
    starts = [all_ones(network, (2,)), *(normal_start(network, (2,), seed) for seed in range(5))]
    after = descend(network, Normal(), starts, XOR_X, XOR_Y[:, None], rate=0.05, steps=20_000)
    z = outputs(network, after, XOR_X)[..., 0]
    np.testing.assert_allclose(z, 0.5, atol=1e-5)
    np.testing.assert_allclose(((z - XOR_Y) ** 2).mean(axis=1), 0.25, atol=1e-9)


@pytest.mark.parametrize("activation", ["identity", "sigmoid"])
def test_equal_units_stay_equal(activation):  # E-14, C-210, C-276, N-69
    network = two_h_one(activation=activation)
    after = descend(network, Normal(), [all_ones(network, (2,))], XOR_X, XOR_Y[:, None], rate=0.05, steps=20_000)
    for incoming in (after[0]["weight"], after[0]["bias"][:, None], after[2]["weight"].transpose(0, 2, 1)):
        assert np.ptp(incoming, axis=-1).max() == 0


def test_networks_that_bend_learn_it_from_most_starts():  # T-01, C-301, E-13
    solved = {}
    for activation in ("sigmoid", "tanh", "relu"):
        for units in (2, 3, 8):
            network = two_h_one(units, activation)
            starts = [normal_start(network, (2,), seed) for seed in range(20)]
            after = descend(network, Bernoulli(), starts, XOR_X, XOR_Y, rate=1.0, steps=5000)
            right = (outputs(network, after, XOR_X)[..., 0] > 0) == XOR_Y
            solved[activation, units] = int(right.all(axis=1).sum())
    expected = {
        ("sigmoid", 2): 16, ("sigmoid", 3): 20, ("sigmoid", 8): 20,
        ("tanh", 2): 11, ("tanh", 3): 17, ("tanh", 8): 20,
        ("relu", 2): 1, ("relu", 3): 9, ("relu", 8): 19,
    }  # fmt: skip
    for case, count in expected.items():
        assert abs(solved[case] - count) <= 5, (case, solved)  # other draws of the starts
    assert solved["sigmoid", 8] == solved["tanh", 8] == 20
    for activation in ("sigmoid", "tanh", "relu"):
        assert solved[activation, 2] <= solved[activation, 8]
