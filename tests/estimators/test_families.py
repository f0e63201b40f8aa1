"""Every family by name in an estimator: it fits its own kind of target, and says so where it does not."""

import numpy as np
import pytest

from wellfit import NeuralClassifier, NeuralRegressor, load
from wellfit.families.normal import Normal
from wellfit.families.table import FAMILIES

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
MEAN = np.exp(0.5 * X[:, 0] - 0.3 * X[:, 1])
TARGETS = {
    "counts": RNG.poisson(MEAN),
    "reals": X[:, 0] + 0.3 * RNG.normal(size=300),
    "positives": RNG.gamma(2, MEAN / 2),
    "nonnegatives": np.where(RNG.random(300) < 0.3, 0, RNG.gamma(2, MEAN / 2)),
    "proportions": 1 / (1 + np.exp(-X[:, 0] - 0.3 * RNG.normal(size=300))),
}
QUICK = {"hidden": (8,), "max_epochs": 25, "learning_rate": 0.02, "random_state": 0, "n_members": 1}
LIMITS = {"counts": (0, np.inf), "positives": (0, np.inf), "nonnegatives": (0, np.inf), "proportions": (0, 1)}
NAMES = [name for name, family in FAMILIES.items() if family.target in TARGETS]


@pytest.mark.parametrize("name", [*NAMES[:2], *[pytest.param(name, marks=pytest.mark.slow) for name in NAMES[2:]]])
def test_numbers(name, tmp_path):
    target = FAMILIES[name].target
    y = TARGETS[target]
    model = NeuralRegressor(family=name, **QUICK).fit(X, y)
    assert model.score(X, y) > 0.1
    low, high = model.predict_interval(X, 0.9).T
    lowest, highest = LIMITS.get(target, (-np.inf, np.inf))
    assert (lowest <= low).all()
    assert (low <= high).all()
    assert (high <= highest).all()
    assert ((low <= y) & (y <= high)).mean() > 0.8
    model.save(tmp_path / "m.wellfit")
    np.testing.assert_array_equal(load(tmp_path / "m.wellfit").predict(X), model.predict(X))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, family in FAMILIES.items() if family.target == "classes"])
def test_classes(name):
    two = name in ("bernoulli", "exponential")
    y = np.digitize(X[:, 0] + 0.2 * RNG.normal(size=300), [0] if two else [-0.5, 0.5])
    model = NeuralClassifier(family=name, **QUICK).fit(X, y)
    assert model.score(X, y) > 0.6
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)


def test_ordered_labels_of_any_type():
    levels = ["low", "middle", "high"]
    y = np.array(levels)[np.digitize(X[:, 0], [-0.5, 0.5])]
    from wellfit.families.ordinal import Ordinal

    model = NeuralClassifier(family=Ordinal(levels=tuple(levels)), **QUICK).fit(X, y)
    assert model.classes_.tolist() == levels
    assert model.score(X, y) > 0.8
    p = model.predict_proba(X)
    assert p[X[:, 0].argmax()].argmax() == 2


@pytest.mark.slow
def test_a_learnt_scale_starts_calm():
    """Its last weights start at 0: else the first epochs are lost on rows of which the network is sure by chance."""
    model = NeuralRegressor(family=Normal(learn_scale=True), **QUICK).fit(X, TARGETS["reals"])
    assert model.history_["loss"][0] < 5
    assert model.score(X, TARGETS["reals"]) > 0.7


def test_what_does_not_fit_is_one_sentence():
    with pytest.raises(ValueError, match="family='zero_one' is for evaluation only: its gradient is 0"):
        NeuralClassifier(family="zero_one").fit(X, X[:, 0] > 0)
    with pytest.raises(ValueError, match="numbers above 0"):
        NeuralRegressor(family="gamma").fit(X, X[:, 0])
    with pytest.raises(ValueError, match="between 0 and 1"):
        NeuralRegressor(family="beta").fit(X, MEAN)
