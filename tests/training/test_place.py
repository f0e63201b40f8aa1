"""What is done on an accelerator, and what on the host's cores beside one."""

import contextlib
import dataclasses
import re

import jax
import numpy as np
import pytest

from tests.helpers import tiny
from tests.training.test_forward import network_and_rows
from wellfit import NeuralRegressor
from wellfit.core.turns import taking_turns
from wellfit.families.normal import Normal
from wellfit.native import library
from wellfit.training import crowd, forward, lanes, loop, memory, place, programs
from wellfit.training.forward import BLOCK, BLOCKS, raw_outputs
from wellfit.training.loop import train

X = np.random.default_rng(0).normal(size=(200, 3))


@pytest.fixture
def beside(monkeypatch):
    """A call after which there is an accelerator, in name."""
    return lambda: monkeypatch.setattr(place, "accelerator", lambda: True)


def plain(**options):
    return dataclasses.replace(tiny.plan(**options), family=Normal())


@pytest.mark.parametrize("members", [1, 1000])
@pytest.mark.skipif(not library.available(), reason=library.about())
def test_without_an_accelerator_the_kernel_does_whatever_it_can(members):
    data, _ = tiny.arrays(*tiny.table())
    assert place.trains_by_kernel(plain(), data, members)
    assert place.predicts_on_host(10**9)
    assert not place.trains_by_kernel(plain(weight_noise=0.1), data, members)


@pytest.mark.skipif(not library.available(), reason=library.about())
def test_beside_one_it_does_small_steps(beside):
    beside()
    data, _ = tiny.arrays(*tiny.table())
    cases = [({}, 143, 1, True), ({}, 143, 200, False), ({}, 28_571, 1, False), ({"weight_noise": 0.1}, 143, 1, False)]
    cases += [({"full_batch": True}, 1428, 1, True), ({"full_batch": True}, 2857, 1, False)]
    for options, hidden, members, expected in cases:  # seven parameters a unit
        plan = plain(hidden=hidden, **options)
        assert place.trains_by_kernel(plan, data, members) == expected, (options, hidden, members)


@pytest.mark.skipif(not library.available(), reason=library.about())
def test_the_kernels_are_there_whatever_jax_computes_on(monkeypatch):
    assert place.accelerator() == (jax.devices()[0].platform != "cpu")
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    library._loaded.cache_clear()
    assert place.accelerator()
    assert library.available()
    assert library.about().startswith("kernels for")


@pytest.mark.skipif(not library.available(), reason=library.about())
@pytest.mark.parametrize(("members", "kernel"), [(1, True), (2, False)])
def test_a_crowd_goes_where_its_steps_are_sooner_done(beside, monkeypatch, members, kernel):
    """113 parameters and batches of 32 rows: 11 thousand multiplications of each member."""
    beside()
    seen, init = [], crowd.NativeTraining.__init__
    monkeypatch.setattr(crowd.NativeTraining, "__init__", lambda self, *args: seen.append(1) or init(self, *args))
    monkeypatch.setattr(loop, "crowds_of_waves", lambda *args: 1 / 0)
    monkeypatch.setattr(place, "SMALL_STEP", 20_000)
    data, rows = tiny.arrays(*tiny.table())
    plan = plain(max_epochs=2)
    with contextlib.nullcontext() if kernel else pytest.raises(ZeroDivisionError):
        assert train(plan, data, rows, tiny.states(plan, members)).state.epoch.tolist() == [2]
    assert bool(seen) == kernel


# -- prediction -------------------------------------------------------------------------------------------------------


def several(n, members=3):
    network, params, statistics, x = network_and_rows(n)
    params = jax.tree.map(lambda leaf: np.concatenate([leaf * (m + 1) for m in range(members)]), params)
    return network, params, statistics, x


def test_predictions_are_those_without_one_by_two_programs(beside, by_xla, monkeypatch):
    by_xla()
    whole = several(2 * BLOCK * BLOCKS + 5)
    expected = raw_outputs(*whole)
    beside()
    called, plain = [], forward.call
    monkeypatch.setattr(forward, "call", lambda *args, **how: called.append(args) or plain(*args, **how))
    np.testing.assert_allclose(raw_outputs(*whole), expected, rtol=1e-5, atol=1e-6)
    for n in (1, 255, BLOCK, BLOCK + 1, 4000):
        x = jax.tree.map(lambda leaf, n=n: leaf[:n], whole[3])
        np.testing.assert_allclose(raw_outputs(*whole[:3], x), expected[:, :n], rtol=1e-5, atol=1e-6)
    assert {args[0] for args in called} == {forward.forward_lanes}
    assert [len(args[4]["numeric"]) for args in called] == [BLOCK * BLOCKS] * 3 + [BLOCK] * 3 + [BLOCK * BLOCKS] * 2


def test_members_without_room_go_one_group_after_another(beside, by_xla, monkeypatch):
    monkeypatch.setenv("WELLFIT_CACHE", "off")  # a program of another number of members at once would have this name
    by_xla()
    beside()
    network, params, statistics, x = several(50, members=5)
    expected = raw_outputs(network, params, statistics, x)
    programs.forget()
    monkeypatch.setattr(forward, "AT_ONCE", 2 * 7 * BLOCK)  # the widest layer has 7 units
    text = programs.prepared(
        forward.forward_lanes, network, params, statistics, jax.tree.map(lambda leaf: forward.pad_rows(leaf, BLOCK), x),
        out=0,
    )[0].as_text()  # fmt: skip
    assert "f32[2,256,7]" in text
    assert "f32[5,256,7]" not in text
    np.testing.assert_allclose(raw_outputs(network, params, statistics, x), expected, rtol=1e-5, atol=1e-6)
    programs.forget()


@pytest.mark.skipif(not library.available(), reason=library.about())
def test_a_rows_answer_depends_on_the_networks_size_alone(beside, monkeypatch):
    """44 parameters of a member."""
    beside()
    seen, kernel = [], forward.outputs_by_kernel
    monkeypatch.setattr(forward, "outputs_by_kernel", lambda *args: seen.append(1) or kernel(*args))
    for small, expected in ((44 * BLOCK, 0), (44 * BLOCK + 1, 4)):
        monkeypatch.setattr(place, "SMALL_STEP", small)
        for n, members in ((1, 1), (1, 4), (700, 1), (700, 4)):
            raw_outputs(*several(n, members))
        assert len(seen) == expected


# -- programs ---------------------------------------------------------------------------------------------------------


def test_products_are_in_full_precision_which_changes_nothing_on_a_cpu(beside, monkeypatch):
    monkeypatch.setenv("WELLFIT_CACHE", "off")
    texts: list[list[str]] = []
    found = []
    for turn in (lambda: None, beside):
        turn()
        programs.forget()
        program, leaves, _ = programs.prepared(forward.forward_members, *several(BLOCK), out=0)
        lines = re.sub(r", metadata=\{[^}]*\}", "", program.as_text()).splitlines()
        texts.append([line for line in lines if " = " in line])
        found.append(np.array(program(*leaves)[0]))
    programs.forget()
    precise = ", operand_precision={highest,highest}"
    assert sum(precise in line for line in texts[0]) == 0
    assert sum(precise in line for line in texts[1]) == 2
    assert [line.replace(precise, "") for line in texts[1]] == texts[0]
    np.testing.assert_array_equal(*found)


# -- memory -----------------------------------------------------------------------------------------------------------


def rooms(monkeypatch, device, host):
    monkeypatch.setattr(memory, "available", lambda: device)
    monkeypatch.setattr(memory, "host_memory", lambda: host)
    monkeypatch.setattr(lanes, "available", lambda: device)


CROWD = {"hidden": (64,), "n_members": 20, "numeric_embedding": None, "early_stopping": False, "max_epochs": 1}


@pytest.mark.parametrize(
    ("device", "host", "words"),
    [
        (10**6, 10**9, None),  # 20 members need more, but not at once
        (None, None, None),
        (10**4, 10**9, r"^this fit needs about [\d.]+ KiB of memory and 9.8 KiB are available.* for the \w+: make"),
        (10**9, 10**5, "97.7 KiB are available, most of it .* for the parameters of 20 members"),
    ],
)
def test_one_member_must_fit_the_accelerator_and_all_the_host(beside, by_xla, monkeypatch, device, host, words):
    by_xla()
    beside()
    rooms(monkeypatch, device, host)
    monkeypatch.setattr("wellfit.estimators.base.train_in_cycles", lambda *args, **how: 1 / 0)
    with pytest.raises(ZeroDivisionError if words is None else MemoryError, match=words):
        NeuralRegressor(**CROWD, random_state=0).fit(X, X[:, 0])


@pytest.mark.skipif(not library.available(), reason=library.about())
def test_what_the_kernel_trains_needs_memory_of_the_host(beside, monkeypatch):
    beside()
    rooms(monkeypatch, 10**3, 10**9)
    data, _ = tiny.arrays(*tiny.table())
    memory.check_memory(plain(), data, (5,), 2, validate=True, dtype=np.float32)
    rooms(monkeypatch, 10**9, 10**3)
    with pytest.raises(MemoryError, match=r"1\.0 KiB are available"):
        memory.check_memory(plain(), data, (5,), 2, validate=True, dtype=np.float32)


@pytest.mark.parametrize(("full_batch", "sets", "own"), [(False, 1, 32), (True, 1, 0), (True, 3, 224)])
def test_as_many_lanes_as_fit(beside, monkeypatch, full_batch, sets, own):
    """``own``: rows of a step that a lane does not share with the others."""
    beside()
    plan, (data, rows) = tiny.plan(full_batch=full_batch), tiny.arrays(*tiny.table())
    rows = rows._replace(train=np.repeat(rows.train, sets, axis=0))
    (state,) = tiny.states(plan)
    parts = memory.estimate(plan, data, (5,), 1, validate=False, dtype=np.float32)
    one = 2 * (parts["parameters"] + parts["activations"] + own * 5 * 4) + lanes.ORDER_BYTES * 224
    for room, expected in ((None, 512), (10**12, 512), (8 * one, 8), (8 * one - 1, 4), (one, 1), (0, 1)):
        monkeypatch.setattr(lanes, "available", lambda room=room: room and room + parts["data"])
        assert lanes.lanes_that_fit(plan, data, rows, state) == expected


def test_fits_of_a_search_share_the_accelerator(beside, monkeypatch):
    beside()
    plan, (data, rows) = tiny.plan(), tiny.arrays(*tiny.table())
    (state,) = tiny.states(plan)
    monkeypatch.setattr(lanes, "available", lambda: 10**7)
    alone = lanes.lanes_that_fit(plan, data, rows, state)
    with taking_turns():
        assert lanes.lanes_that_fit(plan, data, rows, state) < alone
