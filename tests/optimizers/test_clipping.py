"""Gradient clipping: by the norm over all parameters, and by value, for every optimizer (theory E-33, A-90)."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from tests.helpers import tiny
from wellfit import NeuralClassifier, NeuralRegressor, fit
from wellfit.layers.dense import Dense
from wellfit.networks.network import Network
from wellfit.optimizers.clipping import clip_by_norm, clip_by_value
from wellfit.optimizers.sgd import SGD
from wellfit.training.loop import train
from wellfit.training.programs import compilations

TREE = {"a": np.array([[3.0, -4.0]]), "b": np.array([12.0])}


@pytest.mark.parametrize("most", [0.5, 13.0, 20.0])
def test_equal_to_optax(most):
    with jax.enable_x64(True):
        tree = jax.tree.map(jnp.asarray, TREE)
        for ours, theirs in (
            (clip_by_norm(tree, most), optax.clip_by_global_norm(most).update(tree, optax.EmptyState())[0]),
            (clip_by_value(tree, most), optax.clip(most).update(tree, optax.EmptyState())[0]),
        ):
            for one, other in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
                np.testing.assert_allclose(one, other, rtol=1e-14)


def test_extremes():
    zero = clip_by_norm([jnp.zeros(3)], 1.0)
    np.testing.assert_array_equal(zero[0], 0)
    huge = clip_by_norm([jnp.array([3e38, -3e38], jnp.float32)], jnp.float32(2))  # its square overflows
    np.testing.assert_allclose(huge[0], np.sqrt([2, 2]) * [1, -1], rtol=1e-6)
    assert not np.isfinite(clip_by_norm([jnp.array([np.inf, 1.0])], 1.0)[0]).all()


@pytest.mark.parametrize(("clip", "expected"), [({"clip_norm": 0.1}, 0.1), ({"clip_value": 0.02}, None)])
def test_a_step_of_the_program_is_no_longer_than_the_limit(clip, expected):
    x, y = tiny.table(50)
    data, rows = tiny.arrays(x, 100 * y)
    plan = tiny.plan(optimizer=SGD(1.0), full_batch=True, max_epochs=1, **clip)
    states = tiny.states(plan)
    after = train(plan, data, rows, states).params
    steps = [b - a[0] for a, b in zip(jax.tree.leaves(after), jax.tree.leaves(states[0].moving.params), strict=True)]
    if expected:
        assert np.sqrt(sum((s**2).sum() for s in steps)) == pytest.approx(expected, rel=1e-4)
    else:
        assert max(np.abs(s).max() for s in steps) == pytest.approx(0.02, rel=1e-4)


@pytest.mark.slow
def test_a_limit_is_a_number_that_is_traced_and_a_large_one_changes_nothing():
    x, y = tiny.table(150)
    options = {"hidden": 4, "max_epochs": 3, "n_members": 1, "random_state": 0}
    free = NeuralRegressor(**options).fit(x, y[:, 0]).predict(x)
    np.testing.assert_allclose(NeuralRegressor(clip_norm=1e6, **options).fit(x, y[:, 0]).predict(x), free, rtol=1e-4)
    before = compilations()
    tight = NeuralRegressor(clip_norm=1e-4, **options).fit(x, y[:, 0]).predict(x)
    assert compilations() == before
    assert np.abs(tight - free).max() > 1e-3


def test_it_keeps_a_large_rate_from_diverging():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 2)) * [1, 100]
    options = {"optimizer": "sgd", "learning_rate": 0.01, "schedule": "constant", "max_epochs": 30, "batch_size": 10}
    with pytest.warns(UserWarning, match="non-finite|diverged"):
        fit(Network((Dense(1),)), "normal", x, x @ [1.0, 1.0], **options)
    held = fit(Network((Dense(1),)), "normal", x, x @ [1.0, 1.0], clip_norm=1.0, **options)
    assert held.status == "finished"
    assert np.isfinite(held.history["loss"]).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clip_norm": 0}, "'clip_norm' parameter of NeuralClassifier must be None or a number > 0"),
        ({"clip_value": -1.0}, "'clip_value'"),
        ({"clip_norm": 1.0, "optimizer": "lbfgs"}, "changes the slope that LBFGS searches along"),
        ({"clip_value": 1.0, "optimizer": "conjugate_gradient"}, "ConjugateGradient searches along"),
    ],
)
def test_what_cannot_be(options, words):
    x, y = tiny.table(20)
    with pytest.raises(ValueError, match=words):
        NeuralClassifier(**options).fit(x, y[:, 0] > 0)


@pytest.mark.parametrize("clip", [{"clip_norm": 0.0}, {"clip_value": np.inf}, {"clip_norm": [1.0]}])
def test_what_cannot_be_without_an_estimator(clip):
    x, y = tiny.table(20)
    with pytest.raises(ValueError, match="must be None or a finite number > 0"):
        fit(Network((Dense(1),)), "normal", x, y, optimizer="sgd", **clip)
