"""When training ends by its held-out rows."""

import dataclasses

import numpy as np
import pytest

from tests.helpers import tiny
from wellfit.core.spec import numbers_as
from wellfit.families.normal import Normal
from wellfit.native import library
from wellfit.training.loop import train
from wellfit.training.status import Status

ENGINES = ["kernel", "xla"]


def ends(engine, by_xla, **options):
    """(best epochs, last epochs) of members whose held-out rows end the training."""
    if engine == "xla":
        by_xla()
    elif not library.available():
        pytest.skip(library.about())
    x, y = tiny.table(120)
    y = y + np.random.default_rng(1).normal(size=y.shape)  # much of it cannot be learnt
    data, rows = tiny.arrays(x, y, valid=40)
    plan = tiny.plan(max_epochs=60, hidden=64, optimizer=tiny.Adam(1e-2), **options)
    plan = numbers_as(dataclasses.replace(plan, family=Normal()), np.float32)
    state = train(plan, data, rows, tiny.states(plan, 6, validate=True)).state
    assert (state.status == Status.STOPPED_EARLY).all()
    return state.best_epoch, state.epoch


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("share", [0.6, 1.0])
def test_patience_grows_with_the_best_epoch(engine, share, by_xla):
    best, last = ends(engine, by_xla, patience=2, patience_share=share)
    waits = np.maximum(2, (share * best).astype(int))
    assert len(set(waits)) > 1, "no member was waited for longer than another"
    assert (last == best + waits + 1).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_patience_without_a_share_is_the_same_for_all(engine, by_xla):
    best, last = ends(engine, by_xla, patience=5)
    assert len(set(best)) > 2
    assert (last == best + 6).all()


def test_both_engines_end_at_the_same_epoch(by_xla):
    kernel = ends("kernel", by_xla, patience=3, patience_share=0.7, dtype=np.float32)
    xla = ends("xla", by_xla, patience=3, patience_share=0.7, dtype=np.float32)
    assert sum(a == b for a, b in zip(kernel[1], xla[1], strict=True)) >= 5  # rounding may move one
