"""Prediction in blocks: no row depends on how many others there are."""

import jax
import numpy as np

from wellfit.networks.presets import MLP
from wellfit.training.forward import BLOCK, BLOCKS, raw_outputs


def test_many_rows_have_the_bits_of_few():
    """Beyond 32 blocks they go through one call in threads: no row's answer changes."""
    network = MLP((7,)).build((), 2)
    shape = {"numeric": (3,), "codes": (0,)}
    params = jax.tree.map(lambda leaf: leaf[None].astype(np.float32), network.init(np.random.default_rng(0), shape))
    n = 2 * BLOCKS * BLOCK + 77
    x = {
        "numeric": np.random.default_rng(1).normal(size=(n, 3)).astype(np.float32),
        "codes": np.zeros((n, 0), np.int32),
    }
    whole = raw_outputs(network, params, ({},) * len(network.layers), x)
    assert whole.shape == (1, n, 2)
    statistics = ({},) * len(network.layers)
    for first in (0, 5, BLOCKS * BLOCK - 3, n - 10):
        rows = slice(first, first + 10)
        few = raw_outputs(network, params, statistics, {name: block[rows] for name, block in x.items()})
        np.testing.assert_array_equal(whole[:, rows], few)
