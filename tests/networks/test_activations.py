"""Activations layer by layer, and presets of one's own."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from wellfit import NeuralClassifier, load
from wellfit.core.spec import spec, static
from wellfit.layers.dense import Dense
from wellfit.layers.embedding import Tabular
from wellfit.networks import MLP, Network, Preset

X, Y = load_iris(return_X_y=True)


def names(network):
    return [layer.name for layer in network.layers if hasattr(layer, "name")]


def test_one_for_all_or_one_for_each():
    assert names(MLP((8, 4), "tanh").build((), 3)) == ["tanh", "tanh"]
    each = MLP((8, 4), ("tanh", "relu")).build((), 3)
    assert names(each) == ["tanh", "relu"]
    starts = [layer.weights_init for layer in each.layers if isinstance(layer, Dense)]
    assert starts == ["glorot_uniform", "he_uniform", "glorot_uniform"]
    assert names(MLP((), ()).build((), 3)) == []


@pytest.mark.parametrize("given", [("tanh", "prelu"), ["tanh", "prelu"]])
def test_estimators_take_them_too(tmp_path, given):
    model = NeuralClassifier(hidden=(8, 4), activation=given, max_epochs=3, random_state=0).fit(X, Y)
    assert names(model.network_) == ["tanh"]
    assert type(model.network_.layers[-2]).__name__ in ("ParametricRelu", "Dropout")
    model.save(tmp_path / "m.wellfit")
    np.testing.assert_array_equal(load(tmp_path / "m.wellfit").predict(X), model.predict(X))


def test_what_cannot_be_is_said():
    with pytest.raises(
        ValueError, match=r"activation=\('tanh',\) of MLP names 1 functions for 2 hidden layers; give one"
    ):
        MLP((8, 4), ("tanh",))
    with pytest.raises(ValueError, match="did you mean 'tanh'"):
        MLP((8, 4), ("tan", "relu"))
    with pytest.raises(ValueError, match="names 3 functions for 2 hidden layers"):
        NeuralClassifier(hidden=(8, 4), activation=("tanh", "relu", "relu")).fit(X, Y)
    with pytest.raises(ValueError, match="'activation' parameter of NeuralClassifier must be 'auto', the name of an"):
        NeuralClassifier(hidden=(8, 4), activation=("tanh", "rellu")).fit(X, Y)


@spec
class Deep(Preset):
    """A preset of somebody's own."""

    layers: int = static(default=3)

    def build(self, cardinalities, outputs):
        return Network((Tabular(), *[Dense(5)] * self.layers, Dense(outputs)))


def test_a_preset_of_ones_own():
    model = NeuralClassifier(Deep(2), max_epochs=2, random_state=0).fit(X, Y)
    assert len(model.network_.layers) == 4
    assert not Deep().linear
    assert MLP(()).linear
    with pytest.raises(ValueError, match=r"'auto', a Preset, such as MLP\(\(64, 32\)\), or a Network, got 3"):
        NeuralClassifier(3).fit(X, Y)
