"""Bad input: each one a sentence that says what is wrong and what helps."""

import numpy as np
import pandas as pd
import pytest

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.functions.schedules import Plateau

X = np.random.default_rng(0).normal(size=(20, 3))
CLASSES = np.arange(20) % 2
REALS = X[:, 0]


def spoilt(array, value, row=4):
    copy = np.array(array, float)
    copy[row] = value
    return copy


@pytest.mark.parametrize(
    ("model", "args", "words"),
    [
        (NeuralClassifier(), (spoilt(X, np.inf), CLASSES), "infinity"),
        (NeuralRegressor(), (X, spoilt(REALS, np.nan)), "y contains NaN"),
        (NeuralRegressor(), (X, spoilt(REALS, np.inf)), "y contains infinity"),
        (NeuralClassifier(), (X, spoilt(CLASSES, np.nan)), "y contains NaN at row 4"),
        (NeuralClassifier(), (X, CLASSES, spoilt(np.ones(20), np.nan)), "sample_weight contains nan at row 4"),
        (NeuralClassifier(), (X, CLASSES, -np.ones(20)), "sample_weight is negative"),
        (NeuralClassifier(), (X, CLASSES, np.zeros(20)), "zero for every row"),
        (NeuralClassifier(), (X, CLASSES, np.ones(7)), "shape \\(20,\\)"),
        (NeuralClassifier(), (X, np.zeros(20)), "only one class"),
        (NeuralClassifier(), (X[:1], CLASSES[:1]), "one class|1 sample|at least 2 rows"),
        (NeuralRegressor(), (X[:1], REALS[:1]), "1 sample"),
        (NeuralClassifier(), (X[:, :0], CLASSES), "0 feature"),
        (NeuralClassifier(), (pd.DataFrame(index=range(20)), CLASSES), "zero columns"),
        (NeuralClassifier(), (X, CLASSES[:7]), "inconsistent"),
        (NeuralClassifier(), (X, np.array([1, "a"] * 10, object)), "mixes labels"),
        (NeuralClassifier(), (X, REALS), "Unknown label type"),
        (NeuralRegressor(family="poisson"), (X, REALS), "non-negative integers"),
        (NeuralClassifier(family="poisson"), (X, CLASSES), "family"),
        (NeuralClassifier(family="catgorical"), (X, CLASSES), "did you mean 'categorical'"),
        (NeuralClassifier(activation="rellu"), (X, CLASSES), "did you mean 'relu'"),
        (NeuralClassifier(optimizer="adm"), (X, CLASSES), "did you mean 'adam'"),
        (NeuralClassifier(schedule="cosin"), (X, CLASSES), "did you mean 'cosine'"),
        (NeuralClassifier(learning_rate=-1), (X, CLASSES), "'learning_rate' .* > 0"),
        (NeuralClassifier(dropout=1), (X, CLASSES), "'dropout' .*\\[0, 1\\)"),
        (NeuralClassifier(batch_size=0), (X, CLASSES), "'batch_size' .*>= 1"),
        (NeuralClassifier(max_epochs=0), (X, CLASSES), "'max_epochs'"),
        (NeuralClassifier(max_time=0), (X, CLASSES), "'max_time'"),
        (NeuralClassifier(l1=-1), (X, CLASSES), "'l1'"),
        (NeuralClassifier(hidden=(0,)), (X, CLASSES), "'hidden'"),
        (NeuralClassifier(n_members=0), (X, CLASSES), "'n_members'"),
        (NeuralClassifier(validation_fraction=1.5), (X, CLASSES), "'validation_fraction'"),
        (NeuralClassifier(class_weight={7: 1}), (X, CLASSES), "not a class"),
        (NeuralClassifier(max_epochs=True), (X, CLASSES), "'max_epochs'"),
        (NeuralClassifier(weight_decay=Plateau(0.1)), (X, CLASSES), "'weight_decay'"),
        (NeuralClassifier(learning_rate=float("nan")), (X, CLASSES), "'learning_rate'"),
    ],
)
def test_one_sentence(model, args, words):
    with pytest.raises(ValueError, match=words) as caught:
        model.fit(*args)
    assert "\n" not in str(caught.value).strip() or "Reshape" in str(caught.value)


def test_misspelt_parameters_are_refused_when_set():
    with pytest.raises(TypeError, match="learning_rat"):
        NeuralClassifier(learning_rat=0.1)
    with pytest.raises(ValueError, match="learning_rat"):
        NeuralClassifier().set_params(learning_rat=0.1)


def test_labels_never_seen_and_other_widths_at_scoring_and_prediction():
    model = NeuralClassifier(max_epochs=2).fit(X, CLASSES)
    with pytest.raises(ValueError, match="not seen in fit"):
        model.evaluate(X, CLASSES + 5)
    with pytest.raises(ValueError, match="X has 2 features"):
        model.predict(X[:, :2])


def test_missing_numbers_are_a_documented_policy():
    holes = spoilt(X, np.nan)
    model = NeuralClassifier(max_epochs=2, random_state=0).fit(holes, CLASSES)
    assert np.isfinite(model.predict_proba(holes)).all()
    assert any("Missing numbers" in reason for reason in model.reasons_)


def test_the_users_arrays_are_never_written_to():
    read_only = X.copy()
    read_only.flags.writeable = False
    before = read_only.copy()
    NeuralRegressor(max_epochs=2).fit(read_only, REALS).predict(read_only)
    np.testing.assert_array_equal(read_only, before)
