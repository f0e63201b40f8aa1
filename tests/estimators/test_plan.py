"""plan(X, y): what a fit would be, without any of it."""

import json

import jax
import numpy as np
import pytest
from sklearn.datasets import load_iris

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.estimators.unseen import FOLDS
from wellfit.training.programs import compilations


def table(n=500, d=7, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    return X, X[:, 0] + rng.normal(size=n)


@pytest.fixture
def compiled():
    """What JAX itself compiles meanwhile, wellfit's programs or not."""
    heard = []

    def listen(event, seconds, **_):
        if "backend_compile" in event:  # shapes are traced, which takes milliseconds
            heard.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield heard
    jax.monitoring.clear_event_listeners()


@pytest.mark.parametrize("model", [NeuralClassifier(hidden=(3, 5)), NeuralRegressor(hidden=(3, 5))], ids=str)
@pytest.mark.parametrize("n", [60, 500])
def test_nothing_is_compiled_trained_or_learnt(model, n, compiled):
    X, y = table(n)
    target = (y > 0).astype(int) if isinstance(model, NeuralClassifier) else y
    before, params = compilations(), model.get_params()
    plan = model.plan(X, target)
    assert compilations() == before
    assert compiled == []
    assert not [name for name in vars(model) if name.endswith("_") and not name.startswith("_")]
    assert model.get_params() == params
    assert plan.parameters == 7 * 3 + 3 + 3 * 5 + 5 + 5 + 1


def test_the_listener_hears_what_a_fit_compiles(compiled, monkeypatch, by_xla):
    by_xla()
    monkeypatch.setenv("WELLFIT_CACHE", "off")  # a program on disk is not compiled
    X, y = table(60)
    before = compilations()
    NeuralRegressor(hidden=(3, 2), max_epochs=2).fit(X, y)
    assert compilations() > before
    assert compiled


@pytest.mark.parametrize(
    ("model", "y", "n"),
    [
        (NeuralClassifier(hidden=(8,), max_epochs=3, random_state=1), "classes", 400),
        (NeuralRegressor(hidden=(), max_epochs=3, random_state=1), "reals", 80),
        (NeuralRegressor(hidden=(8, 4), max_epochs=3, n_members=3, family="quantile", random_state=1), "reals", 400),
    ],
    ids=["classes", "linear", "crowd"],
)
@pytest.mark.slow
def test_the_plan_is_what_the_fit_then_does(model, y, n):
    X, target = table(n)
    target = np.digitize(target, [-1, 1]) if y == "classes" else target
    plan = model.plan(X, target)
    model.fit(X, target)
    leaves = jax.tree.leaves(model.params_)
    assert plan.parameters == sum(leaf[0].size for leaf in leaves)
    assert plan.members == len(leaves[0])
    assert plan.epochs == model.n_iter_ == 3
    assert plan.rows == n
    assert plan.rows_held_out == (0 if n == 80 else model.figures_["n"])
    assert plan.family == type(model.family_).__name__
    assert plan.precision == str(model._dtype)
    assert plan.reasons == model.reasons_[: len(plan.reasons)]
    per_epoch = 1 if n == 80 else -(-(n - plan.rows_held_out) // plan.batch_size)
    assert plan.steps == 3 * per_epoch


def test_memory_counts_data_parameters_and_activations():
    X, y = table(n=1024, d=16)
    model = NeuralRegressor(hidden=(32,), n_members=1, optimizer="sgd", schedule="constant", dropout=None)
    memory = model.plan(X, y).memory
    numbers = 16 * 32 + 32 + 32 + 1
    assert memory["data"] == 4 * 1024 * (16 + 1 + 1)  # x, y and weights in float32
    assert memory["parameters"] >= 4 * 4 * numbers  # parameters, gradient, last good, best
    wide = NeuralRegressor(hidden=(32,), n_members=2, optimizer="adam", dropout=None).plan(X, y).memory
    assert wide["parameters"] > 2 * memory["parameters"]
    assert wide["data"] == memory["data"]


def test_seconds_grow_with_the_work_and_end_with_max_time():
    X, y = table(n=4000)
    few, many, wide = (
        NeuralRegressor(hidden=hidden, max_epochs=epochs).plan(X, y).seconds
        for hidden, epochs in (((64,), 10), ((64,), 100), ((1024, 1024), 10))
    )
    assert 5 < many / few < 20  # the machine's speed is measured anew each time
    assert wide > 5 * few
    assert NeuralRegressor(max_epochs=10_000, max_time=3.0).plan(X, y).seconds == 3.0


def test_small_tables_count_the_fits_of_cross_validation():
    X, y = load_iris(return_X_y=True)
    plan = NeuralClassifier(max_epochs=100).plan(X[:100], y[:100])
    assert plan.precision == "float64"
    assert plan.rows_held_out == 0
    assert plan.seconds >= 100 * 3e-5 * (1 + FOLDS)


def test_groups_and_validation_data_are_planned_as_they_are_fitted():
    X, y = table()
    groups = np.arange(500) // 100
    assert NeuralRegressor().plan(X, y, groups=groups).rows_held_out == 100
    plan = NeuralRegressor().plan(X[:400], y[:400], validation_data=(X[400:], y[400:]))
    assert (plan.rows, plan.rows_held_out) == (500, 100)
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        NeuralRegressor(activation="rellu").plan(X, y)


def test_people_read_a_table_and_machines_json():
    X, y = table()
    plan = NeuralRegressor(hidden=(8,), numeric_embedding=None, n_members=2).plan(X, y)
    text = str(plan)
    for word in (
        "Normal",
        "Dense(8)",
        "2 of 73 parameters each",
        "500, of which 100 are held out",
        "MiB",
        "- Network:",
    ):
        assert word in text
    assert json.loads(json.dumps(plan.to_dict()))["parameters"] == 73
