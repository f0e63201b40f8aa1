"""Calibration: the optimum by other optimisers, weights as rows, and when it is left alone."""

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from sklearn.metrics import log_loss

from wellfit.functions.metrics import calibration_error
from wellfit.insight import calibration
from wellfit.insight.calibration import (
    EXTREME,
    PRIOR_SCALE,
    apply,
    choose,
    fit_shift,
    fit_temperature,
    fit_vector,
    learn,
    quality,
)


def sample(n=400, classes=3, sharpness=1.0, seed=0):
    """Log probabilities that are ``sharpness`` times too sharp, and classes drawn from the honest ones."""
    rng = np.random.default_rng(seed)
    z = 2 * rng.normal(size=(n, classes))
    honest = scipy.special.softmax(z, axis=1)
    y = (rng.random((n, 1)) > honest.cumsum(axis=1)).sum(axis=1)
    return scipy.special.log_softmax(sharpness * z, axis=1), y, np.ones(n)


def loss(log_p, y, w):
    return -float(w @ log_p[np.arange(len(y)), y])


# -- one temperature


@pytest.mark.parametrize("sharpness", [0.3, 3.0, 8.0])
@pytest.mark.parametrize("classes", [2, 5])
def test_temperature_is_scipys_minimum(sharpness, classes):
    log_p, y, w = sample(classes=classes, sharpness=sharpness)

    def objective(log_t):
        return loss(scipy.special.log_softmax(log_p / np.exp(log_t), axis=1), y, w) + abs(log_t) / PRIOR_SCALE

    expected = scipy.optimize.minimize_scalar(objective, bounds=(-3, 3), method="bounded", options={"xatol": 1e-10})
    found = fit_temperature(log_p, y, w)["temperature"]
    assert np.log(found) == pytest.approx(expected.x, abs=1e-6)
    assert found == pytest.approx(sharpness, rel=0.25)


def test_temperature_is_exactly_one_where_rows_say_little():
    log_p, y, w = sample(n=100)
    assert fit_temperature(log_p, y, w)["temperature"] == 1.0
    assert choose(log_p, y, w, "auto") is None
    assert choose(log_p, y, w, True) == {"method": "temperature", "temperature": 1.0}


def test_the_prior_loses_its_say_as_rows_grow():
    log_p, y, w = sample(n=20_000, sharpness=1.15)
    plain = scipy.optimize.minimize_scalar(
        lambda t: loss(scipy.special.log_softmax(log_p / t, axis=1), y, w), bounds=(0.5, 2), method="bounded"
    ).x
    assert fit_temperature(log_p, y, w)["temperature"] == pytest.approx(plain, abs=2e-3)


def test_temperature_stays_finite_where_every_row_is_right_or_wrong():
    log_p = np.log(np.tile([0.99, 0.01], (500, 1)))
    right, wrong = np.zeros(500, int), np.ones(500, int)
    assert 1 / EXTREME <= fit_temperature(log_p, right, np.ones(500))["temperature"] < 1
    assert fit_temperature(log_p, wrong, np.ones(500))["temperature"] == EXTREME


def test_temperature_leaves_the_order_of_classes_alone():
    log_p, y, w = sample(sharpness=4.0)
    after = apply(fit_temperature(log_p, y, w), log_p)
    np.testing.assert_array_equal(after.argsort(axis=1), log_p.argsort(axis=1))
    np.testing.assert_allclose(np.exp(after).sum(axis=1), 1, atol=1e-12)


# -- a scale and a bias for each class


@pytest.mark.parametrize("classes", [2, 4])
def test_vector_scaling_reaches_the_optimum_of_another_method(classes):
    log_p, y, w = sample(n=800, classes=classes, sharpness=2.0)
    log_p = scipy.special.log_softmax(log_p + np.arange(classes), axis=1)
    target = np.eye(classes)[y] + 1 / len(y) / classes  # one row more, of which nobody knows the class

    def objective(numbers):
        logs = scipy.special.log_softmax(numbers[:classes] * log_p + numbers[classes:], axis=1)
        return -np.sum(target * logs) / len(y)

    found = fit_vector(log_p, y, w)
    start = np.concatenate([np.full(classes, 2.0), np.arange(classes)[::-1]])
    other = scipy.optimize.minimize(objective, start, method="BFGS", options={"gtol": 1e-7})
    mine = np.concatenate([found["scale"], found["bias"]])
    assert objective(mine) == pytest.approx(other.fun, abs=1e-9)
    np.testing.assert_allclose(scipy.optimize.approx_fprime(mine, objective, 1e-7), 0, atol=1e-4)
    np.testing.assert_allclose(
        apply(found, log_p).argmax(axis=1), (other.x[:classes] * log_p + other.x[classes:]).argmax(axis=1)
    )
    assert found["bias"].mean() == pytest.approx(0, abs=1e-12)


def test_vector_scaling_is_finite_for_a_class_that_no_row_has():
    log_p, y, w = sample(classes=3)
    found = fit_vector(log_p, np.minimum(y, 1), w)
    assert np.isfinite(found["bias"]).all()
    assert np.isfinite(apply(found, log_p)).all()


# -- weights


@pytest.mark.parametrize("asked", ["auto", True, "temperature", "vector"])
def test_weights_are_repeated_rows(asked):
    log_p, y, _ = sample(n=200, classes=2, sharpness=3.0)
    log_p = scipy.special.log_softmax(log_p + [4.0, 0.0], axis=1)
    w = np.random.default_rng(1).integers(1, 4, 200)
    one, record = learn(log_p, y, w.astype(float), asked)
    rows = np.repeat(np.arange(200), w)
    other, again = learn(log_p[rows], y[rows], np.ones(len(rows)), asked)
    assert one["method"] == other["method"] == ("temperature" if asked == "temperature" else "vector")
    for name in one.keys() - {"method"}:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-5)
    for name in record.keys() - {"method", "n"}:
        assert record[name] == pytest.approx(again[name], rel=1e-6)


# -- which one


def test_false_and_few_rows_are_left_alone():
    log_p, y, w = sample(n=400, sharpness=5.0)
    assert choose(log_p, y, w, False) is None
    assert choose(log_p[:19], y[:19], w[:19], "auto") is None
    assert choose(log_p[:20], y[:20], w[:20], "auto")["temperature"] > 1


def test_vector_scaling_is_taken_where_one_temperature_does_not_do():
    log_p, y, w = sample(n=4000, classes=3)
    skewed = scipy.special.log_softmax(log_p + [1.0, 0.0, -1.0], axis=1)
    assert choose(skewed, y, w, "auto")["method"] == "vector"
    assert choose(skewed, y, w, "temperature")["method"] == "temperature"
    assert choose(skewed[:300], y[:300], w[:300], "auto")["method"] == "temperature"  # too few for its numbers
    only_sharp = sample(n=4000, classes=3, sharpness=2.0)
    assert choose(*only_sharp, "auto")["method"] == "temperature"


def test_what_is_learnt_holds_on_other_rows():
    log_p, y, w = sample(n=4000, sharpness=3.0)
    held, new = slice(0, 400), slice(400, None)
    found, record = learn(log_p[held], y[held], w[held], "auto")
    before, after = quality(log_p[new], y[new], w[new]), quality(apply(found, log_p[new]), y[new], w[new])
    assert after["log_loss"] < before["log_loss"] - 0.1
    assert after["calibration_error"] < 0.3 * before["calibration_error"]
    assert record["log_loss_before"] > record["log_loss_after"]
    assert record["calibration_error_before"] > record["calibration_error_after"]


def test_each_label_has_its_own_temperature():
    one, y_one, w = sample(n=60, classes=2, sharpness=4.0)
    other, y_other, _ = sample(n=60, classes=2)
    log_p, y = np.stack([one, other], axis=1), np.stack([y_one, y_other], axis=1).astype(float)
    found, record = learn(log_p, y, w, "auto")
    assert found["temperature"].tolist() == [fit_temperature(one, y_one, w)["temperature"], 1.0]
    assert found["temperature"][0] > 1.5
    after = apply(found, log_p)
    np.testing.assert_allclose(after[:, 1], other, atol=1e-12)
    losses = [log_loss(y[:, j], np.exp(after[:, j])) for j in range(2)]
    assert record["log_loss_after"] == pytest.approx(np.mean(losses))
    vector, _ = learn(log_p, y, w, "vector")
    assert vector["scale"].shape == vector["bias"].shape == (2, 2)
    np.testing.assert_allclose(apply(vector, log_p)[:, 0], apply(fit_vector(one, y_one, w), one), atol=1e-12)
    assert learn(np.stack([other, other], axis=1), np.stack([y_other] * 2, axis=1), w, "auto")[0] is None


def test_quality_is_of_the_second_of_two_classes_and_of_the_top_one_of_more():
    two, y, w = sample(classes=2)
    assert quality(two, y, w)["calibration_error"] == calibration_error(np.exp(two[:, 1]), y == 1, w)
    three, y, w = sample(classes=3)
    top = calibration_error(np.exp(three.max(axis=1)), three.argmax(axis=1) == y, w)
    assert quality(three, y, w) == {"log_loss": pytest.approx(log_loss(y, np.exp(three))), "calibration_error": top}


def test_none_changes_nothing():
    log_p = sample()[0]
    assert calibration.apply(None, log_p) is log_p


# -- costs of classes


def test_the_shift_brings_mean_probabilities_to_the_shares():
    log_p, y, _ = sample(n=500, classes=3)
    w = np.random.default_rng(0).random(500) + 0.1
    tilted = scipy.special.log_softmax(1.3 * log_p + [2.0, 0.0, -1.0], axis=1)
    after = np.exp(scipy.special.log_softmax(tilted - fit_shift(tilted, y, w), axis=1))
    np.testing.assert_allclose(np.average(after, axis=0, weights=w), np.bincount(y, weights=w) / w.sum(), atol=1e-6)
    exact = scipy.special.log_softmax(log_p - fit_shift(log_p, y, w), axis=1)  # nothing else is wrong with these
    shift = fit_shift(scipy.special.log_softmax(exact + [2.0, 0.0, -1.0], axis=1), y, w)
    np.testing.assert_allclose(shift - shift[1], [2.0, 0.0, -1.0], atol=1e-5)


def test_the_shift_is_finite_for_a_class_without_a_row():
    log_p, y, w = sample(n=100, classes=3)
    assert np.abs(fit_shift(log_p, np.minimum(y, 1), w)).max() < 20
