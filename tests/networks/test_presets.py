"""Networks by description: a weight-shared ensemble beside the networks that it stands for."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.metrics import log_loss

from wellfit import NeuralClassifier, NeuralRegressor, load
from wellfit.families.normal import Normal
from wellfit.networks.presets import MLP, TabM
from wellfit.training.objective import mean_loss

SHAPE = {"numeric": (4,), "codes": (2,)}
RNG = np.random.default_rng(0)
ROWS = {"numeric": RNG.normal(size=(9, 4)), "codes": RNG.integers(0, 5, (9, 2)).astype(np.int32)}


def random_params(network):
    """Parameters of which none is special."""
    params = network.init(np.random.default_rng(1), SHAPE)
    return tuple({name: RNG.normal(size=leaf.shape) for name, leaf in layer.items()} for layer in params)


def test_each_member_is_the_mlp_with_its_scales_multiplied_in():
    network = TabM((6, 5), k=3).build((5, 5), 2)
    params = random_params(network)
    z = network.apply(params, network.statistics(SHAPE), ROWS)[0]
    assert z.shape == (9, 3, 2)
    assert network.output_shape(SHAPE) == (3, 2)
    single = MLP((6, 5)).build((5, 5), 2)
    _, copies, first, _, second, _, heads = params
    for m in range(3):
        own = (
            {},
            *({"weight": (copies["scale"][m] * first["scale0"][m])[:, None] * first["weight"] * first["scale1"][m],
               "bias": first["bias"][m]}, {}),
            *({"weight": second["scale0"][m][:, None] * second["weight"] * second["scale1"][m],
               "bias": second["bias"][m]}, {}),
            {"weight": heads["weight"][m], "bias": heads["bias"][m]},
        )  # fmt: skip
        np.testing.assert_allclose(single.apply(own, ({},) * 6, ROWS)[0], z[:, m], rtol=1e-9)


def test_the_loss_is_the_mean_of_the_members_losses():
    z, y = RNG.normal(size=(7, 3, 1)), RNG.normal(size=(7, 1))
    family = Normal().bind(1)
    expected = np.mean([family.loss(z[:, m], y) for m in range(3)], axis=0)
    np.testing.assert_allclose(mean_loss(family, z, y), expected, rtol=1e-6)


def test_it_has_one_networks_weights_and_a_little_more():
    shapes = TabM((256, 256), k=16).build((), 1).parameters({"numeric": (20,), "codes": (0,)})
    shared = sum(np.prod(layer["weight"]) for layer in (shapes[2], shapes[4]))
    everything = sum(np.prod(size) for layer in shapes for size in layer.values())
    assert shared == 20 * 256 + 256 * 256
    assert everything < 1.5 * shared


def test_its_members_are_mixed_like_a_crowd(tmp_path):
    X, y = load_breast_cancer(return_X_y=True)
    quick = {"max_epochs": 15, "random_state": 0, "n_members": 2, "calibrate": False}
    model = NeuralClassifier(TabM((16,), k=4, dropout=0.1), **quick).fit(X, y)
    members = model._raw(model._encoded(X))
    assert members.shape == (8, len(y), 1)
    mixed = np.mean([model.family_.mean(z) for z in members], axis=0)
    np.testing.assert_allclose(model.predict_proba(X), mixed, rtol=1e-6)
    assert log_loss(y, model.predict_proba(X)) < 0.2
    model.save(tmp_path / "m.wellfit")
    np.testing.assert_array_equal(load(tmp_path / "m.wellfit").predict_proba(X), model.predict_proba(X))


def test_its_intervals_know_that_members_disagree():
    X, y = load_diabetes(return_X_y=True)
    model = NeuralRegressor(TabM((16,), k=4), max_epochs=20, n_members=1, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.4
    for method in ("conformal", "distribution"):
        low, high = model.predict_interval(X, 0.9, method=method).T
        assert ((low <= y) & (y <= high)).mean() > 0.8


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="TabM needs k >= 1 and at least one hidden layer, got k=0"):
        TabM(k=0)
