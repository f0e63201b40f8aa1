"""Residual networks for tables: structure, training with normalisation, and files."""

import jax
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits

from wellfit import NeuralClassifier, fit, load
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.layers.normalization import NORMALIZATIONS, BatchNorm
from wellfit.layers.residual import Residual
from wellfit.networks import Network, ResidualMLP

SHAPE = {"numeric": (4,), "codes": (1,)}
QUICK = {"max_epochs": 15, "n_members": 1, "random_state": 0}


@pytest.mark.parametrize("normalization", [*NORMALIZATIONS, None])
def test_it_is_the_papers(normalization):
    network = ResidualMLP(6, 3, 2, normalization=normalization, dropout=0.1, residual_dropout=0.2).build((5,), 2)
    names = [type(layer).__name__ for layer in network.layers]
    norm = [] if normalization is None else [NORMALIZATIONS[normalization].__name__]
    assert names == ["Tabular", "Dense", *["Residual"] * 3, *norm, "Activation", "Dense"]
    inside = [type(layer).__name__ for layer in network.layers[2].layers]
    assert inside == [*norm, "Dense", "Activation", "Dropout", "Dense", "Dropout"]
    assert network.output_shape(SHAPE) == (2,)
    params = network.init(np.random.default_rng(0), SHAPE)
    assert params[2][f"layer{len(norm)}"]["weight"].shape == (6, 12)
    flat = jax.tree.map(np.shape, params)
    assert flat == network.parameters(SHAPE)


@pytest.mark.parametrize("normalization", ["batch", pytest.param("layer", marks=pytest.mark.slow)])
def test_it_learns_and_goes_to_a_file(tmp_path, normalization):
    X, y = load_digits(return_X_y=True)
    model = NeuralClassifier(ResidualMLP(32, normalization=normalization, dropout=0.1), **QUICK).fit(X[:1200], y[:1200])
    assert model.score(X[1200:], y[1200:]) > 0.88
    model.save(tmp_path / "m.wellfit")
    again = load(tmp_path / "m.wellfit")
    np.testing.assert_array_equal(again.predict_proba(X[:50]), model.predict_proba(X[:50]))
    again.set_params(warm_start=True, max_epochs=2).fit(X[:1200], y[:1200])


def test_running_statistics_are_those_of_the_training_rows_and_rows_alone_are_rows_together():
    X, y = load_breast_cancer(return_X_y=True)
    network = Network((BatchNorm(learn=False, momentum=0.02), Dense(1)))
    X = X[:400]  # 12 batches of 32 rows, and one of 16
    found = fit(network, "bernoulli", X, y[:400], learning_rate=1e-6, max_epochs=30)
    kept = jax.tree.map(lambda leaf: leaf[0], found.statistics[0])
    np.testing.assert_allclose(kept["mean"], X.mean(axis=0), rtol=0.05)
    np.testing.assert_allclose(kept["variance"] * 31.5 / 30.5, X.var(axis=0), rtol=0.2)
    np.testing.assert_array_equal(
        np.concatenate([found.raw_outputs(X[i : i + 1]) for i in range(5)], axis=1), found.raw_outputs(X)[:, :5]
    )


def test_on_all_rows_an_integer_weight_is_the_row_repeated():
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(30, 3)), rng.integers(1, 4, 30)
    y = np.sin(X[:, 0]) + X[:, 1]
    network = Network((Dense(8), Residual((BatchNorm(), Dense(8), Activation("relu"))), Dense(1)))
    options = {"batch_size": "full", "learning_rate": 0.01, "max_epochs": 20, "dtype": np.float64}
    weighted = fit(network, "normal", X, y, weights=w, **options)
    repeated = fit(network, "normal", np.repeat(X, w, axis=0), np.repeat(y, w), **options)
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-9)


def test_full_batch_line_search_and_padding():
    """150 rows stand in 160 places: the ten that pad must not enter the statistics."""
    rng = np.random.default_rng(0)
    X = rng.normal(3.0, 2.0, (150, 3))
    y = X[:, 0] * X[:, 1]
    block = Residual((BatchNorm(), Dense(16), Activation("tanh"), Dense(3)))
    found = fit(Network((block, Dense(1))), "normal", X, y, optimizer="lbfgs", max_epochs=100, dtype=np.float64)
    kept = found.statistics[0]["layer0"]
    np.testing.assert_allclose(kept["mean"][0], X.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(kept["variance"][0], X.var(axis=0), rtol=1e-12)
    assert np.mean((found.mean(X) - y) ** 2) < 0.05 * y.var()


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="normalization 'bath' is unknown; did you mean 'batch'"):
        ResidualMLP(normalization="bath")
    with pytest.raises(ValueError, match="blocks=0 of ResidualMLP must be an integer >= 1"):
        ResidualMLP(blocks=0)
    with pytest.raises(ValueError, match="activation 'rel' is unknown"):
        ResidualMLP(activation="rel")
