"""Which rows data-driven layers start from, and starts at the best constant."""

import numpy as np
from scipy.sparse import csr_matrix

from wellfit.families.categorical import Categorical
from wellfit.layers.dense import Dense
from wellfit.layers.radial import Radial
from wellfit.networks.network import Network
from wellfit.training.members import STARTING_ROWS, fresh_params, starting_rows

NEEDS = Network((Radial(3), Dense(1)))
X = np.arange(40.0).reshape(20, 2)


def test_rows_come_as_often_as_their_weights_say():
    train, w = np.arange(3, 20), np.ones(20)
    np.testing.assert_array_equal(starting_rows(NEEDS, X, w, train), X[3:])
    w = np.random.default_rng(0).integers(0, 5, 20).astype(float)
    w[3] = 2
    np.testing.assert_array_equal(starting_rows(NEEDS, X, w, train), np.repeat(X[3:], w[3:].astype(int), axis=0))
    thirds = starting_rows(NEEDS, X, np.r_[np.full(10, 0.1), np.full(10, 0.3)], np.arange(20))
    assert len(thirds) == 20
    assert (thirds[:, 0] >= 20).sum() == 15


def test_of_many_rows_some_are_drawn_evenly_and_sparse_ones_are_dense():
    many = np.arange(50_000.0)[:, None]
    found = starting_rows(NEEDS, {"a": many, "b": csr_matrix(many)}, np.ones(50_000), np.arange(50_000))
    assert found["a"].shape == found["b"].shape == (STARTING_ROWS, 1)
    np.testing.assert_array_equal(found["a"], found["b"])
    assert np.ptp(np.diff(found["a"][:, 0])) <= 1


def test_nobody_asks():
    assert starting_rows(Network((Dense(1),)), X, np.ones(20), np.arange(20)) is None


def test_a_start_at_the_constant_is_the_shares_of_the_classes_for_every_row():
    family, network = Categorical().bind(3), Network((Dense(5), Dense(3)))
    y, w = np.array([0, 0, 1, 2]), np.array([1.0, 1.0, 2.0, 4.0])
    params = fresh_params(network, family, (2,), y, w, seed=0, member=0, constant=True)
    z, _ = network.apply(params, network.statistics((2,)), X)
    np.testing.assert_allclose(family.mean(z), np.tile([0.25, 0.25, 0.5], (20, 1)))
    assert params[0]["weight"].all()
