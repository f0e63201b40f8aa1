"""Networks: counts of parameters, errors that name the layer, rows that reach data-driven initializers."""

import jax
import numpy as np
import pytest

from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP


def test_the_number_of_parameters_of_784_300_100_10():
    network = MLP((300, 100)).build((), 10)
    params = network.init(np.random.default_rng(0), {"numeric": (784,), "codes": (0,)})
    assert sum(leaf.size for leaf in jax.tree.leaves(params)) == 266_610  # N-40


def test_an_error_names_the_layer():
    with pytest.raises(ValueError, match=r"layer 1 \(Dense\)"):
        Network((Activation("relu"), Dense(3))).output_shape((2, 2))


def test_a_linear_stack_is_one_affine_map():
    # theory C-013: layers without a nonlinearity between them are linear regression
    network = Network((Dense(5), Activation("identity"), Dense(2)))
    params = network.init(np.random.default_rng(0), (3,))
    x = np.random.default_rng(1).normal(size=(4, 3))
    both = network.apply(params, network.statistics((3,)), x)[0]
    np.testing.assert_allclose(both, x @ params[0]["weight"] @ params[2]["weight"])


def test_a_rate_of_zero_removes_the_layer():
    names = [type(layer).__name__ for layer in MLP((4,), dropout=0).build((), 1).layers]
    assert "Dropout" not in names
