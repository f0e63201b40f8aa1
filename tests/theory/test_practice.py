"""What happens in practice: memorised labels, rare classes, more rows, one word for one thing."""

import inspect

import numpy as np
import pytest
import scipy.optimize

from wellfit.estimators.settings import CONSTRAINTS
from wellfit.families.huber import Huber
from wellfit.families.normal import Normal
from wellfit.functions.links import log_sigmoid, sigmoid
from wellfit.functions.losses.classification import binary_cross_entropy
from wellfit.functions.losses.robust import focal, probability_error
from wellfit.insight.trace import trace
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.optimizers.adagrad import AdaGrad
from wellfit.optimizers.checks import RANGES
from wellfit.optimizers.rmsprop import RMSProp
from wellfit.optimizers.table import OPTIMIZERS
from wellfit.training.fit import fit


@pytest.fixture(scope="module")
def memorised():
    """A fit to labels that are coin flips, watched on as many rows that it does not see."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 20)), rng.integers(0, 2, 80).astype(float)
    network = Network((Dense(32), Activation("tanh"), Dense(1)))
    return fit(network, "bernoulli", x[:40], y[:40], optimizer="adam", learning_rate=0.01, batch_size="full",
               max_epochs=400, validation=(x[40:], y[40:]))  # fmt: skip


def test_random_labels_can_be_memorised(memorised):  # C-290, E-64, N-72
    assert len(memorised.history["loss"]) == memorised.n_iter == 400
    assert memorised.history["loss"][-1] < 0.02
    assert memorised.history["loss"][-1] < memorised.history["loss"][0] / 20


def test_a_falling_training_loss_says_nothing_of_other_rows(memorised):  # C-232, C-227, E-19, E-64, E-98, E-99
    held_out = np.array(memorised.history["validation_loss"])
    assert held_out[-1] > 1.3 * held_out.min() > 1.3 * 0.5
    assert memorised.best_epoch == held_out.argmin() + 1  # what is kept: the LEAST loss, the highest accuracy
    assert memorised.best_epoch < 100 < memorised.n_iter


def test_cross_entropy_does_not_favour_a_rare_class():  # E-60, C-246, C-263
    """2 % positives: probabilities are right on average and few pass ½; weights find them, and spoil the average."""
    rng = np.random.default_rng(1)
    y = (rng.random(20_000) < 0.02).astype(float)
    x = np.stack([rng.normal(size=20_000) + 2.2 * y, np.ones(20_000)], axis=1)
    balanced = np.where(y > 0, 0.5 / y.mean(), 0.5 / (1 - y.mean()))

    def recall_precision_mean(loss, slope, w):
        found = scipy.optimize.minimize(
            lambda b: (w * loss(x @ b)).mean(), [1.0, -2.0], jac=lambda b: x.T @ (w * slope(x @ b)) / len(y)
        ).x
        p = sigmoid(x @ found)
        hit = (p > 0.5) & (y > 0)
        return hit.sum() / y.sum(), hit.sum() / max((p > 0.5).sum(), 1), p.mean()

    squares = lambda z: 0.5 * (sigmoid(z) - y) ** 2  # noqa: E731
    entropy, entropy_slope = (lambda z: binary_cross_entropy(z, y)), (lambda z: sigmoid(z) - y)
    plain = recall_precision_mean(entropy, entropy_slope, 1)
    squared = recall_precision_mean(squares, lambda z: (sigmoid(z) - y) * sigmoid(z) * sigmoid(-z), 1)
    weighted = recall_precision_mean(entropy, entropy_slope, balanced)
    assert plain[2] == pytest.approx(y.mean(), rel=1e-3)
    assert max(plain[0], squared[0]) < 0.4 < 0.75 < weighted[0]
    assert weighted[1] < 0.3 < plain[1]
    assert weighted[2] > 5 * y.mean()


def test_a_robust_loss_forgives_wrong_labels_and_focal_loss_does_not():  # E-31, C-122
    """40 % of one class called the other: the boundary of L1 on probabilities hardly moves."""
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 4000)
    x = np.hstack([rng.normal(size=(4000, 2)) + np.where(truth, 1.0, -1.0)[:, None], np.ones((4000, 1))])
    seen = np.where((truth == 1) & (rng.random(4000) < 0.4), 0, truth)
    sign = np.where(seen, 1.0, -1.0)
    losses = {
        "cross_entropy": lambda s: -log_sigmoid(s),
        "focal": lambda s: focal(s, 2.0),
        "probability_error": probability_error,
    }
    accuracy = {}
    for name, loss in losses.items():
        found = scipy.optimize.minimize(lambda b, loss=loss: loss(sign * (x @ b)).mean(), [0.5, 0.5, 0.0]).x
        accuracy[name] = np.mean((x @ found > 0) == truth)
    assert accuracy["probability_error"] > accuracy["cross_entropy"] + 0.005
    assert accuracy["focal"] < accuracy["cross_entropy"] + 0.005


def test_more_rows_and_cleaner_rows_lower_the_error():  # C-230, E-105
    """The error of a mean is σ/√n: rows and noise decide, no learning rate comes into it."""
    rng, errors = np.random.default_rng(3), {}
    for n in (25, 100, 400):
        for noise in (1.0, 0.5):
            means = [Normal().bind(1).intercept(noise * rng.normal(size=(n, 1)), np.ones(n))[0] for _ in range(400)]
            errors[n, noise] = np.std(means)
    for (n, noise), error in errors.items():
        assert error == pytest.approx(noise / np.sqrt(n), rel=0.15)


def test_one_word_for_one_thing():  # E-70 to E-74
    """α, λ and p stand for several things in print; here each of the things has a word."""
    rates = {"learning_rate", "weight_decay", "momentum", "decay", "delta", "eps"}
    assert rates <= set(RANGES)
    assert {"l1", "l2", "dropout", "label_smoothing", "class_weight", "learning_rate", "weight_decay"} <= set(
        CONSTRAINTS
    )
    for optimizer in OPTIMIZERS.values():
        assert "learning_rate" in inspect.signature(optimizer).parameters
    for owner, constant in ((AdaGrad, "delta"), (RMSProp, "delta"), (Huber, "delta")):
        assert constant in inspect.signature(owner).parameters  # a constant's letter belongs to its object alone
    start = ({"weight": np.ones((1, 1)), "bias": np.zeros(1)}, {}, {"weight": np.ones((1, 1)), "bias": np.zeros(1)})
    network = Network((Dense(1), Activation("tanh"), Dense(1)))
    layers = trace(network, "normal", [[0.5]], [0.0], start).layers
    assert [layer.symbol for layer in layers] == ["z", "h", "z"]  # z before an activation, h after it
    np.testing.assert_allclose(layers[1].output, np.tanh(layers[0].output))
