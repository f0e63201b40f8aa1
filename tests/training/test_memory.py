"""Memory is estimated before it is allocated, and what cannot fit is refused in one sentence."""

import time

import jax
import numpy as np
import pytest

from tests.helpers import tiny
from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.layers.dense import Dense
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.scaling import Scaling
from wellfit.networks.network import Network
from wellfit.optimizers.table import resolve
from wellfit.training import memory
from wellfit.training.state import State, stack

X = np.random.default_rng(0).normal(size=(200, 3))


def bytes_of(tree):
    return sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(tree))


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("members", [1, 3])
def test_the_estimate_holds_the_states_as_they_are_made(optimizer, members):
    plan = tiny.plan(hidden=40, optimizer=resolve(optimizer))
    data, _ = tiny.arrays(*tiny.table())
    found = memory.estimate(plan, data, (5,), members, validate=True, dtype=np.float32)
    assert found["data"] == bytes_of(data)
    made: State = stack(tiny.states(plan, members, validate=True))
    once = bytes_of(made.moving.params)
    # beside the state: gradient and direction; the state's few counters and histories are not counted
    kept = bytes_of((made.moving.params, made.moving.opt_state, made.good, made.best))
    assert found["parameters"] == pytest.approx(kept + 2 * once, rel=0.01)


def test_activations_count_the_batch_forward_and_back_for_each_thread(monkeypatch):
    monkeypatch.setattr(memory, "cores", lambda: 2)
    data, _ = tiny.arrays(*tiny.table())
    one, three = (
        memory.estimate(tiny.plan(hidden=40), data, (5,), members, validate=False, dtype=np.float32)["activations"]
        for members in (1, 3)
    )
    assert one == 2 * 32 * (40 + 40 + 1) * 4
    assert three == 2 * one
    whole = memory.estimate(tiny.plan(hidden=40, full_batch=True), data, (5,), 1, validate=False, dtype=np.float32)
    assert whole["activations"] == one // 32 * len(data.w)


LAYERS = [
    (Dense(7), (3,)),
    (Dense(7, bias=False), (3,)),
    (Scaling(), (3,)),
    (Embedding((4, 30), (0, 8)), (2,)),
    (Tabular(Embedding((4, 30), (2, 8))), {"numeric": (3,), "codes": (2,)}),
    (Tabular(None), {"numeric": (3,), "codes": (0,)}),
]


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: type(value).__name__)
def test_a_layer_knows_the_shapes_of_what_it_makes(layer, shape):
    made = layer.init(np.random.default_rng(0), shape)
    assert {name: leaf.shape for name, leaf in made.items()} == layer.parameters(shape)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"hidden": (10**6, 10**6)}, "for the parameters of 4 members: make the network smaller (hidden) or use fewer"),
        ({"hidden": (10**6, 10**6), "n_members": 1}, "for the parameters: make"),
        ({"hidden": (10**6, 10**6), "optimizer": "lbfgs"}, "for the parameters of 4"),
    ],
)
def test_a_network_beyond_any_memory_is_refused_before_it_is_made(options, words):
    before = time.perf_counter()
    with pytest.raises(MemoryError, match=r"^this fit needs about") as refusal:
        NeuralRegressor(**options, random_state=0).fit(X, X[:, 0])
    assert words in str(refusal.value)
    assert "TiB" in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert time.perf_counter() - before < 5


def test_also_in_partial_fit():
    with pytest.raises(MemoryError, match="this fit needs about"):
        NeuralClassifier(hidden=(10**6, 10**6)).partial_fit(X, X[:, 0] > 0)


@pytest.mark.parametrize(
    ("room", "options", "largest"),
    [
        (3_000, {"hidden": 2, "n_members": 1, "batch_size": 1}, "data"),
        (100_000, {"hidden": 64, "n_members": 50}, "parameters of 50 members"),
        (100_000, {"hidden": 8, "n_members": 1, "batch_size": 200_000}, "activations"),
    ],
)
def test_little_memory_names_the_largest_part(monkeypatch, room, options, largest):
    monkeypatch.setattr(memory, "available", lambda: room)
    rows = np.tile(X, (60, 1)) if largest == "activations" else X
    with pytest.raises(MemoryError) as refusal:
        NeuralRegressor(**options, numeric_embedding=None, early_stopping=False, random_state=0).fit(rows, rows[:, 0])
    assert f"for the {largest}" in str(refusal.value)
    assert memory.REMEDIES[largest.split()[0]] in str(refusal.value)


def test_where_nobody_knows_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: None)
    plan, (data, _) = tiny.plan(hidden=10**6), tiny.arrays(*tiny.table())
    memory.check_memory(plan, data, (5,), 10**6, validate=True, dtype=np.float32)


def test_the_machine_and_its_container(monkeypatch, tmp_path):
    meminfo, limit = tmp_path / "meminfo", tmp_path / "memory.max"
    monkeypatch.setattr(memory, "MEMINFO", meminfo)
    monkeypatch.setattr(memory, "CONTAINER_LIMIT", limit)
    assert memory.available() > 2**20  # all there is, where nobody counts
    meminfo.write_text("MemTotal:  900 kB\nMemAvailable:     500 kB\n")
    assert memory.available() == 500 * 1024
    limit.write_text("max\n")
    assert memory.available() == 500 * 1024
    limit.write_text("300000\n")
    assert memory.available() == 300_000
    limit.write_text("900000\n")
    assert memory.available() == 500 * 1024


class Device:
    """An accelerator that says how much it has."""

    platform = "gpu"

    def __init__(self, stats):
        self.stats = stats

    def memory_stats(self):
        return self.stats


def test_an_accelerator_is_asked_itself(monkeypatch):
    for stats, room in (({"bytes_limit": 1000, "bytes_in_use": 300}, 700), ({}, None), (None, None)):
        monkeypatch.setattr(memory.jax, "local_devices", lambda stats=stats: [Device(stats)])
        assert memory.available() == room


def test_it_costs_less_than_a_millisecond():
    plan, (data, _) = tiny.plan(), tiny.arrays(*tiny.table())
    tiny.states(plan)  # the optimizer's shapes are traced once for both
    spent = []
    for _ in range(20):
        before = time.perf_counter()
        memory.check_memory(plan, data, (5,), 2, validate=True, dtype=np.float32)
        spent.append(time.perf_counter() - before)
    assert min(spent) < 1e-3


def test_a_width_may_be_numpys_integer():
    network = Network((Tabular(), Dense(np.int64(3)), Dense(1)))
    NeuralRegressor(network=network, max_epochs=1, random_state=0).fit(X, X[:, 0])
