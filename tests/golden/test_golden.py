"""Models saved by every format of the past still load, and still say what they said."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris

from wellfit import load

HERE = Path(__file__).parent
X, _ = load_iris(return_X_y=True)


@pytest.mark.parametrize("path", sorted(HERE.glob("classifier_*.wellfit")), ids=lambda p: p.stem)
def test_classifier(path):
    model = load(path)
    np.testing.assert_allclose(model.predict_proba(X[::10]), np.load(path.with_suffix(".npy")), atol=1e-5)
    assert list(model.classes_) == ["setosa", "versicolor", "virginica"]
    assert model.reasons_
    assert model.history_["validation_loss"]


@pytest.mark.parametrize("path", sorted(HERE.glob("regressor_*.wellfit")), ids=lambda p: p.stem)
def test_regressor(path):
    expected = np.load(path.with_suffix(".npy"))
    np.testing.assert_allclose(load(path).predict_interval(X[::10, :3], 0.9), expected, atol=1e-5)


def test_there_is_a_file_of_every_format():
    from wellfit.files.store import FORMAT

    assert len(list(HERE.glob("*.wellfit"))) == 2 * FORMAT
