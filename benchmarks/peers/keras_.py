"""Keras on JAX: one compiled model, whose weights and optimizer are set back for every fit."""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")  # read when keras is imported

import keras
import numpy as np

from benchmarks.peers.table import softmax, starting_weights
from benchmarks.workloads import Workload


class Adapter:
    """A new model would compile again at every fit; kept, its later fits are training alone, which is in its favour."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload
        self.model: keras.Sequential | None = None

    def built(self) -> keras.Sequential:
        """The workload's network, compiled in Keras' sense."""
        own = self.workload
        layers: list = [keras.Input((own.columns,))]
        for width in own.hidden:
            layers.append(keras.layers.Dense(width, activation="relu"))
            if own.dropout:
                layers.append(keras.layers.Dropout(own.dropout))
        model = keras.Sequential([*layers, keras.layers.Dense(own.classes)])
        model.compile(
            optimizer=keras.optimizers.Adam(own.learning_rate, epsilon=1e-8),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        )
        return model

    def fit(self, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        own = self.workload
        keras.utils.set_random_seed(seed)
        model = self.model = self.model or self.built()
        fresh = [array for pair in starting_weights(own, seed) for array in pair]
        for weight, value in zip(model.trainable_variables, fresh, strict=True):
            weight.assign(value)
        for number in model.optimizer.variables:
            if "learning_rate" not in number.path:
                number.assign(np.zeros_like(number.numpy()))
        model.fit(X, y, batch_size=own.batch, epochs=own.epochs, shuffle=True, verbose=0)

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        assert self.model is not None
        return softmax(self.model.predict(X, batch_size=1024, verbose=0))
