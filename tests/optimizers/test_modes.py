"""Batch, mini-batch and stochastic descent are one method with another batch size (theory C-181 to C-183)."""

import jax
import numpy as np
import pytest

from tests.helpers import tiny
from wellfit import NeuralRegressor
from wellfit.layers.dense import Dense
from wellfit.networks.network import Network
from wellfit.optimizers.sgd import SGD
from wellfit.training.loop import train


def one_epoch(batch_size, n=23, rate=0.25):
    """The weights after one epoch on rows of which each moves one weight alone, towards 1."""
    x, y = np.eye(n), np.ones((n, 1))
    network = Network((Dense(1, bias=False),))
    full = batch_size == "full"
    plan = tiny.plan(optimizer=SGD(rate), batch_size=8 if full else batch_size, full_batch=full, max_epochs=1)
    plan = jax.tree.map(np.asarray, type(plan)(**{**vars(plan), "network": network}))
    data, rows = tiny.arrays(x, y)
    states = tiny.states(plan, d=n)
    moving = states[0].moving._replace(params=({"weight": np.zeros((n, 1), np.float32)},))
    found = train(plan, data, rows, [states[0]._replace(moving=moving)])
    return found.state.moving.step[0], np.asarray(found.state.moving.params[0]["weight"])[0, :, 0]


@pytest.mark.parametrize(("batch_size", "steps", "share"), [(1, 23, 1), (8, 3, 8), ("full", 1, 23)])
def test_an_epoch_sees_each_row_once(batch_size, steps, share):
    taken, weights = one_epoch(batch_size)
    assert taken == steps
    expected = np.full(23, 0.25 / share)
    if batch_size == 8:  # two batches of 8 and one of 7: a row's share of its batch's mean
        assert np.isclose(weights, 0.25 / 8, atol=1e-6).sum() == 16
        assert np.isclose(weights, 0.25 / 7, atol=1e-6).sum() == 7
    else:
        np.testing.assert_allclose(weights, expected, rtol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 16, "full"])
def test_each_mode_fits(batch_size):
    x, y = tiny.table(60)
    model = NeuralRegressor(
        hidden=(), optimizer="sgd", learning_rate=0.01 if batch_size == 1 else 0.1, batch_size=batch_size,
        max_epochs=40, n_members=1, early_stopping=False, random_state=0,
    ).fit(x, y[:, 0])  # fmt: skip
    best = NeuralRegressor(hidden=(), optimizer="lbfgs", random_state=0).fit(x, y[:, 0])
    assert model.score(x, y[:, 0]) > best.score(x, y[:, 0]) - 0.02
