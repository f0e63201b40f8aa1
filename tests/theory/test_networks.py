"""Units, layers and whole networks: what depth is, what bends and what does not, what a hidden layer learns."""

import jax
import numpy as np
import pytest

from tests.helpers.descent import XOR_X, XOR_Y, descend, normal_start, outputs
from wellfit.families.bernoulli import Bernoulli
from wellfit.functions.activations.hard import step
from wellfit.functions.activations.sigmoids import linear_derivative
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.functions.links import sigmoid
from wellfit.insight.trace import trace
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.flatten import Flatten
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP


def sizes(network, shape):
    """How many numbers each layer has."""
    counts = (sum(np.prod(size) for size in own.values()) for own in network.parameters(shape))
    return [int(count) for count in counts if count]


def test_a_threshold_unit_decides_by_its_sum():  # N-14, N-15, N-79, E-03, C-071, C-300
    three, five = np.array([0.7, 0.6, 0.4]), np.array([0.7, 0.6, 0.5, 0.3, 0.4])
    assert three @ [1, 0, 1] == pytest.approx(1.1)
    assert step(three @ [1, 0, 1], 1.5) == 0  # 1.1 does not exceed 1.5
    assert five @ [1, 0, 1, 0, 1] == pytest.approx(1.6)
    assert step(five @ [1, 0, 1, 0, 1], 1.5) == 1
    assert step(1.5, 1.5) == 0  # strictly: to reach the threshold is not enough


def test_the_bias_is_the_weight_of_a_constant_one():  # C-002, C-005, C-006
    rng = np.random.default_rng(0)
    x, w, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    z, _ = Dense(2).apply({"weight": w, "bias": b}, {}, x, Context())
    with_one, _ = Dense(2, bias=False).apply(
        {"weight": np.vstack([b, w])}, {}, np.hstack([np.ones((5, 1)), x]), Context()
    )
    np.testing.assert_allclose(z, with_one)
    np.testing.assert_array_equal(Dense(2).apply({"weight": w, "bias": b}, {}, np.zeros((1, 3)), Context())[0], [b])
    np.testing.assert_array_equal(step(x @ w, -b), step(z))  # a threshold is a bias with the other sign


def test_a_linear_classifier_is_the_sign_of_its_output():  # C-008, C-009
    z = np.array([-2.0, -0.1, 0.1, 3.0])
    np.testing.assert_array_equal(step(z), sigmoid(z) > 0.5)


def test_units_that_are_binary_and_units_that_are_not():  # E-80
    x = np.linspace(-2, 2, 41)
    assert set(step(x)) == {0, 1}
    for name in ("sigmoid", "relu", "tanh"):
        assert len(np.unique(ACTIVATIONS[name](x))) > 20


def test_nothing_before_a_step_learns():  # E-79, E-81, G-04
    """The gradient of weights before a step is exactly 0; a straight line lets it through, but bends nothing."""
    start = normal_start(Network((Dense(3), Activation("sigmoid"), Dense(1))), (2,), 0)
    first = {}
    for name in ("step", "sigmoid", "identity"):
        network = Network((Dense(3), Activation(name), Dense(1)))
        first[name] = trace(network, "bernoulli", XOR_X, XOR_Y, start).layers[0].parameters[-1].gradient
    assert not first["step"].any()
    assert first["sigmoid"].all()
    assert first["identity"].all()
    np.testing.assert_array_equal(linear_derivative(np.linspace(-9, 9, 7), 4.0), 4)


def test_depth_counts_the_layers_of_weights():  # C-011, C-012, E-88, N-76, N-82
    for hidden in range(4):
        network = MLP(hidden=(5,) * hidden, activation="tanh").build((), 2)
        depth = len(sizes(network, {"numeric": (3,), "codes": (0,)}))
        assert depth == hidden + 1  # the credit-assignment path: two hidden layers are a path of 3, a deep network


def test_layers_in_order_and_their_roles():  # C-033, C-036, C-063, C-051
    network = Network((Flatten(), Dense(4), Activation("relu"), Dropout(0.5), Dense(2), Activation("log_softmax")))
    assert network.shapes((2, 3)) == [(2, 3), (6,), (4,), (4,), (4,), (2,), (2,)]
    built = MLP(hidden=(4,), activation="tanh").build((), 3)
    found = trace(built, "categorical", {"numeric": np.ones((2, 5)), "codes": np.zeros((2, 0), int)}, [0, 2])
    assert [(layer.name, layer.symbol) for layer in found.layers] == [
        ("Tabular", "x"), ("Dense(4)", "z"), ("tanh", "h"), ("Dense(3)", "z"),
    ]  # fmt: skip
    assert isinstance(built.layers[-1], Dense)  # raw outputs: what they mean is the family's matter, tanh is the user's


def test_the_network_for_pictures_of_clothes():  # C-032, N-40, N-60, N-62
    network = MLP(hidden=(300, 100), activation="relu", dropout=0.2, input_dropout=0.2).build((), 10)
    assert [layer.name if isinstance(layer, Activation) else type(layer).__name__ for layer in network.layers] == [
        "Tabular", "Dropout", "Dense", "relu", "Dropout", "Dense", "relu", "Dropout", "Dense",
    ]  # fmt: skip
    assert {layer.rate for layer in network.layers if isinstance(layer, Dropout)} == {0.2}
    counts = sizes(network, {"numeric": (784,), "codes": (0,)})
    assert counts == [235_500, 30_100, 1010]
    assert sum(counts) == 266_610


def test_numbers_of_a_small_network_for_pictures():  # N-39
    """A filter of 3 x 3 over 3 channels is a dense layer of 27 inputs at every pixel; the head is dense."""
    filters, head = sizes(Network((Dense(16),)), (27,)), sizes(Network((Flatten(), Dense(10))), (16, 32, 32))
    assert (filters, head) == ([448], [163_850])
    assert filters[0] + head[0] == 164_298
    assert -(-50_000 // 32) == 1563  # steps an epoch


def test_starting_biases_are_zero():  # C-213, C-214, N-78
    params = Network((Dense(4), Activation("relu"), Dense(3))).init(np.random.default_rng(0), (5,))
    assert not params[0]["bias"].any()
    assert not params[2]["bias"].any()
    again, other = (Network((Dense(4),)).init(np.random.default_rng(seed), (5,))[0]["weight"] for seed in (0, 1))
    assert (again != other).all()


def test_an_untrained_network_knows_nothing():  # T-10
    """The loss of K classes begins near ln K: near 2.303 for ten."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 20)), np.tile(np.arange(10), 20)
    network = Network((Dense(32), Activation("tanh"), Dense(10, "glorot_uniform")))
    losses = [trace(network, "categorical", x, y, seed=seed).steps[0].objective for seed in range(3)]
    assert np.mean(losses) == pytest.approx(np.log(10), abs=0.5)
    small = Network((Dense(32), Activation("tanh"), Dense(10, "small_random")))
    assert trace(small, "categorical", x, y).steps[0].objective == pytest.approx(2.303, abs=0.01)


def test_wider_layers_come_nearer_to_a_continuous_function():  # C-029, E-87
    """Of the hidden units the weights stay random; the best last layer is a linear equation."""
    x = np.linspace(-1, 1, 201)[:, None]
    y = np.sin(3 * x[:, 0]) + np.abs(x[:, 0])
    misses = []
    for width in (2, 8, 64):
        network = Network((Dense(width), Activation("tanh"), Dense(1)))
        best = []
        for seed in range(5):
            params = normal_start(network, (1,), seed)
            rng = np.random.default_rng(seed)
            params[0]["weight"] *= 5
            params[0]["bias"] += rng.uniform(-5, 5, width)  # where each unit bends
            hidden = Network(network.layers[:2])
            h = np.hstack([hidden.apply(params[:2], hidden.statistics((1,)), x)[0], np.ones((201, 1))])
            last = np.linalg.lstsq(h, y)[0]
            own = (*params[:2], {"weight": last[:-1, None], "bias": last[-1:]})
            best.append(np.abs(network.apply(own, network.statistics((1,)), x)[0][:, 0] - y).max())
        misses.append(min(best))
    assert misses[0] > misses[1] > misses[2]
    assert misses[2] < 0.02
    far = network.apply(own, network.statistics((1,)), np.array([[30.0]]))[0][0, 0]
    assert abs(far - (np.sin(90.0) + 30.0)) > 5  # on the interval, not on the whole line


def separable(h, y):
    """How well the best straight line through h tells y apart: accuracy of least squares."""
    a = np.hstack([h, np.ones((len(h), 1))])
    z = a @ np.linalg.lstsq(a, 2 * y - 1, rcond=None)[0]
    return np.mean((z > 0) == y)


def test_later_layers_hold_features_made_of_earlier_ones():  # C-030, C-254
    """Is the number of ones among four inputs odd? No single input says anything; layer by layer it becomes plain."""
    x = np.array([[float(digit) for digit in f"{number:04b}"] for number in range(16)])
    y = x.sum(axis=1) % 2
    network = Network((Dense(8), Activation("tanh"), Dense(8), Activation("tanh"), Dense(1)))
    starts = [normal_start(network, (4,), seed) for seed in range(4)]
    after = descend(network, Bernoulli(), starts, x, y, rate=0.5, steps=6000)
    margins = (np.where(y, 1, -1) * outputs(network, after, x)[..., 0]).min(axis=1)
    params = jax.tree.map(lambda leaf: leaf[margins.argmax()], after)
    layers = trace(network, "bernoulli", x, y, params).layers
    shares = [separable(x, y)] + [separable(layer.output, y) for layer in layers if layer.symbol == "h"]
    assert shares[0] < 0.6
    assert shares[0] < shares[1] <= shares[2]
    assert shares[2] == 1
