"""Residual blocks: what is added to what."""

import numpy as np
import pytest

from wellfit.core.spec import spec
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.radial import Radial
from wellfit.layers.residual import Residual
from wellfit.networks.network import Network

X = np.random.default_rng(0).normal(size=(6, 4))


def test_it_adds_its_input():
    block = Residual((Dense(7), Activation("tanh"), Dense(4)))
    params = block.init(np.random.default_rng(0), (4,))
    inside = Network(block.layers)
    own = tuple(params[f"layer{i}"] for i in range(3))
    change, _ = inside.apply(own, inside.statistics((4,)), X)
    np.testing.assert_allclose(block.apply(params, block.statistics((4,)), X, Context())[0], X + change)


def test_a_projection_where_widths_differ():
    block = Residual((Dense(3),))
    params = block.init(np.random.default_rng(0), (4,))
    dense, projection = params["layer0"], params["projection"]["weight"]
    expected = X @ projection + X @ dense["weight"] + dense["bias"]
    np.testing.assert_allclose(block.apply(params, block.statistics((4,)), X, Context())[0], expected)


def test_layers_inside_have_noise_of_their_own():
    block = Residual((Dropout(0.5), Dropout(0.5)))
    ones = np.ones((50, 40))
    params, kept = block.init(np.random.default_rng(0), (40,)), block.statistics((40,))
    h, _ = block.apply(params, kept, ones, Context(True, 0.0, np.uint32(1)))
    assert set(np.unique(h)) == {1.0, 5.0}
    assert (h == 5).mean() == pytest.approx(0.25, abs=0.05)  # the same mask twice would keep one half


def test_rows_reach_the_layers_inside():
    block = Residual((Radial(3), Dense(4)))
    assert block.needs_rows
    assert not Residual((Dense(4),)).needs_rows
    params = block.init(np.random.default_rng(0), (4,), X)
    assert (np.abs(params["layer0"]["centre"] - X.mean(axis=0)) < np.ptp(X, axis=0)).all()


def test_errors_name_the_layer():
    with pytest.raises(
        ValueError, match=r"layer 0 \(Residual\) of the network: layer 1 \(Dense\) of the residual block"
    ):
        Network((Residual((Activation("relu"), Dense(3))),)).output_shape((2, 2))

    @spec
    class Doubled(Activation):
        def output_shape(self, shape):
            return (2, *shape)

    with pytest.raises(ValueError, match=r"rows of shape \(4,\) became \(2, 4\); only the last axis may differ"):
        Residual((Doubled("relu"),)).output_shape((4,))
