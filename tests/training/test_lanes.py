"""Members as lanes of one program, as on an accelerator: the same numbers as by threads, to rounding."""

import dataclasses
import os
import signal
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import wellfit
from tests.helpers import tiny
from tests.helpers.trees import close, same_bits
from wellfit import MLPClassifier, NeuralClassifier
from wellfit.core.spec import numbers_as
from wellfit.families.normal import Normal
from wellfit.functions.schedules import Cosine
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Tabular
from wellfit.layers.normalization import LayerNorm
from wellfit.networks.network import Network
from wellfit.networks.presets import TabM
from wellfit.networks.residual_mlp import ResidualMLP
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.momentum import Momentum
from wellfit.training import crowd, lanes, place
from wellfit.training.crowd import Member
from wellfit.training.loop import train
from wellfit.training.plan import Plan, Rows
from wellfit.training.programs import compilations
from wellfit.training.state import stack, start
from wellfit.training.status import Status

ROOT = Path(__file__).parents[2]
SHAPE = {"numeric": (5,), "codes": (0,)}
PLAIN = Network((Tabular(), Dense(8), Activation("relu"), Dense(1)))


@pytest.fixture
def by_lanes(monkeypatch, by_xla):
    """A call after which members are lanes, at most so many; before it they are calls of XLA's program in threads."""
    by_xla()

    def turn_on(most=lanes.MOST_LANES):
        monkeypatch.setattr(place, "accelerator", lambda: True)
        monkeypatch.setattr(lanes, "MOST_LANES", most)

    return turn_on


@pytest.fixture
def counts(monkeypatch):
    """The number of lanes of every slice."""
    found, plain = [], lanes.call
    monkeypatch.setattr(lanes, "call", lambda *args, **how: found.append(len(args[5])) or plain(*args, **how))
    return found


def made(network=PLAIN, optimizer=None, *, dtype=np.float64, members=4, n=100, valid=0, weights=False, **options):
    """Plan, data, rows and a call that makes fresh states."""
    x, y = tiny.table(n)
    w = np.random.default_rng(1).integers(1, 4, n) if weights else None
    data, rows = tiny.arrays(x, y, w, valid=valid, dtype=dtype)
    data = data._replace(x={"numeric": data.x, "codes": np.zeros((len(data.x), 0), np.int32)})
    options = {"max_epochs": 6, "batch_size": 32, "l2": 0.1, **options}
    plan = numbers_as(Plan(network, Normal(), optimizer or Adam(1e-2), **options), dtype)

    def states(row_sets=1):
        return [
            start(
                plan, network.init(np.random.default_rng(m), SHAPE), network.statistics(SHAPE),
                seed=0, member=m, row_set=m % row_sets, validate=bool(valid), epochs=16, dtype=dtype,
            )
            for m in range(members)
        ]  # fmt: skip

    return plan, data, rows, states


def bags(rows, sets=3, fewer=20):
    """Sets of rows drawn with replacement, of other numbers each."""
    rng, (n,) = np.random.default_rng(2), rows.n_train
    numbers = n - fewer * np.arange(sets, dtype=np.int32)
    train = np.zeros((sets, rows.train.shape[1]), np.int32)
    for own, count in zip(train, numbers, strict=True):
        own[:count] = rng.integers(0, n, count)
    valid, n_valid = np.repeat(rows.valid, sets, axis=0), np.repeat(rows.n_valid, sets)
    return Rows(train, numbers, valid, n_valid, numbers.astype(rows.weight.dtype))


def varied(plan, members=4):
    """A plan for each member, of other numbers."""
    return [changed(plan, optimizer=Adam(0.002 * (m + 1)), l2=0.1 * (m + 1), max_epochs=3 + m) for m in range(members)]


def changed(plan, **numbers):
    """The plan with these numbers, through the door."""
    return numbers_as(dataclasses.replace(plan, **numbers), np.float64)


def alike(found, expected, tolerance=1e-9):
    """Whether every member ended in the same way, with the same epochs, history and parameters."""
    np.testing.assert_array_equal(found.state.status, expected.state.status)
    np.testing.assert_array_equal(found.state.best_epoch, expected.state.best_epoch)
    close(found.state, expected.state, tolerance)
    close(found.kept, expected.kept, tolerance)


DROPPED = Network((Tabular(), Dense(8), Activation("relu"), Dropout(0.2), Dense(1)))
TABM = TabM((6,), k=3, activation="tanh").build((), 1).layers
NORMED = Network((*TABM[:-1], LayerNorm(), TABM[-1]))
PLANS = {
    "dropout, AdamW, schedule": (DROPPED, AdamW(Cosine(0.02), weight_decay=0.1), {"valid": 30, "row_sets": 3}),
    "residual, batch norm, momentum": (ResidualMLP(6, 1).build((), 1), Momentum(0.01), {"valid": 30, "weights": True}),
    "TabM, layer norm, L1, clipping": (NORMED, None, {"l1": 0.5, "clip_norm": 1.0, "full_batch": True, "row_sets": 3}),
}


@pytest.mark.parametrize("name", PLANS)
def test_lanes_find_what_threads_find(by_lanes, name):
    """With one set of rows for all, or with one of three: of other numbers, of some rows twice."""
    network, optimizer, options = PLANS[name]
    row_sets = options.get("row_sets", 1)
    plan, data, rows, states = made(network, optimizer, **{k: v for k, v in options.items() if k != "row_sets"})
    rows = bags(rows, row_sets) if row_sets > 1 else rows
    with jax.enable_x64(True):
        threads = train(plan, data, rows, states(row_sets))
        by_lanes()
        seen: list[list[int]] = []
        found = train(
            plan, data, rows, states(row_sets), every_epoch=True,
            watch=lambda progress: seen.append(progress.epochs.tolist()) or False,
        )  # fmt: skip
    alike(found, threads)
    assert seen == [[epoch] * 4 for epoch in range(1, 7)]  # however many steps each member's epochs have
    assert len({line.tobytes() for line in threads.state.history["loss"]}) == 4


def test_each_lane_has_its_own_numbers(by_lanes, counts):
    """Of four members one ends after each epoch from the third on: four lanes, then two, then one."""
    plan, data, rows, states = made()
    with jax.enable_x64(True):
        threads = train(varied(plan), data, rows, states(), every_epoch=True)
        by_lanes()
        alike(train(varied(plan), data, rows, states(), every_epoch=True), threads)
    assert threads.state.epoch.tolist() == [3, 4, 5, 6]
    assert counts == [4, 4, 4, 4, 2, 1]


def test_members_that_stop_early_leave_their_lanes(by_lanes, counts):
    plan, data, rows, states = made(DROPPED, valid=40, patience=0, max_epochs=14)
    with jax.enable_x64(True):
        threads = train(plan, data, rows, states(), every_epoch=True)
        by_lanes()
        found = train(plan, data, rows, states(), every_epoch=True)
    alike(found, threads)
    assert Status.STOPPED_EARLY in found.state.status
    assert len(set(found.state.epoch.tolist())) > 2
    assert counts[0] == 4
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 4


def test_so_it_is_in_float32_nearly(by_lanes):
    """Adam makes steps of one size of the smallest gradients: after 24 steps rounding shows in the fifth digit."""
    plan, data, rows, states = made(dtype=np.float32)
    threads = train(plan, data, rows, states())
    by_lanes()
    alike(train(plan, data, rows, states()), threads, 1e-4)


def test_a_lane_that_diverges_touches_no_other(by_lanes):
    plan, data, rows, states = made()
    plans = varied(plan)
    plans[1] = changed(plans[1], optimizer=Adam(1e300))
    with jax.enable_x64(True):
        threads = train(plans, data, rows, states())
        by_lanes()
        found = train(plans, data, rows, states())
    assert found.state.status.tolist() == [1, Status.DIVERGED, 1, 1]
    assert found.state.rollbacks.tolist() == [0, 13, 0, 0]
    alike(found, threads)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(found.params))


def wave(plan, data, rows, states):
    members = [Member(plan, data, rows, state) for state in states]
    return members, lanes.Wave(members, *jax.device_put((data, rows)))


def test_slice_length_changes_no_bit(by_lanes):
    plan, data, rows, states = made(DROPPED, members=3, valid=40, patience=20)
    by_lanes()
    ends = []
    for steps in (1, 7, 1000):
        with jax.enable_x64(True):
            members, together = wave(plan, data, rows, states())
            while together.running:
                together.advance(steps)
        ends.append(stack([member.state for member in members]))
    assert ends[0].epoch.tolist() == [6, 6, 6]
    same_bits(ends[0], ends[1])
    same_bits(ends[0], ends[2])


def test_the_states_given_stay_as_they_are(by_lanes):
    plan, data, rows, states = made(members=1)
    by_lanes()
    given = states()
    with jax.enable_x64(True):
        _, together = wave(plan, data, rows, given)
        together.advance(1000)
    assert not together.running
    same_bits(given, states())


def test_waves_take_turns_and_hold_no_more_than_fits(by_lanes, counts, monkeypatch):
    plan, data, rows, states = made(members=10)
    waves, plain = set(), lanes.Wave.advance

    def advance(self, steps):
        waves.add(self)
        assert not any(wave.lanes for wave in waves if wave is not self)
        plain(self, steps)

    monkeypatch.setattr(lanes.Wave, "advance", advance)
    with jax.enable_x64(True):
        threads = train(plan, data, rows, states())
        by_lanes(4)
        found = train(plan, data, rows, states(), every_epoch=True)
    alike(found, threads)
    assert counts == [4, 4, 2] * 6
    assert len(waves) == 3


def test_a_wave_whose_states_take_long_to_move_keeps_its_turn(by_lanes, monkeypatch):
    plan, data, rows, states = made(max_epochs=3)
    by_lanes(2)
    turns, plain = [], lanes.Wave.advance

    def advance(self, steps):
        plain(self, 1)
        turns.append(id(self))
        self.moved = 1e9

    monkeypatch.setattr(lanes.Wave, "advance", advance)
    with jax.enable_x64(True):
        train(plan, data, rows, states())
    assert turns == [turns[0]] * 12 + [turns[-1]] * 12
    assert turns[0] != turns[-1]


def test_members_of_similar_numbers_share_a_program(by_lanes):
    plan, data, rows, states = made()
    by_lanes()
    with jax.enable_x64(True):
        train(plan, data, rows, states())
        before = compilations()
        found = train(plan, data, rows, states()[:3])
    assert compilations() == before
    assert found.state.epoch.tolist() == [6, 6, 6]


def test_one_member_alone_is_no_lane(by_lanes, counts):
    plan, data, rows, states = made(members=1)
    with jax.enable_x64(True):
        threads = train(plan, data, rows, states())
        by_lanes()
        same_bits(train(plan, data, rows, states()).state, threads.state)
    assert not counts


def test_after_ctrl_c_every_member_has_its_present_state(by_lanes, interrupts):
    plan, data, rows, states = made(max_epochs=16, members=3)

    def presses(progress):
        if progress.epochs[0] == 4:
            os.kill(os.getpid(), signal.SIGINT)
        return False

    by_lanes()
    with jax.enable_x64(True):
        found = train(plan, data, rows, states(), watch=presses, every_epoch=True)
        ended = train(changed(plan, max_epochs=5), data, rows, states())
    assert found.interrupted
    assert found.state.epoch.tolist() == [5, 5, 5]
    close(found.state.moving, ended.state.moving, 1e-9)


def test_max_time_is_shared_by_all_waves(by_lanes, monkeypatch):
    monkeypatch.setattr(crowd, "FIRST_SLICE_WORK", 1e6)
    plan, data, rows, states = made(max_epochs=10**7)
    by_lanes(2)
    with jax.enable_x64(True):
        found = train(plan, data, rows, states(), max_time=0.3)
    assert found.timed_out
    assert found.state.status.tolist() == [Status.RUNNING] * 4
    assert (found.state.epoch > 0).all()


def test_whoever_keeps_parameters_gets_those_of_all_members(by_lanes):
    plan, data, rows, states = made(members=3)
    kept = []
    by_lanes()
    with jax.enable_x64(True):
        found = train(
            plan, data, rows, states(), keep=lambda *now: kept.append(now), every_epoch=True,
            watch=lambda progress: progress.epochs[2] == 4,
        )  # fmt: skip
    assert found.stopped_by_callback
    assert len(kept) == 4
    same_bits(kept[-1], (found.state.moving.params, found.state.moving.statistics))
    assert not np.array_equal(kept[0][0][1]["weight"], kept[1][0][1]["weight"])


def test_each_device_has_waves_of_its_own(by_lanes):
    plan, data, rows, states = made(members=7)
    members, _ = wave(plan, data, rows, states())
    devices = jax.local_devices()[:1] * 3
    for most, expected in ((2, [[[0, 1], [6]], [[2, 3]], [[4, 5]]]), (512, [[[0, 1, 2]], [[3, 4, 5]], [[6]]])):
        by_lanes(most)
        crowds = lanes.crowds_of_waves(members, data, rows, devices)
        found = [[[members.index(member) for member in part.members] for part in crowd.waiting] for crowd in crowds]
        assert found == expected


TWO_DEVICES = """
import jax
from tests.training.test_lanes import made, same_bits
from wellfit.native import library
from wellfit.training import disk, lanes, place
from wellfit.training.loop import train

library.available = lambda: False
place.accelerator = lambda: True
lanes.MOST_LANES = 2
plain, where = lanes.call, []
key, kept = disk.key, []

def call(*args, **how):
    where.append(args[2].w.device.id)
    after = plain(*args, **how)
    assert after[0].moving.params[1]["weight"].device == args[2].w.device
    return after

lanes.call = call
disk.key = lambda *args: kept.append(args[0]) or key(*args)
plan, data, rows, states = made(max_epochs=3)
with jax.enable_x64(True):
    both = train(plan, data, rows, states())
    assert set(where) == {0, 1}, where
    assert len(kept) == 1, kept  # a program of the second device is of no use to a process that has only one
    where.clear()
    first = train(plan, data, rows, states(), keep=lambda *now: None)
    assert set(where) == {0}, where
same_bits(both.state, first.state)
print(len(jax.local_devices()), "devices")
"""


@pytest.mark.slow
def test_waves_are_divided_among_devices(tmp_path):
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        "XLA_FLAGS": "--xla_force_host_platform_device_count=2",
        "WELLFIT_CACHE": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 devices\n"


# -- estimators -------------------------------------------------------------------------------------------------------


def rows_of_classes(n=200):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(n, 4))
    return X, (X[:, 0] * X[:, 1] + 0.3 * rng.normal(size=n) > 0).astype(int)


SETTINGS = {"hidden": (16,), "n_members": 8, "max_epochs": 5, "early_stopping": False, "random_state": 0}
SETTINGS |= {"learning_rate": 1e-3, "dropout": None}


def test_an_estimator_predicts_the_same(by_lanes, counts):
    X, y = rows_of_classes()
    threads = NeuralClassifier(**SETTINGS).fit(X, y).predict_proba(X)
    by_lanes()
    model = NeuralClassifier(**SETTINGS).fit(X, y)
    assert set(counts) == {8}
    np.testing.assert_allclose(model.predict_proba(X), threads, atol=1e-4)


@pytest.mark.parametrize(
    "make",
    [
        lambda: wellfit.GridSearchCV(NeuralClassifier(**SETTINGS), {"learning_rate": [1e-3, 1e-2]}, cv=3),
        lambda: wellfit.BaggingClassifier(MLPClassifier((8,), max_iter=5), n_estimators=4, random_state=0),
        lambda: NeuralClassifier(**{**SETTINGS, "bootstrap": True, "vary": {"learning_rate": [1e-3, 1e-2]}}),
    ],
    ids=["search", "bagging", "bootstrap"],
)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore:.*lie in the bags of all")
@pytest.mark.slow
def test_so_do_searches_and_ensembles(by_lanes, make):
    X, y = rows_of_classes()
    threads = make().fit(X, y)
    by_lanes()
    found = make().fit(X, y)
    np.testing.assert_allclose(found.predict_proba(X), threads.predict_proba(X), atol=1e-4)


class Small:
    """A device that has no memory for more than so many lanes, from its second slice on where that is said."""

    def __init__(self, monkeypatch, most, message="RESOURCE_EXHAUSTED: Out of memory", first_fits=False):
        self.tried, plain = [], lanes.call

        def call(*args, **how):
            self.tried.append(len(args[5]))
            if len(args[5]) > most and not (first_fits and len(self.tried) == 1):
                raise jax.errors.JaxRuntimeError(f"{message} while trying to allocate 9 bytes.")
            return plain(*args, **how)

        monkeypatch.setattr(lanes, "call", call)


@pytest.mark.parametrize("first_fits", [False, True])
def test_with_less_memory_than_planned_half_as_many_begin_again(by_lanes, monkeypatch, first_fits):
    plan, data, rows, states = made(members=7, valid=30)
    plans = [changed(plan, optimizer=Adam(0.002 * (m + 1)), max_epochs=1 + m) for m in range(7)]  # one ends at once
    with jax.enable_x64(True):
        expected = train(plans, data, rows, states())
        by_lanes()
        small = Small(monkeypatch, 2, first_fits=first_fits)
        alike(train(plans, data, rows, states(), every_epoch=True), expected)
    assert small.tried[: 3 + first_fits] == [8] * (1 + first_fits) + [4, 1]  # 7, half of them, half of those
    assert {*small.tried[3 + first_fits :]} == {1}


def test_an_error_of_another_kind_and_one_lane_too_many_are_raised(by_lanes, monkeypatch):
    plan, data, rows, states = made(members=4)
    by_lanes()
    Small(monkeypatch, 2, "INTERNAL: something")
    with jax.enable_x64(True), pytest.raises(jax.errors.JaxRuntimeError, match="INTERNAL"):
        train(plan, data, rows, states())
    small = Small(monkeypatch, 0)
    with jax.enable_x64(True), pytest.raises(jax.errors.JaxRuntimeError, match="RESOURCE"):
        train(plan, data, rows, states())
    assert small.tried == [4, 2, 1]
