"""Shorter products in training on accelerators, and what stays whole."""

import collections
import re
from typing import Any

import jax
import numpy as np
import pytest

import wellfit
from tests.helpers import tiny
from wellfit.functions.products import MATMUL_PRECISIONS
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.optimizers.lbfgs import LBFGS
from wellfit.optimizers.natural_gradient import NaturalGradient
from wellfit.training import place
from wellfit.training.plan import Plan
from wellfit.training.program import run

X, Y = tiny.table()
NETWORK = Network((Dense(4), Activation("relu"), Dense(1)))


@pytest.fixture
def beside(monkeypatch):
    """There is an accelerator, in name."""
    monkeypatch.setattr(place, "accelerator", lambda: True)


def products(plan: Plan, dtype: Any = np.float32) -> dict[str, int]:
    """How many of the training program's matrix products a GPU is asked to do how: nothing is run there."""
    with jax.enable_x64(dtype == np.float64), jax.default_matmul_precision("highest"):
        data, rows = tiny.arrays(X, Y, valid=40, dtype=dtype)
        (state,) = tiny.states(plan, validate=True, dtype=dtype)
        traced = jax.jit(lambda *given: run(*given)).trace(plan, data, rows.one(0), state, np.int32(1))
        text = traced.lower(lowering_platforms=("cuda",)).as_text()
    found = re.findall(r"dot_general.*?precision = \[(\w+), \w+\] : \(tensor<[\dx]*(\w+)>", text)
    return collections.Counter("bf16" if kind == "bf16" else precision for precision, kind in found)


@pytest.mark.parametrize(("name", "asked"), [("bfloat16", "bf16"), ("tensorfloat32", "HIGH")])
def test_all_five_products_of_a_step_are_short_and_those_of_held_out_rows_are_whole(beside, name, asked):
    """Forward two, back to the second layer's inputs one, to weights two; rows held out are judged by two."""
    unused = name == "bfloat16"  # back to the first layer's inputs: written down, and dropped when it is compiled
    assert products(tiny.plan(matmul_precision=name)) == {asked: 5 + unused, "HIGHEST": 2}


def test_products_are_whole_if_nothing_is_said_or_numbers_are_long(beside):
    assert products(tiny.plan()) == {"HIGHEST": 7}
    assert products(tiny.plan(matmul_precision="bfloat16", dtype=np.float64), np.float64) == {"HIGHEST": 7}


@pytest.mark.parametrize("optimizer", [NaturalGradient(), LBFGS()], ids=lambda rule: type(rule).__name__)
def test_methods_that_compare_objectives_have_whole_ones(beside, optimizer):
    assert set(products(tiny.plan(optimizer=optimizer, matmul_precision="bfloat16", full_batch=True))) == {"HIGHEST"}


@pytest.mark.skipif(place.accelerator(), reason="for processors")
def test_a_processor_computes_in_float32_whatever_is_asked():
    assert products(tiny.plan(matmul_precision="bfloat16")) == {"HIGHEST": 7}


@pytest.mark.parametrize("name", MATMUL_PRECISIONS)
def test_every_door_takes_it(name):
    assert np.isfinite(wellfit.fit(NETWORK, "normal", X, Y[:, 0], matmul_precision=name, max_epochs=1).predict(X)).all()
    model = wellfit.NeuralRegressor(hidden=4, matmul_precision=name, max_epochs=2, n_members=1, random_state=0)
    assert np.isfinite(model.fit(X, Y[:, 0]).predict(X)).all()


@pytest.mark.filterwarnings("ignore::wellfit.core.errors.ConvergenceWarning")
def test_a_network_learns_as_well_with_short_products(beside, monkeypatch):
    monkeypatch.setattr(place, "SMALL_STEP", 0)  # nothing is left to the host's kernel
    lines = {name: wellfit.fit(NETWORK, "normal", X, Y[:, 0], members=2, matmul_precision=name, max_epochs=40)
             for name in ("float32", "bfloat16")}  # fmt: skip
    whole, short = (np.mean((line.predict(X) - Y[:, 0]) ** 2) for line in lines.values())
    assert 0 < abs(short - whole) < 0.05 * whole


def test_wrong_precisions_are_refused_in_one_sentence():
    with pytest.raises(ValueError, match=r"matmul_precision='half' must be one of 'float32', 'tensorfloat32', 'bfl"):
        wellfit.fit(NETWORK, "normal", X, Y[:, 0], matmul_precision="half")
    with pytest.raises(ValueError, match=r"matmul_precision='bfloat16' is for dtype=float32, got float64"):
        wellfit.fit(NETWORK, "normal", X, Y[:, 0], matmul_precision="bfloat16", dtype=np.float64)
    with pytest.raises(
        ValueError, match=r"'matmul_precision' parameter of NeuralClassifier .* did you mean 'bfloat16'"
    ):
        wellfit.NeuralClassifier(matmul_precision="bfloat").fit(X, Y[:, 0] > 0)
