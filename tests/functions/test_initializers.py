"""Initializers: bounds, variances and shapes (theory C-211, C-212, E-01, N-45), beside torch's."""

import numpy as np
import pytest

from wellfit import NeuralClassifier, WellfitWarning
from wellfit.functions.initializers import INITIALIZERS, for_activation, initialize, orthogonal, units_stay_equal
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP

FAN = (784, 300)
VARIANCE = {"glorot": 2 / sum(FAN), "he": 2 / FAN[0], "lecun": 1 / FAN[0]}
TORCHS = {
    "glorot_uniform": ("xavier_uniform_", {}),
    "glorot_normal": ("xavier_normal_", {}),
    "he_uniform": ("kaiming_uniform_", {"nonlinearity": "relu"}),
    "he_normal": ("kaiming_normal_", {"nonlinearity": "relu"}),
    "lecun_normal": ("kaiming_normal_", {"nonlinearity": "linear"}),
    "lecun_uniform": ("kaiming_uniform_", {"nonlinearity": "linear"}),
}


@pytest.mark.parametrize("name", TORCHS)
def test_variance_mean_and_bounds(name):
    w = initialize(name, np.random.default_rng(0), FAN, *FAN)
    variance = VARIANCE[name.split("_")[0]]
    assert w.var() == pytest.approx(variance, rel=0.01)
    assert abs(w.mean()) < 3 * np.sqrt(variance / w.size)
    if name.endswith("uniform"):
        assert np.sqrt(3 * variance) * 0.999 < abs(w).max() <= np.sqrt(3 * variance)


@pytest.mark.parametrize("name", TORCHS)
def test_moments_are_torchs(name):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    method, options = TORCHS[name]
    theirs = getattr(torch.nn.init, method)(torch.empty(FAN[1], FAN[0]), **options).numpy()
    ours = initialize(name, np.random.default_rng(0), FAN, *FAN)
    assert ours.std() == pytest.approx(float(theirs.std()), rel=0.01)
    assert abs(ours).max() == pytest.approx(float(abs(theirs).max()), rel=0.001 if name.endswith("uniform") else 0.2)


def test_glorots_bound_for_784_and_300_is_that_of_the_paper():
    w = initialize("glorot_uniform", np.random.default_rng(0), FAN, *FAN)
    assert abs(w).max() == pytest.approx(0.07440, abs=1e-5)
    assert w.var() == pytest.approx(0.001845, rel=0.01)


def test_constants_and_names():
    assert (initialize(1.0, np.random.default_rng(0), (2, 3), 2, 3) == 1).all()
    assert (initialize("constant", np.random.default_rng(0), (2, 3), 2, 3) == 1).all()  # C-210, N-69
    assert (initialize("constant", np.random.default_rng(0), (2, 3), 2, 3, gain=0.5) == 0.5).all()
    assert not initialize("zeros", np.random.default_rng(0), (2, 3), 2, 3).any()
    assert (for_activation("relu"), for_activation("tanh")) == ("he_uniform", "glorot_uniform")
    with pytest.raises(ValueError, match="did you mean 'he_normal'"):
        initialize("he_norml", np.random.default_rng(0), (2, 3), 2, 3)


def test_small_random_weights():
    small = initialize("small_random", np.random.default_rng(0), FAN, *FAN)  # C-211
    assert small.std() == pytest.approx(0.01, rel=0.01)
    larger = initialize("small_random", np.random.default_rng(0), FAN, *FAN, gain=0.05)
    np.testing.assert_allclose(larger, 5 * small)


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5)])
def test_orthogonal_columns_or_rows(shape):
    w = initialize("orthogonal", np.random.default_rng(0), shape, *shape, gain=1.5)
    gram = w.T @ w if shape[0] >= shape[1] else w @ w.T
    np.testing.assert_allclose(gram, 1.5**2 * np.eye(min(shape)), atol=1e-12)
    torch = pytest.importorskip("torch")
    theirs = torch.nn.init.orthogonal_(torch.empty(shape, dtype=torch.float64), gain=1.5).numpy()
    np.testing.assert_allclose(np.linalg.svd(w)[1], np.linalg.svd(theirs)[1])


def test_orthogonal_matrices_are_drawn_evenly():
    # Without the signs of R's diagonal numpy's QR gives the first entry one sign only (Mezzadri 2007).
    first = [orthogonal(np.random.default_rng(seed), (3, 3))[0, 0] for seed in range(300)]
    assert np.mean(np.array(first) > 0) == pytest.approx(0.5, abs=0.1)
    assert np.mean(np.square(first)) == pytest.approx(1 / 3, abs=0.05)


def test_layers_of_unit_variance_one_after_another():
    rows = np.random.default_rng(0).normal(size=(200, 10)) * np.linspace(0.1, 30, 10)
    network = Network((Dense(50, "lsuv"), Activation("relu"), Dense(40, "lsuv"), Activation("relu"), Dense(3, "lsuv")))
    params = network.init(np.random.default_rng(1), (10,), rows)
    x = rows
    for index in (0, 2, 4):
        z = x @ params[index]["weight"]
        assert z.var() == pytest.approx(1, rel=1e-9)
        x = np.maximum(z, 0)
    with pytest.raises(ValueError, match="'lsuv' scales weights by what training rows"):
        network.init(np.random.default_rng(1), (10,))


def test_an_estimator_starts_from_its_training_rows():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 4))
    y = (X[:, 0] > 0).astype(int)
    w = rng.integers(0, 3, 60)
    network = MLP((8,), init="lsuv")
    settings = {"network": network, "max_epochs": 1, "learning_rate": 1e-12, "random_state": 0}
    model = NeuralClassifier(**settings).fit(X, y, sample_weight=w)
    weight = model.params_[1]["weight"][0]
    x = model._table.transform(X, np.float64)["numeric"]
    assert (x.repeat(w, axis=0) @ weight).var() == pytest.approx(1, rel=1e-6)
    repeated = NeuralClassifier(**settings).fit(X.repeat(w, axis=0), y.repeat(w))
    np.testing.assert_allclose(repeated.params_[1]["weight"], model.params_[1]["weight"], rtol=1e-7)


def test_equal_weights_on_both_sides_are_warned_of():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    network = MLP((4,), activation="tanh", init="constant")
    with pytest.warns(WellfitWarning, match=r"the 4 units of layer 1 \(Dense\) start with equal weights"):  # E-14
        model = NeuralClassifier(network=network, max_epochs=20, random_state=0, calibrate=False).fit(X, y)
    learnt = model.params_[1]["weight"][0]
    np.testing.assert_allclose(learnt, learnt[:, :1].repeat(4, axis=1), atol=1e-9)
    assert not units_stay_equal(np.ones((3, 4)), rng.normal(size=(4, 2)))
    assert not units_stay_equal(np.ones((3, 1)), np.ones((1, 2)))


@pytest.mark.slow
def test_every_initializer_by_name_in_an_estimator():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 3))
    y = (X[:, 0] > 0).astype(int)
    for name in INITIALIZERS:
        if name not in ("constant", "zeros"):
            model = NeuralClassifier(network=MLP((4,), init=name), max_epochs=2, calibrate=False, random_state=0)
            assert np.isfinite(model.fit(X, y).loss_)
