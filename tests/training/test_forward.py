"""Prediction in blocks: no row depends on how many others there are."""

import jax
import numpy as np
import pytest

from wellfit.networks.presets import MLP
from wellfit.training import forward
from wellfit.training.forward import BLOCK, BLOCKS, raw_outputs
from wellfit.training.programs import call, compilations


def network_and_rows(n):
    network = MLP((7,)).build((), 2)
    params = network.init(np.random.default_rng(0), {"numeric": (3,), "codes": (0,)})
    x = {
        "numeric": np.random.default_rng(1).normal(size=(n, 3)).astype(np.float32),
        "codes": np.zeros((n, 0), np.int32),
    }
    return network, jax.tree.map(lambda leaf: leaf[None].astype(np.float32), params), ({},) * len(network.layers), x


@pytest.mark.parametrize("n", [BLOCK * 3 + 5, BLOCKS * BLOCK + 300])
def test_threads_change_no_bit(monkeypatch, n):
    found = raw_outputs(*network_and_rows(n))
    monkeypatch.setattr(forward, "WORTH_THREADS", 0)
    np.testing.assert_array_equal(raw_outputs(*network_and_rows(n)), found)


def test_a_last_call_computes_the_blocks_that_hold_rows_and_no_program_more(by_xla):
    by_xla()
    raw_outputs(*network_and_rows(BLOCKS * BLOCK + 300))
    before = compilations()
    network, params, statistics, x = network_and_rows(BLOCKS * BLOCK)
    blocks = jax.tree.map(lambda leaf: leaf.reshape(BLOCKS, BLOCK, *leaf.shape[1:]), x)
    found = np.asarray(call(forward.forward_blocks, network, params, statistics, blocks, np.int32(2), out=0))
    assert found[:2].any(axis=(1, 2, 3)).all()
    assert not found[2:].any()
    assert compilations() == before


@pytest.mark.parametrize("kernel", [True, False])
def test_many_rows_have_the_bits_of_few(by_xla, kernel):
    """Beyond 32 blocks they go through one call in threads: no row's answer changes."""
    if not kernel:
        by_xla()
    n = 2 * BLOCKS * BLOCK + 77
    network, params, statistics, x = network_and_rows(n)
    whole = raw_outputs(network, params, statistics, x)
    assert whole.shape == (1, n, 2)
    for first in (0, 5, BLOCKS * BLOCK - 3, n - 10):
        rows = slice(first, first + 10)
        few = raw_outputs(network, params, statistics, {name: block[rows] for name, block in x.items()})
        np.testing.assert_array_equal(whole[:, rows], few)
