import dataclasses
import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wellfit import MLPClassifier
from wellfit.training import crowd, programs


def wave(x):
    return jnp.tanh(x) * 2 + jnp.cos(x)


def test_one_core_divides_no_operation_and_changes_no_bit(monkeypatch):
    monkeypatch.setenv("WELLFIT_CACHE", "off")
    x = np.random.default_rng(0).normal(size=(1000, 1500)).astype(np.float32)
    texts, found = [], []
    for one_core in (False, True):
        program, leaves, _ = programs.prepared(wave, x, out=0, one_core=one_core)
        texts.append(program.as_text())
        found.append(np.asarray(program(*leaves)[0]))
    np.testing.assert_array_equal(*found)
    assert "outer_dimension_partitions" not in texts[1]
    several = jax.devices()[0].platform == "cpu" and len(getattr(os, "sched_getaffinity", lambda _: "ab")(0)) > 1
    assert ("outer_dimension_partitions" in texts[0]) == several


@pytest.mark.parametrize(("width", "one_core"), [(8, True), (700, False)])
def test_steps_on_small_arrays_are_not_divided(monkeypatch, by_xla, width, one_core):
    by_xla()
    seen = []
    monkeypatch.setattr(crowd, "call", lambda *args, one_core, **_: seen.append(one_core) or stopped(args[4]))
    X = np.random.default_rng(0).normal(size=(200, 5)).astype(np.float32)
    MLPClassifier((width,), batch_size=100, max_iter=1, random_state=0).fit(X, X[:, 0] > 0)
    assert seen == [one_core]


def stopped(state):
    """The state as if training had ended."""
    return state._replace(status=np.asarray(crowd.Status.STOPPED_EARLY, np.int32), epoch=np.asarray(1, np.int32))


def test_largest_array_of_a_step():
    """Of 32 rows x 300 units, and of weights of 784 x 300."""

    @dataclasses.dataclass
    class Plan:
        full_batch: bool
        batch_size: int = 32

    class Numbers:
        train = np.zeros((1, 5000))

    params = ({"weight": np.zeros((784, 300)), "bias": np.zeros(300), "scale": np.zeros(())},)
    assert crowd._largest(Plan(False), Numbers, params) == 784 * 300
    assert crowd._largest(Plan(True), Numbers, params) == 5000 * 300
    assert crowd._largest(Plan(False), Numbers, ()) == 0
