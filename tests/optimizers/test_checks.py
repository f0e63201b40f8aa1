"""An optimizer's numbers are checked at the door: one sentence with parameter, value, what is allowed, the default."""

import dataclasses

import numpy as np
import optax
import pytest

from tests.helpers import tiny
from wellfit import NeuralRegressor
from wellfit.functions.schedules import Constant, Cosine, OneCycle, Plateau
from wellfit.optimizers.adagrad import AdaGrad
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.checks import RANGES
from wellfit.optimizers.custom import Optax
from wellfit.optimizers.lbfgs import LBFGS
from wellfit.optimizers.momentum import Momentum
from wellfit.optimizers.nesterov import Nesterov
from wellfit.optimizers.rmsprop import RMSProp
from wellfit.optimizers.sgd import SGD
from wellfit.optimizers.table import OPTIMIZERS, resolve

X, Y = tiny.table(20)
Y = Y[:, 0]
WRONG = [
    (Momentum(momentum=1.5), "momentum=1.5 of Momentum must be a finite number >= 0 and < 1; the default is 0.9."),
    (Nesterov(momentum=-0.1), "momentum=-0.1 of Nesterov must be"),
    (Adam(beta1=1.0), "beta1=1.0 of Adam must be a finite number >= 0 and < 1; the default is 0.9."),
    (Adam(beta2=np.nan), "beta2=nan of Adam must be"),
    (Adam(eps=-1e-8), "eps=-1e-08 of Adam must be a finite number > 0; the default is 1e-08."),
    (Adam(eps=0), "eps=0 of Adam must be"),
    (
        AdamW(weight_decay=-0.1),
        "weight_decay=-0.1 of AdamW must be None or a finite number >= 0, or a schedule of such",
    ),
    (AdamW(learning_rate="fast"), "learning_rate='fast' of AdamW must be a finite number > 0, or a schedule"),
    (SGD(learning_rate=0), "learning_rate=0 of SGD must be"),
    (SGD(learning_rate=None), "learning_rate=None of SGD must be"),
    (SGD(learning_rate=True), "learning_rate=True of SGD must be"),
    (SGD(np.inf), "learning_rate=inf of SGD must be"),
    (AdaGrad(delta=0.0), "delta=0.0 of AdaGrad must be"),
    (RMSProp(decay=1), "decay=1 of RMSProp must be"),
    (RMSProp(decay=np.array([0.5, 1.5])), "of RMSProp must be"),
    (LBFGS(memory_size=0), "memory_size=0 of LBFGS must be an integer >= 1; the default is 10."),
    (LBFGS(max_linesearch_steps=2.5), "max_linesearch_steps=2.5 of LBFGS must be an integer >= 1"),
    (SGD(Cosine(-1.0)), "of SGD must be a finite number > 0, or a schedule of such"),
    (SGD(Cosine(1.0, end=-0.1)), "of SGD must be"),
    (SGD(OneCycle(1.0, start_factor=np.nan)), "of SGD must be"),
    (AdamW(weight_decay=Plateau(0.1)), "of AdamW must be"),
    (Adam(beta1=Cosine(0.9)), "beta1=Cosine"),
    (Optax(optax.sgd(1.0), learning_rate=-1), "learning_rate=-1 of Optax must be"),
]


@pytest.mark.parametrize(("optimizer", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_one_sentence(optimizer, words):
    with pytest.raises(ValueError, match="must be") as refusal:
        resolve(optimizer)
    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_number_of_every_optimizer_has_a_range_and_its_default_lies_inside(name):
    optimizer = OPTIMIZERS[name]()
    for field in dataclasses.fields(optimizer):
        assert field.name in RANGES
    assert resolve(optimizer) is optimizer


@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(Constant(0.1)), SGD(Cosine(0.1)), SGD(Plateau(0.1)), AdamW(weight_decay=Cosine(0.1)), Adam(beta1=0),
        Momentum(momentum=np.float32(0.5)), Adam(learning_rate=np.array([0.1, 0.2])), LBFGS(memory_size=np.int64(3)),
    ],
    ids=repr,
)  # fmt: skip
def test_what_can_be_passes(optimizer):
    assert resolve(optimizer) is optimizer

    def direction(self):
        return optax.identity()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"optimizer": Momentum(momentum=1.5)}, "momentum=1.5 of Momentum"),
        ({"optimizer": "sgd", "learning_rate": Cosine(0.1, end=-1)}, "learning_rate"),
        ({"dropout": Cosine(0.5, end=1.5)}, "'dropout'"),
        ({"l1": Cosine(1.0)}, "'l1'"),
        ({"l2": Constant(1.0)}, "'l2'"),
        ({"l1": -1.0}, "'l1'"),
        ({"l2": -1}, "'l2'"),
        ({"weight_decay": -1}, "'weight_decay'"),
        ({"max_time": Constant(1.0)}, "'max_time'"),
    ],
)
def test_the_estimators_say_so_before_they_begin(options, words):
    with pytest.raises(ValueError, match="must be") as refusal:
        NeuralRegressor(**options).fit(X, Y)
    assert words in str(refusal.value)


def test_a_schedule_that_never_leaves_its_range_may_be_a_dropout():
    NeuralRegressor(dropout=Cosine(0.5), hidden=4, max_epochs=2, batch_size=8, random_state=0).fit(X, Y)


# -- optax's own -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transformation", "asks"),
    [
        (optax.lbfgs(), True),
        (optax.polyak_sgd(), False),
        (optax.adam(1e-3), False),
        (optax.chain(optax.clip(1.0), optax.lbfgs(memory_size=3)), True),
        (optax.chain(optax.sgd(0.1), optax.scale_by_backtracking_linesearch(5)), True),
        (optax.contrib.reduce_on_plateau(), False),
        (optax.masked(optax.sgd(0.1), {"w": True}), False),  # needs parameters of its own kind
    ],
    ids=["lbfgs", "polyak", "adam", "chain", "backtracking", "plateau", "masked"],
)
def test_a_line_search_is_told_by_its_asking_for_values(transformation, asks):
    assert resolve(transformation).full_batch is asks
    assert resolve(Optax(transformation, full_batch=not asks)).full_batch is not asks  # the user knows better


@pytest.mark.parametrize("rows", [40, 150], ids=["exact", "float32"])
@pytest.mark.slow
def test_optaxs_lbfgs_fits_as_well_as_wellfits(rows):
    x, y = tiny.table(rows)
    options = {"hidden": (), "early_stopping": False, "max_epochs": 40, "l2": 1.0, "n_members": 1, "random_state": 0}
    own, its = (NeuralRegressor(optimizer=method, **options).fit(x, y[:, 0]) for method in ("lbfgs", optax.lbfgs()))
    assert its.n_iter_ == 40
    np.testing.assert_allclose(its.predict(x), own.predict(x), atol=1e-6 if rows == 40 else 1e-3)
