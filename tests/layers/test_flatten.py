"""Flattening: order, gradients, and a network that begins with it."""

import jax
import numpy as np

from wellfit.core.spec import numbers_as
from wellfit.files.specs import from_json, to_json
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.flatten import Flatten
from wellfit.networks.network import Network


def test_images_become_rows_of_numbers():  # C-248
    x = np.arange(2 * 3 * 4.0).reshape(2, 3, 4)
    flat, _ = Flatten().apply({}, {}, x, Context())
    np.testing.assert_array_equal(flat, x.reshape(2, 12))
    np.testing.assert_array_equal(flat[0, :4], x[0, 0])  # the last axis is fastest, as numpy and torch have it
    assert Flatten().output_shape((28, 28)) == (784,)
    assert Flatten().output_shape((16, 32, 32)) == (16_384,)
    assert Flatten().output_shape(()) == (1,)


def test_in_a_network_and_in_a_program():
    network = Network((Flatten(), Dense(2)))
    params = network.init(np.random.default_rng(0), (3, 4))
    x = np.random.default_rng(1).normal(size=(5, 3, 4))
    whole, _ = network.apply(params, network.statistics((3, 4)), x)
    np.testing.assert_allclose(whole, x.reshape(5, 12) @ params[1]["weight"])
    with jax.enable_x64(True):
        slope = jax.jit(jax.grad(lambda x: network.apply(params, network.statistics((3, 4)), x)[0].sum()))(x)
    np.testing.assert_allclose(slope, np.broadcast_to(params[1]["weight"].sum(axis=1).reshape(3, 4), x.shape))
    assert from_json(to_json(numbers_as(network, np.float32))) == network
