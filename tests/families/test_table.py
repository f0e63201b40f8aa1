"""Names, aliases and objects resolve to bound families; wrong ones are refused in one sentence."""

import pytest

from wellfit.families.categorical import Categorical
from wellfit.families.normal import Normal
from wellfit.families.quantile import Quantile
from wellfit.families.table import ALIASES, FAMILIES, names, resolve


@pytest.mark.parametrize("name", FAMILIES)
def test_every_name_resolves(name):
    kind = {"classes": "classes", "flags": "flags"}.get(FAMILIES[name].target, "reals")
    bound = resolve(name, kind, 2)
    assert isinstance(bound, FAMILIES[name])
    assert name in names(kind)
    for alias, meant in ALIASES.items():
        if meant == name:
            assert resolve(alias, kind, 2) == bound


@pytest.mark.parametrize("name", ["log_loss", "cross_entropy"])
@pytest.mark.parametrize(
    ("kind", "k", "expected"),
    [("classes", 2, "bernoulli"), ("classes", 5, "categorical"), ("flags", 3, "multilabel")],
)
def test_cross_entropy_follows_the_target(name, kind, k, expected):
    assert isinstance(resolve(name, kind, k), FAMILIES[expected])


def test_objects_are_bound():
    assert resolve(Normal(learn_scale=True), "reals", 3).outputs == 6
    assert resolve(Quantile([0.1, 0.9]), "reals", 1).levels == (0.1, 0.9)
    assert resolve(Categorical(0.1), "classes", 4) == Categorical(0.1, classes=4)


def test_a_familys_own_name_is_that_of_the_table():
    assert all(getattr(family, "name", name) == name for name, family in FAMILIES.items())


@pytest.mark.parametrize(
    ("family", "kind", "words"),
    [
        ("poison", "reals", "family 'poison' is unknown; did you mean 'poisson'"),
        ("squared_eror", "reals", "did you mean 'squared_error'"),
        (
            "poisson",
            "classes",
            "family='poisson' is for non-negative integers, and y is classes: allowed are",
        ),
        ("log_loss", "reals", "family='log_loss' is for classes, and y is reals"),
        ("multilabel", "classes", "'multilabel' is for 0 or 1 for each label, and y is classes"),
        ("bernoulli", "classes", "is for 2 classes, and y has 3"),
        (Normal, "reals", "must be a name or an object of a Family class"),
        (3, "reals", "family=3 must be a name"),
    ],
)
def test_wrong_families_are_refused(family, kind, words):
    with pytest.raises(ValueError) as error:
        resolve(family, kind, 3)
    assert words in str(error.value)
    assert str(error.value).endswith(".")
