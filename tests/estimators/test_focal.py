"""The focal loss on rare classes: what its α does to recall and to probabilities."""

import numpy as np
import pytest
from sklearn.metrics import recall_score

from wellfit import NeuralClassifier
from wellfit.families.focal import Focal

pytestmark = pytest.mark.slow


def test_alpha_raises_recall_and_keeps_probabilities_honest():  # C-120
    rng = np.random.default_rng(0)
    y = (rng.random(3000) < 0.1).astype(int)
    X = rng.normal(size=(3000, 3)) + y[:, None]
    recall, said = {}, {}
    for alpha in (None, 0.9):
        model = NeuralClassifier(
            family=Focal(alpha=alpha), hidden=(16,), n_members=1, max_epochs=60, random_state=0
        ).fit(X[:1500], y[:1500])  # fmt: skip
        recall[alpha] = recall_score(y[1500:], model.predict(X[1500:]))
        said[alpha] = model.predict_proba(X[1500:])[:, 1].mean()
    assert recall[0.9] > recall[None] + 0.2
    assert said[None] == pytest.approx(y[1500:].mean(), abs=0.03)
    assert said[0.9] == pytest.approx(y[1500:].mean(), abs=0.03)
