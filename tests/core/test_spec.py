"""Descriptions: what is static is Python's own, so that equal descriptions are one program and one file."""

import pickle

import jax
import numpy as np
import pytest
from sklearn.base import clone

import wellfit
from wellfit import NeuralRegressor
from wellfit.layers.dense import Dense
from wellfit.layers.periodic import Periodic
from wellfit.layers.shared import Copies, Heads, SharedDense
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP, TabM
from wellfit.networks.radial_basis import RadialBasis
from wellfit.networks.residual_mlp import ResidualMLP

X = np.random.default_rng(0).normal(size=(40, 2))
THREE = np.int64(3)


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (Dense(THREE, bias=np.bool_(False)), Dense(3, bias=False)),
        (MLP((THREE, np.int32(2))), MLP((3, 2))),
        (MLP([3, 2], activation=["tanh", "relu"]), MLP((3, 2), activation=("tanh", "relu"))),
        (MLP(np.array([3, 2])), MLP((3, 2))),
        (TabM((THREE,), k=np.uint8(2)), TabM((3,), k=2)),
        (ResidualMLP(THREE, blocks=THREE), ResidualMLP(3, blocks=3)),
        (RadialBasis(THREE), RadialBasis(3)),
        (Periodic(np.array([0, 1]), frequencies=THREE), Periodic((0, 1), frequencies=3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_numpys_sizes_are_pythons(given, plain):
    assert repr(given) == repr(plain)
    assert jax.tree.structure(given) == jax.tree.structure(plain)
    assert repr(clone(given)) == repr(pickle.loads(pickle.dumps(given))) == repr(plain)


def test_a_network_of_numpys_widths_trains_and_is_planned():
    network = Network((Dense(THREE), Dense(np.int32(1))))
    assert wellfit.fit(network, "normal", X, X[:, 0], max_epochs=1).predict(X).shape == (40,)
    assert "Dense(3)" in NeuralRegressor(MLP((THREE,)), max_epochs=1).plan(X, X[:, 0]).network


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Dense(2.5), "width=2.5 of Dense must be an integer >= 1"),
        (lambda: Dense(True), "width=True of Dense must be an integer >= 1"),
        (lambda: SharedDense(-2), "width=-2 of SharedDense must be"),
        (lambda: Heads(0), "width=0 of Heads must be"),
        (lambda: Copies("3"), "k='3' of Copies must be"),
        (lambda: Periodic((0,), mixtures=0), "mixtures=0 of Periodic must be"),
        (lambda: MLP(3), r"hidden=3 of MLP must be a tuple of integers >= 1, such as \(64, 32\)"),
        (lambda: MLP((8, 2.5)), r"hidden=\(8, 2.5\) of MLP must be a tuple of integers >= 1"),
        (lambda: TabM((8,), k=2.5), "TabM needs k >= 1"),
    ],
)
def test_what_is_no_size_is_said_where_it_is_given(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()
