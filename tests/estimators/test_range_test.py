"""The learning-rate range test: one program, the loss of every step, a rate between too small and too large."""

import json

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, load_digits

from wellfit import MLPClassifier, NeuralClassifier, NeuralRegressor, learning_rate_range
from wellfit.estimators.range_test import found_in
from wellfit.training.programs import compilations

X, Y = load_diabetes(return_X_y=True)


@pytest.fixture(scope="module")
def found():
    return learning_rate_range(NeuralRegressor(hidden=16, random_state=0), X, Y)


def test_the_rate_rises_by_equal_factors_and_the_valley_lies_between(found):
    assert len(found.rates) == len(found.losses) == len(found.smoothed)
    np.testing.assert_allclose(found.rates[1:] / found.rates[:-1], 1e7 ** (1 / 200))
    assert found.rates[0] == 1e-6
    assert found.smoothed.min() < 0.95 * found.smoothed[0]  # something was learnt
    assert found.smoothed[-1] > found.smoothed.min()
    assert found.proposal == pytest.approx(found.lowest_loss_at / 3)
    assert 1e-3 < found.proposal < 0.3
    assert json.loads(json.dumps(found.to_dict()))["proposal"] == found.proposal
    assert str(found).startswith("learning_rate=")


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_and_other_numbers_compile_nothing(found):
    model = NeuralRegressor(hidden=16, random_state=0)
    before = compilations()
    np.testing.assert_array_equal(learning_rate_range(model, X, Y).losses, found.losses)
    learning_rate_range(model.set_params(l2=0.5), X, Y, lowest=1e-5, highest=1.0, steps=210)
    assert compilations() == before
    assert not hasattr(model, "params_")


@pytest.mark.slow
def test_no_step_at_a_rate_of_almost_nothing_is_the_start():
    """At rates that change nothing the losses are those of the start, batch by batch: their mean is the loss there."""
    options = {"hidden": (), "random_state": 0, "batch_size": 64, "early_stopping": False, "n_members": 1}
    losses = learning_rate_range(NeuralRegressor(**options), X, Y, lowest=1e-30, highest=1e-25, steps=60).losses
    start = NeuralRegressor(learning_rate=1e-30, max_epochs=1, **options).fit(X, Y).history_["loss"][0]
    assert losses.mean() == pytest.approx(start, rel=0.02)
    assert losses.std() > 0.01


@pytest.mark.slow
def test_weights_and_priors_count_as_in_a_fit():
    """At one and the same rate the losses are those of a fit's batches; a prior of that strength decides them."""
    options = {"hidden": (), "random_state": 0, "batch_size": 64, "early_stopping": False, "optimizer": "sgd"}
    options |= {"weight_decay": None, "n_members": 1, "l2": 2000.0}
    weights = np.full(len(Y), 2.0)
    found = learning_rate_range(NeuralRegressor(**options), X, Y, weights, lowest=0.1, highest=0.1 + 1e-9, steps=200)
    model = NeuralRegressor(learning_rate=0.1, schedule="constant", max_epochs=30, **options).fit(X, Y, weights)
    assert np.mean(found.losses[-50:]) == pytest.approx(model.history_["loss"][-1], rel=0.02)
    free = NeuralRegressor(**{**options, "l2": None}, learning_rate=0.1, max_epochs=30).fit(X, Y, weights)
    assert free.history_["loss"][-1] < 0.95 * model.history_["loss"][-1]


@pytest.mark.slow
def test_an_exploding_loss_ends_it():
    found = learning_rate_range(NeuralRegressor(hidden=16, optimizer="sgd", random_state=0), X, Y, highest=1e6)
    assert found.ended_at is not None
    assert found.ended_at > found.rates[-1]
    assert np.isfinite(found.losses).all()
    assert found.proposal < found.ended_at / 3


@pytest.mark.slow
def test_small_tables_and_natural_gradient():
    few = learning_rate_range(NeuralRegressor(random_state=0), X[:50], Y[:50], steps=40)  # all rows in every step
    assert len(few.rates) == 40
    natural = learning_rate_range(
        NeuralRegressor(hidden=4, optimizer="natural_gradient", random_state=0), X, Y, steps=20
    )
    assert np.isfinite(natural.losses).all()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The loss became non-finite")  # at the grid's largest rates
def test_the_proposal_fits_nearly_as_well_as_the_best_of_a_grid():
    digits = load_digits(return_X_y=True)
    for kind, rows, optimizer in (
        (NeuralClassifier, digits, "adamw"),
        (NeuralClassifier, digits, "momentum"),
        (NeuralRegressor, (X, Y), "adamw"),
        (NeuralRegressor, (X, Y), "sgd"),
    ):
        model = kind(hidden=(64,), optimizer=optimizer, random_state=0, n_members=1, max_epochs=20)

        def loss_at(rate, model=model, rows=rows):
            return min(model.set_params(learning_rate=float(rate)).fit(*rows).history_["validation_loss"])

        grid = [loss_at(rate) for rate in 10.0 ** np.arange(-4, 1)]
        start = max(grid)
        assert loss_at(learning_rate_range(model, *rows).proposal) < min(grid) + 0.1 * (start - min(grid))


def test_what_a_curve_says():
    rates = 10.0 ** np.linspace(-6, 0, 121)
    curve = 1 - 0.8 * np.exp(-0.5 * (np.log10(rates) + 2) ** 2)
    found = found_in(rates, np.where(rates > 0.5, np.nan, curve))
    assert found.lowest_loss_at == pytest.approx(0.01, rel=0.15)
    assert found.ended_at == pytest.approx(rates[rates > 0.5][0])
    exploding = np.where(rates > 0.1, 1e30, curve)
    assert found_in(rates, exploding).lowest_loss_at == pytest.approx(0.01, rel=0.3)
    with pytest.raises(ValueError, match="no number from the first step on"):
        found_in(rates, np.full(121, np.nan))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"estimator": MLPClassifier()}, "must be a NeuralClassifier or a NeuralRegressor"),
        ({"estimator": NeuralRegressor(optimizer="lbfgs")}, "has no learning rate to choose"),
        ({"lowest": 0.0}, "lowest=0.0"),
        ({"lowest": 1.0, "highest": 0.5}, "0 < lowest < highest"),
        ({"steps": 10}, "steps=10 must be an integer >= 20"),
        ({"steps": 30.5}, "steps=30.5 must be"),
    ],
)
def test_what_cannot_be(changes, words):
    asked = {"estimator": NeuralRegressor(), **changes}
    with pytest.raises(ValueError, match=words):
        learning_rate_range(asked.pop("estimator"), X, Y, **asked)
