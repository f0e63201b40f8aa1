"""A plain JAX loop: rows on the device, a jitted step with optax's Adam, called once for every batch."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.peers.table import softmax, starting_weights
from benchmarks.workloads import Workload


def outputs(params: list, x: jax.Array) -> jax.Array:
    """Raw outputs without dropout."""
    for weights, biases in params[:-1]:
        x = jax.nn.relu(x @ weights + biases)
    weights, biases = params[-1]
    return x @ weights + biases


def dropped_outputs(params: list, x: jax.Array, key: jax.Array, rate: float) -> jax.Array:
    """Raw outputs with dropout after each hidden layer."""
    for (weights, biases), own in zip(params[:-1], jax.random.split(key, len(params) - 1), strict=True):
        x = jax.nn.relu(x @ weights + biases)
        x = jnp.where(jax.random.bernoulli(own, 1 - rate, x.shape), x / (1 - rate), 0.0)
    weights, biases = params[-1]
    return x @ weights + biases


@functools.partial(jax.jit, static_argnames=("rate", "dropout"), donate_argnums=(0, 1))
def step(params, state, X, y, rows, key, *, rate: float, dropout: float):
    """One step of Adam on the rows of a batch; compiled once for full batches and once for the last short one."""
    x, target = X[rows], y[rows]

    def loss(params: list) -> jax.Array:
        z = dropped_outputs(params, x, key, dropout) if dropout else outputs(params, x)
        return optax.softmax_cross_entropy_with_integer_labels(z, target).mean()

    updates, state = optax.adam(rate).update(jax.grad(loss)(params), state)
    return optax.apply_updates(params, updates), state


class Adapter:
    """What one would write by hand."""

    def __init__(self, workload: Workload) -> None:
        self.workload = workload

    def fit(self, X: np.ndarray, y: np.ndarray, seed: int) -> None:
        own, rng = self.workload, np.random.default_rng(seed)
        params = jax.device_put(starting_weights(own, seed))
        state = optax.adam(own.learning_rate).init(params)
        X_there, y_there = jax.device_put(X), jax.device_put(y.astype(np.int32))
        keys = jax.random.split(jax.random.key(seed), own.steps) if own.dropout else [None] * own.steps
        number = 0
        for _ in range(own.epochs):
            order = rng.permutation(len(X)).astype(np.int32)
            for first in range(0, len(X), own.batch):
                params, state = step(
                    params, state, X_there, y_there, order[first : first + own.batch], keys[number],
                    rate=own.learning_rate, dropout=own.dropout,
                )  # fmt: skip
                number += 1
        self.params = jax.tree.map(np.asarray, params)

    def probabilities(self, X: np.ndarray) -> np.ndarray:
        hidden = X
        for weights, biases in self.params[:-1]:
            hidden = np.maximum(hidden @ weights + biases, 0)
        weights, biases = self.params[-1]
        return softmax(hidden @ weights + biases)
