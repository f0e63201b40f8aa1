"""Twenty steps in float64 equal to 1e-12 the published rules: numpy's, optax's and torch's (theory T-05).

On Rosenbrock's valley by the direction alone, and on a small network through the training program.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from tests.helpers import tiny
from tests.optimizers.rules import NAMES, Rule, rate_of
from wellfit.core.spec import numbers_as
from wellfit.optimizers.table import OPTIMIZERS
from wellfit.training.loop import train

STEPS = 20
START = np.array([-1.2, 1.0])
DECAY = 0.01


def rosenbrock(x):
    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2


def own_path(name):
    """Twenty points of wellfit's method."""
    with jax.enable_x64(True):
        optimizer = numbers_as(OPTIMIZERS[name](learning_rate=rate_of(name)), np.float64)
        method = optimizer.direction()

        def step(carry, _):
            x, state = carry
            d, state = method.update(jax.grad(rosenbrock)(x), state, x)
            x = x - optimizer.learning_rate * d
            return (x, state), x

        x = jnp.asarray(START)
        return np.asarray(jax.lax.scan(step, (x, method.init(x)), length=STEPS)[1])


def numpys_path(name):
    rule, x, path = Rule(name, rate_of(name)), START, []
    for _ in range(STEPS):
        slope = np.array([-2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2), 200 * (x[1] - x[0] ** 2)])
        x = rule(x, slope)
        path.append(x)
    return np.stack(path)


def optaxs(name, rate):
    if name in ("sgd", "momentum", "nesterov"):
        return optax.sgd(rate, 0.0 if name == "sgd" else 0.9, nesterov=name == "nesterov")
    if name == "rmsprop":
        return optax.rmsprop(rate, 0.9, 1e-7, eps_in_sqrt=False)
    return {"adam": optax.adam, "amsgrad": optax.amsgrad, "adamw": optax.adamw}[name](
        rate, **({"weight_decay": 0.0} if name == "adamw" else {})
    )


def optaxs_path(name):
    with jax.enable_x64(True):
        method, x, path = optaxs(name, rate_of(name)), jnp.asarray(START), []
        state = method.init(x)
        for _ in range(STEPS):
            step, state = method.update(jax.grad(rosenbrock)(x), state, x)
            x = x + step
            path.append(np.asarray(x))
    return np.stack(path)


def torchs(name, params, rate, decay=0.0):
    torch = pytest.importorskip("torch")
    if name in ("sgd", "momentum", "nesterov"):
        return torch.optim.SGD(params, rate, 0.0 if name == "sgd" else 0.9, nesterov=name == "nesterov")
    if name == "adagrad":
        return torch.optim.Adagrad(params, rate, eps=1e-7)
    if name == "rmsprop":
        return torch.optim.RMSprop(params, rate, 0.9, eps=1e-7)
    if name == "adamw":
        return torch.optim.AdamW(params, rate, weight_decay=decay)
    return torch.optim.Adam(params, rate)


def torchs_path(name):
    torch = pytest.importorskip("torch")
    x = torch.tensor(START, requires_grad=True)
    method, path = torchs(name, [x], rate_of(name)), []
    for _ in range(STEPS):
        method.zero_grad()
        rosenbrock(x).backward()
        method.step()
        path.append(x.detach().numpy().copy())
    return np.stack(path)


PATHS = {"numpy": numpys_path, "optax": optaxs_path, "torch": torchs_path}
# optax's AdaGrad has its constant inside the root; torch's AMSGrad takes the largest before the bias correction.
LACKING = {("optax", "adagrad"), ("torch", "amsgrad")}


@pytest.mark.parametrize("source", PATHS)
@pytest.mark.parametrize("name", NAMES)
def test_twenty_steps_in_rosenbrocks_valley(name, source):
    if (source, name) in LACKING:
        pytest.skip(f"{source} has another rule of that name")
    theirs = PATHS[source](name)
    assert np.abs(theirs[-1] - START).max() > 1e-4
    np.testing.assert_allclose(own_path(name), theirs, rtol=1e-12, atol=1e-13)


@pytest.fixture(scope="module")
def problem():
    """Rows, a network's start, and its loss and gradient in plain numpy."""
    x, y = tiny.table(40)
    plan = tiny.plan(hidden=6, dtype=np.float64)
    return x, y, plan.network.init(np.random.default_rng(3), (5,))


def trained(name, problem, steps=STEPS):
    """The parameters after so many steps of the program on all rows, decay for AdamW included."""
    x, y, start = problem
    options = {"weight_decay": DECAY} if name == "adamw" else {}
    optimizer = OPTIMIZERS[name](learning_rate=rate_of(name), **options)
    with jax.enable_x64(True):
        plan = tiny.plan(hidden=6, optimizer=optimizer, dtype=np.float64, full_batch=True, max_epochs=steps)
        data, rows = tiny.arrays(x, y, dtype=np.float64)
        states = tiny.states(plan, dtype=np.float64)
        moving = states[0].moving._replace(params=start)
        found = train(plan, data, rows, [states[0]._replace(moving=moving)])
    return [np.asarray(leaf)[0] for leaf in jax.tree.leaves(found.params)]


def in_order(params):
    """The leaves in JAX's order: bias before weight, layer by layer."""
    return [np.array(layer[name]) for layer in params if layer for name in ("bias", "weight")]


def slopes(leaves, x, y):
    """The gradient of the mean of ½ (z - y)² by backpropagation, written out."""
    b1, w1, b2, w2 = leaves
    a = x @ w1 + b1
    h = np.maximum(a, 0)
    delta = (h @ w2 + b2 - y) / len(x)
    back = (delta @ w2.T) * (a > 0)
    return [back.sum(0), x.T @ back, delta.sum(0), h.T @ delta]


@pytest.mark.parametrize("name", NAMES)
def test_twenty_steps_of_a_network_equal_numpys(name, problem):
    x, y, start = problem
    leaves = in_order(start)
    rules = [Rule(name, rate_of(name)) for _ in leaves]
    for _ in range(STEPS):
        gradient = slopes(leaves, x, y)
        decays = [DECAY if name == "adamw" and leaf.ndim == 2 else 0.0 for leaf in leaves]
        leaves = [rule(leaf, g, d) for rule, leaf, g, d in zip(rules, leaves, gradient, decays, strict=True)]
    for ours, theirs in zip(trained(name, problem), leaves, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in NAMES if ("torch", name) not in LACKING])
def test_twenty_steps_of_a_network_equal_torchs(name, problem):
    torch = pytest.importorskip("torch")
    x, y, start = problem
    b1, w1, b2, w2 = leaves = [torch.tensor(leaf, requires_grad=True) for leaf in in_order(start)]
    groups = [{"params": [w1, w2], **({"weight_decay": DECAY} if name == "adamw" else {})}, {"params": [b1, b2]}]
    method = torchs(name, groups, rate_of(name))
    for _ in range(STEPS):
        method.zero_grad()
        z = torch.relu(torch.tensor(x) @ w1 + b1) @ w2 + b2
        (0.5 * (z - torch.tensor(y)) ** 2).sum(1).mean().backward()
        method.step()
    for ours, theirs in zip(trained(name, problem), leaves, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-12, atol=1e-12)
