"""The five promises of the training program, kept before any feature."""

import jax
import numpy as np
import pytest

from tests.helpers import tiny
from wellfit.training.loop import Member, train
from wellfit.training.programs import compilations
from wellfit.training.state import stack
from wellfit.training.status import Status


def same(a, b):
    """Whether two trees have the same bits."""
    for left, right in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True):
        np.testing.assert_array_equal(np.asarray(left), np.asarray(right))


def sliced(plan, data, rows, states, steps):
    """Train in slices of exactly ``steps`` steps."""
    members = [Member(plan, *jax.device_put((data, rows)), state) for state in states]
    for member in members:
        while member.running:
            member.advance(steps)
    return stack([member.state for member in members])


def test_repeated_rows_equal_weights():
    x, y = tiny.table(40)
    counts = np.random.default_rng(1).integers(0, 4, 40)
    results = []
    with jax.enable_x64(True):
        for a, b, w in ((x, y, counts), (x.repeat(counts, 0), y.repeat(counts, 0), None)):
            used = np.ones(len(a), bool) if w is None else w > 0
            data, rows = tiny.arrays(a[used], b[used], None if w is None else w[used], dtype=np.float64)
            plan = tiny.plan(dtype=np.float64, full_batch=True, max_epochs=60, l2=0.1)
            results.append(train(plan, data, rows, tiny.states(plan, dtype=np.float64)).params)
    for one, other in zip(*map(jax.tree.leaves, results), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)


@pytest.mark.parametrize("full_batch", [False, True])
def test_slice_length_changes_no_bit(full_batch):
    x, y = tiny.table()
    data, rows = tiny.arrays(x, y, valid=40)
    plan = tiny.plan(dropout=0.2, full_batch=full_batch, patience=3)
    ends = [sliced(plan, data, rows, tiny.states(plan, validate=True), steps) for steps in (1, 7, 1000)]
    assert ends[0].epoch[0] > 1
    same(ends[0], ends[1])
    same(ends[0], ends[2])


def test_member_alone_equals_member_in_a_crowd_of_eight():
    x, y = tiny.table()
    data, rows = tiny.arrays(x, y, valid=40)
    plan = tiny.plan(dropout=0.2, patience=2, max_epochs=20)
    crowd = train(plan, data, rows, tiny.states(plan, 8, validate=True), threads=2)
    assert len(set(crowd.state.epoch.tolist())) > 1, "all members stopped together: none went on without the others"
    for member in (0, 3, 7):
        alone = train(plan, data, rows, tiny.states(plan, 1, first=member, validate=True))
        same(alone.state, jax.tree.map(lambda leaf, m=member: leaf[m : m + 1], crowd.state))


def test_injected_nan_rolls_back():
    x, y = tiny.table()
    data, rows = tiny.arrays(x, y)
    plan = tiny.plan()
    member = Member(plan, *jax.device_put((data, rows)), tiny.states(plan)[0])
    member.advance(2 * member.to_epoch_end())
    before = jax.tree.map(np.array, member.state)
    poisoned = jax.tree.map(lambda leaf: np.full_like(leaf, np.nan), before.moving.params)
    member.state = jax.device_put(before._replace(moving=before.moving._replace(params=poisoned)))
    member.advance(1)
    after = jax.tree.map(np.array, member.state)
    same(after.moving.params, before.good.params)
    assert after.rollbacks == 1
    assert after.factor == np.float32(0.3)
    assert after.epoch == before.epoch
    while member.running:
        member.advance(1000)
    assert member.status == Status.FINISHED
    losses = np.asarray(member.state.history["loss"])
    assert np.isfinite(losses[:10]).all()
    assert losses[9] < losses[1]


def test_endless_divergence_ends_with_a_status():
    x, y = tiny.table()
    data, rows = tiny.arrays(x, np.full_like(y, np.inf))
    plan = tiny.plan()
    end = train(plan, data, rows, tiny.states(plan))
    assert end.state.status[0] == Status.DIVERGED
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(end.params))


def test_one_compilation_over_numbers_seeds_and_row_counts():
    def fit(n, seed, rate, dropout):
        x, y = tiny.table(n, seed=seed)
        data, rows = tiny.arrays(x, y, valid=40)
        plan = tiny.plan(dropout=dropout, optimizer=tiny.Adam(rate), patience=5)
        return train(plan, data, rows, tiny.states(plan, validate=True, seed=seed))

    fit(830, 0, 1e-2, 0.1)
    before = compilations()
    events = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda name, seconds, **_: events.append(name) if "backend_compile" in name else None
    )
    for n, seed, rate, dropout in ((896, 1, 1, 0.2), (800, 2, np.float32(0.1), 0.5), (833, 3, True, 0.25)):
        fit(n, seed, rate, dropout)
    assert compilations() == before
    assert not events, "XLA compiled something behind our back"
