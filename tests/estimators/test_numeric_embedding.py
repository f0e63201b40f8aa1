"""Numbers enter as waves where wellfit builds the network, and only there."""

import numpy as np
import pytest
import scipy.sparse

from wellfit import NeuralRegressor
from wellfit.layers.dense import Dense
from wellfit.layers.embedding import Tabular
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP

RNG = np.random.default_rng(0)
X = np.column_stack([RNG.uniform(-2, 2, 200), RNG.integers(0, 2, 200)])
Y = np.sin(6 * X[:, 0]) + X[:, 1]


def waves(**settings):
    return NeuralRegressor(max_epochs=1, random_state=0, **settings).fit(X, Y).network_.layers[0].waves


def test_columns_of_more_than_two_values_have_waves():
    assert waves().columns == (0,)
    assert waves(network=MLP((8,)), numeric_embedding="periodic").columns == (0,)


@pytest.mark.parametrize(
    "settings",
    [{"numeric_embedding": None}, {"hidden": (8,)}, {"network": MLP((8,))}],
    ids=["none", "hidden", "preset"],
)
@pytest.mark.slow
def test_no_waves(settings):
    assert waves(**settings) is None


def test_tiny_and_wide_tables_have_none():
    tiny = NeuralRegressor(max_epochs=1).fit(X[:60], Y[:60])
    wide = NeuralRegressor(max_epochs=1).fit(RNG.normal(size=(200, 60)), Y[:200])
    assert [model.network_.layers[0].waves for model in (tiny, wide)] == [None, None]


def test_waves_learn_what_rises_and_falls():
    x = np.column_stack([RNG.uniform(-2, 2, 1600), RNG.integers(0, 2, 1600)])
    y = np.sin(4 * x[:, 0]) + x[:, 1]
    missed = []
    for kind in ("periodic", None):
        model = NeuralRegressor(hidden=(32,), numeric_embedding=kind, max_epochs=60, random_state=0)
        missed.append(1 - model.fit(x[:1200], y[:1200]).score(x[1200:], y[1200:]))
    assert missed[0] < 0.1 * missed[1]


def test_what_cannot_have_waves_is_refused():
    own = Network((Tabular(), Dense(1)))
    with pytest.raises(ValueError, match="waves=Periodic"):
        NeuralRegressor(network=own, numeric_embedding="periodic").fit(X, Y)
    with pytest.raises(ValueError, match="sparse X"):
        NeuralRegressor(numeric_embedding="periodic").fit(scipy.sparse.csr_array(X), Y)
    with pytest.raises(ValueError, match="'auto', None or 'periodic'"):
        NeuralRegressor(numeric_embedding="wavelet").fit(X, Y)
