"""The table of rules for family="auto" (design 10.2)."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.helpers.shared import shared_data
from wellfit.data.target_values import facts_of_numbers
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.choose import choose
from wellfit.families.multilabel import MultiLabel
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson


def facts(**changes):
    counts = {
        "kind": "reals",
        "n_classes": 0,
        "n_targets": 1,
        "rows": 2000.0,
        "n_distinct": 9,
        "minimum": 0.0,
        "integral": True,
        "has_zero": True,
        "mean": 2.0,
        "variance": 2.0,
    }
    return SimpleNamespace(**{**counts, **changes})


FROM_ONE = {"has_zero": False, "minimum": 1.0, "mean": 20.0, "variance": 197.0}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Poisson()),
        ({"variance": 3.0}, Poisson()),
        ({"variance": 3.001}, NegativeBinomial()),
        ({"n_distinct": 3}, Poisson()),
        ({"n_distinct": 2}, Normal()),
        ({"has_zero": False, "minimum": 1.0}, Normal()),
        (FROM_ONE, NegativeBinomial()),
        ({**FROM_ONE, "rows": 1999.0}, Normal()),
        ({**FROM_ONE, "minimum": 2.0}, Normal()),
        ({**FROM_ONE, "variance": 196.0}, Normal()),  # a standard deviation of 0.7 means
        ({**FROM_ONE, "mean": 1.2, "variance": 1.7}, Normal()),
        ({**FROM_ONE, "integral": False}, Normal()),
        ({"minimum": -1.0}, Normal()),
        ({"integral": False}, Normal()),
        ({"n_targets": 3}, Poisson(targets=3)),
        (
            {"n_targets": 2, "mean": np.array([2.0, 0.0]), "variance": np.array([2.0, 0.0])},
            Poisson(targets=2),
        ),
        (
            {"n_targets": 2, "mean": np.array([2.0, 1.0]), "variance": np.array([2.0, 4.0])},
            NegativeBinomial(2),
        ),
        ({"n_targets": 2, "integral": False}, Normal(targets=2)),
    ],
)
def test_regression(changes, expected):
    found, reason = choose("regression", facts(**changes))
    assert found == expected
    assert reason.endswith(".")


def test_the_reason_names_the_numbers():
    assert "variance / mean = 4," in choose("regression", facts(variance=8.0))[1]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"kind": "classes", "n_classes": 2}, Bernoulli()),
        ({"kind": "classes", "n_classes": 7}, Categorical(classes=7)),
        ({"kind": "flags", "n_targets": 4}, MultiLabel(labels=4)),
    ],
)
def test_classification(changes, expected):
    found, reason = choose("classification", facts(**changes))
    assert found == expected
    assert reason.endswith(".")


def test_a_task_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="task='ranking' is unknown"):
        choose("ranking", facts())
    with pytest.raises(ValueError, match="task='classification' cannot have a y of kind 'reals'"):
        choose("classification", facts())
    with pytest.raises(ValueError, match="task='regression' cannot have a y of kind 'flags'"):
        choose("regression", facts(kind="flags"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("abalone", "normal"),
        ("ames_housing", "normal"),
        ("bike_sharing_hour", "negative_binomial"),
        ("california_housing", "normal"),
        ("concrete", "normal"),
        ("diamonds", "normal"),
        ("doctor_visits", "negative_binomial"),
        ("quake", "normal"),
        ("rwm5yr", "negative_binomial"),
        ("wine_quality_white", "normal"),
    ],
)
def test_families_of_real_tables(table, expected):
    y = pd.read_parquet(shared_data(f"{table}.parquet"), columns=["target"])["target"].to_numpy(float)
    assert choose("regression", facts_of_numbers(y, np.ones(len(y))))[0].name == expected
