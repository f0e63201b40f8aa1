"""Every optimizer of the table: it descends, equals its published rule, and another number never compiles again."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from tests.helpers import tiny
from tests.optimizers.rules import Rule
from wellfit.core.spec import numbers_as
from wellfit.optimizers.classic import ClassicAdam, ClassicSGD
from wellfit.optimizers.custom import Optax
from wellfit.optimizers.table import OPTIMIZERS, resolve
from wellfit.training.loop import train

NAMES = sorted(OPTIMIZERS)
SECOND_ORDER = ("conjugate_gradient", "lbfgs", "natural_gradient")
RATES = {"sgd": 0.05, "momentum": 0.02, "nesterov": 0.02, "adagrad": 0.5, "rmsprop": 0.01}
RATES |= dict.fromkeys(("adam", "amsgrad", "adamw"), 0.05)


# Both are sums of squares of residuals r: then 2 Jᵀ J is their Gauss-Newton matrix.


def parabola_residuals(x):
    return jnp.sqrt(jnp.array([0.5, 5.0], x.dtype)) * (x - 1)


def rosenbrock_residuals(x):
    return jnp.stack([1 - x[0], 10 * (x[1] - x[0] ** 2)])


def product_of(residuals, x):
    """v ↦ 2 Jᵀ J v."""
    _, push = jax.linearize(residuals, x)
    pull = jax.linear_transpose(push, x)
    return lambda v: 2 * pull(push(v))[0]


def given(optimizer, residuals, x):
    """What the program hands to an optimizer beside the gradient."""

    def function(x):
        return jnp.sum(residuals(x) ** 2)

    value, gradient = jax.value_and_grad(function)(x)
    asked = {"rate": optimizer.learning_rate} if optimizer.takes_rate else {}
    if optimizer.needs_curvature:
        asked["product"] = product_of(residuals, x)
    return gradient, {"value": value, "grad": gradient, "value_fn": function, **asked}


def descend(optimizer, residuals, x, steps):
    """Steps of the program's rule: the direction times the learning rate is subtracted."""

    @jax.jit
    def run(optimizer, x):
        method = optimizer.direction()

        def step(_, carry):
            x, state = carry
            gradient, asked = given(optimizer, residuals, x)
            d, state = method.update(gradient, state, x, **asked)
            return x - optimizer.learning_rate * d, state

        return jax.lax.fori_loop(0, steps, step, (x, method.init(x)))[0]

    return np.asarray(run(optimizer, x))


@pytest.mark.parametrize("name", NAMES)
def test_reaches_the_minimum_of_a_parabola(name):
    with jax.enable_x64(True):
        optimizer = OPTIMIZERS[name](learning_rate=RATES.get(name, 1.0))
        found = descend(numbers_as(optimizer, np.float64), parabola_residuals, np.array([-1.0, 2.0]), 2000)
    np.testing.assert_allclose(found, 1, atol=0.02)


@pytest.mark.parametrize("name", SECOND_ORDER)
def test_reaches_the_minimum_of_rosenbrocks_valley(name):
    with jax.enable_x64(True):
        found = descend(numbers_as(OPTIMIZERS[name](), np.float64), rosenbrock_residuals, np.array([-1.2, 1.0]), 60)
    np.testing.assert_allclose(found, 1, atol=1e-6)


@pytest.mark.parametrize("name", SECOND_ORDER)
def test_stays_at_a_minimum(name):
    with jax.enable_x64(True):
        found = descend(numbers_as(OPTIMIZERS[name](), np.float64), rosenbrock_residuals, np.ones(2), 3)
    np.testing.assert_array_equal(found, 1)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SECOND_ORDER])
def test_fifty_steps_equal_the_published_rule(name):
    gradients = np.random.default_rng(0).normal(size=50)
    rule, expected = Rule(name, 0.1), 0.0
    with jax.enable_x64(True):
        method = numbers_as(OPTIMIZERS[name](), np.float64).direction()
        x, state = jnp.zeros(()), method.init(jnp.zeros(()))
        for g in gradients:
            d, state = method.update(jnp.asarray(g), state, x)
            x, expected = x - 0.1 * d, rule(expected, g)
        np.testing.assert_allclose(float(x), expected, rtol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_another_number_does_not_trace_again(name):
    traces = []

    @jax.jit
    def first(optimizer, x):
        traces.append(1)
        method = optimizer.direction()
        gradient, asked = given(optimizer, parabola_residuals, x)
        return method.update(gradient, method.init(x), x, **asked)[0]

    x = np.ones(2, np.float32)
    base = OPTIMIZERS[name]()
    numbers = [field.name for field in dataclasses.fields(base) if not field.metadata.get("static")]
    numbers = [field for field in numbers if getattr(base, field) is not None]
    for factor in (1, 0.5):
        changed = dataclasses.replace(base, **{field: getattr(base, field) * factor for field in numbers})
        first(numbers_as(changed, np.float32), x)
    assert len(traces) == 1


@pytest.mark.parametrize("name", NAMES)
def test_same_bits_alone_and_in_a_crowd(name):
    x, y = tiny.table(60)
    data, rows = tiny.arrays(x, y)
    plan = tiny.plan(hidden=4, optimizer=OPTIMIZERS[name](), full_batch=OPTIMIZERS[name].full_batch, max_epochs=3)
    crowd = train(plan, data, rows, tiny.states(plan, 3), threads=1)
    alone = train(plan, data, rows, tiny.states(plan, first=2))
    assert alone.state.history["loss"][0, 2] < alone.state.history["loss"][0, 0]
    for one, other in zip(jax.tree.leaves(alone.state), jax.tree.leaves(crowd.state), strict=True):
        np.testing.assert_array_equal(one, other[2:])


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


def test_every_method_is_exported_by_its_package():
    import wellfit.optimizers

    for method in OPTIMIZERS.values():
        assert getattr(wellfit.optimizers, method.__name__) is method
        assert method.__name__ in dir(wellfit.optimizers)
    with pytest.raises(AttributeError, match="has no attribute 'Adamm'"):
        wellfit.optimizers.Adamm


@pytest.mark.parametrize("method", [*(OPTIMIZERS[name] for name in NAMES), ClassicAdam, ClassicSGD])
def test_memory_that_is_said_to_start_as_zeros_does(method):
    params = {"weight": jnp.ones((3, 2)), "bias": jnp.ones(2)}
    begun = jax.tree.leaves(method().direction().init(params))
    assert method.starts_at_zero == (not any(np.any(leaf) for leaf in begun) and not method.full_batch)
