"""Every optimizer of the table: it descends, equals its published rule, and another number never compiles again."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from wellfit.core.spec import numbers_as
from wellfit.optimizers.custom import Optax
from wellfit.optimizers.table import OPTIMIZERS, resolve

NAMES = sorted(OPTIMIZERS)
RATES = {"sgd": 0.05, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.5, "rmsprop": 0.01, "adam": 0.05, "adamw": 0.05}


def parabola(x):
    return 0.5 * jnp.sum(jnp.array([1.0, 10.0], x.dtype) * (x - 1) ** 2)


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def descend(optimizer, function, x, steps):
    """Steps of the program's rule: the direction times the learning rate is subtracted."""

    @jax.jit
    def run(optimizer, x):
        method = optimizer.direction()

        def step(_, carry):
            x, state = carry
            value, gradient = jax.value_and_grad(function)(x)
            d, state = method.update(gradient, state, x, value=value, grad=gradient, value_fn=function)
            return x - optimizer.learning_rate * d, state

        return jax.lax.fori_loop(0, steps, step, (x, method.init(x)))[0]

    return np.asarray(run(optimizer, x))


@pytest.mark.parametrize("name", NAMES)
def test_reaches_the_minimum_of_a_parabola(name):
    with jax.enable_x64(True):
        optimizer = OPTIMIZERS[name](learning_rate=RATES.get(name, 1.0))
        found = descend(numbers_as(optimizer, np.float64), parabola, np.array([-1.0, 2.0]), 2000)
    np.testing.assert_allclose(found, 1, atol=0.02)


def test_lbfgs_reaches_the_minimum_of_rosenbrocks_valley():
    with jax.enable_x64(True):
        found = descend(numbers_as(OPTIMIZERS["lbfgs"](), np.float64), rosenbrock, np.array([-1.2, 1.0]), 60)
    np.testing.assert_allclose(found, 1, atol=1e-6)


def rule(name, gradients, rate):
    """The published rules in plain numpy (theory C-180 to C-190, T-05): the sum of the steps."""
    x = v = r = m = 0.0
    for t, g in enumerate(gradients, start=1):
        if name == "sgd":
            x -= rate * g
        elif name == "momentum":
            v = 0.9 * v - rate * g
            x += v
        elif name == "nesterov":
            v = 0.9 * v + g
            x -= rate * (g + 0.9 * v)
        elif name == "adagrad":
            r += g * g
            x -= rate * g / (1e-7 + np.sqrt(r))
        elif name == "rmsprop":
            r = 0.9 * r + 0.1 * g * g
            x -= rate * g / (1e-7 + np.sqrt(r))
        else:
            m, r = 0.9 * m + 0.1 * g, 0.999 * r + 0.001 * g * g
            x -= rate * (m / (1 - 0.9**t)) / (np.sqrt(r / (1 - 0.999**t)) + 1e-8)
    return x


@pytest.mark.parametrize("name", [name for name in NAMES if name != "lbfgs"])
def test_fifty_steps_equal_the_published_rule(name):
    gradients = np.random.default_rng(0).normal(size=50)
    with jax.enable_x64(True):
        method = numbers_as(OPTIMIZERS[name](), np.float64).direction()
        x, state = jnp.zeros(()), method.init(jnp.zeros(()))
        for g in gradients:
            d, state = method.update(jnp.asarray(g), state, x)
            x = x - 0.1 * d
        np.testing.assert_allclose(float(x), rule(name, gradients, 0.1), rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_another_number_does_not_trace_again(name):
    traces = []

    @jax.jit
    def first(optimizer, x):
        traces.append(1)
        method = optimizer.direction()
        g = jax.grad(parabola)(x)
        return method.update(g, method.init(x), x, value=parabola(x), grad=g, value_fn=parabola)[0]

    x = np.ones(2, np.float32)
    base = OPTIMIZERS[name]()
    numbers = [field.name for field in dataclasses.fields(base) if not field.metadata.get("static")]
    numbers = [field for field in numbers if getattr(base, field) is not None]
    for factor in (1, 0.5):
        changed = dataclasses.replace(base, **{field: getattr(base, field) * factor for field in numbers})
        first(numbers_as(changed, np.float32), x)
    assert len(traces) == 1


def test_names_objects_classes_and_optax():
    assert resolve("adam") == OPTIMIZERS["adam"]()
    assert resolve(OPTIMIZERS["sgd"]) == OPTIMIZERS["sgd"]()
    assert isinstance(resolve(optax.adam(1e-3)), Optax)
    with pytest.raises(ValueError, match="did you mean 'adam'"):
        resolve("adamm")
    with pytest.raises(ValueError, match="optimizer must be"):
        resolve(3)


def test_a_users_own_optax_transformation_takes_optaxs_own_steps():
    gradient = jnp.array([1.0, -2.0], jnp.float32)
    own = resolve(optax.sgd(0.25)).direction()
    direction, _ = own.update(gradient, own.init(gradient), gradient)
    np.testing.assert_allclose(-direction, optax.sgd(0.25).update(gradient, optax.sgd(0.25).init(gradient))[0])
