"""Gradient descent on all rows, written out: many starts of one network side by side, in float64."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

XOR_X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR_Y = np.array([0.0, 1.0, 1.0, 0.0])


def mean_loss(network, family, params, x, y):
    """The mean loss of a network on all rows."""
    return jnp.mean(family.loss(network.apply(params, network.statistics(x.shape[1:]), x)[0], y))


@functools.partial(jax.jit, static_argnames=("network", "family", "steps"))
def _descend(network, family, starts, x, y, rate, steps):
    def one(params):
        def step(_, params):
            slopes = jax.grad(lambda p: mean_loss(network, family, p, x, y))(params)
            return jax.tree.map(lambda p, g: p - rate * g, params, slopes)

        return jax.lax.fori_loop(0, steps, step, params)

    return jax.vmap(one)(starts)


def descend(network, family, starts, x, y, rate, steps):
    """Parameters after so many steps θ ← θ - rate ∇J from each of the starts (a list): stacked (starts, ...)."""
    with jax.enable_x64(True):
        stacked = jax.tree.map(lambda *leaves: np.stack(leaves).astype(float), *starts)
        return jax.tree.map(np.asarray, _descend(network, family, stacked, x, y, float(rate), int(steps)))


def outputs(network, params, x):
    """Raw outputs (starts, n, outputs) of stacked parameters, on the host."""
    count = len(jax.tree.leaves(params)[0])
    members = [jax.tree.map(lambda leaf, m=m: leaf[m], params) for m in range(count)]
    return np.stack([network.apply(own, network.statistics(x.shape[1:]), x)[0] for own in members])


def normal_start(network, shape, seed):
    """Weights from N(0, 1) and biases of 0."""
    rng = np.random.default_rng(seed)
    return tuple(
        {name: rng.normal(size=size) if name == "weight" else np.zeros(size) for name, size in layer.items()}
        for layer in network.parameters(shape)
    )


def all_ones(network, shape):
    """Every weight and bias 1."""
    return tuple({name: np.ones(size) for name, size in layer.items()} for layer in network.parameters(shape))
