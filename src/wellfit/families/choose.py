"""Which family when the user says "auto": one table of rules, and the reason in one sentence."""

from typing import Any

import numpy as np

from wellfit.families.base import Family
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.multilabel import MultiLabel
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson

OVERDISPERSED_FROM = 1.5
"""Counts whose weighted variance exceeds this many means are negative binomial, not Poisson."""

FEWEST_COUNTS = 3
"""Integers of at most two distinct values are a 0/1 flag as often as a count: they stay Normal."""

ENOUGH_ROWS = 2000
"""Fewer rows than this say too little of counts without a zero: there Normal predicts better (bike_sharing_hour)."""

WIDE_FROM = 0.7
"""Integers from 1 on that vary by less than so many means may be ages, ranks or ratings, and not counts."""


def choose(task: str, facts: Any) -> tuple[Family, str]:
    """The family for y, bound, and why: ``task`` is "classification" or "regression".

    ``facts`` says of y: ``kind`` ("classes", "flags", "reals"), ``n_classes``, ``n_targets``, ``n_distinct``,
    ``minimum``, ``integral``, ``has_zero``, and the weighted ``rows``, ``mean`` and ``variance`` (of each target, or
    in all).

    - classes: Bernoulli for two, Categorical for more; flags: MultiLabel;
    - reals: Normal, unless y is non-negative integers with more than two distinct values and a zero:
      then Poisson, or NegativeBinomial where the variance exceeds 1.5 times the mean;
    - integers from 1 on of at least 2000 rows are counts too where their standard deviation exceeds 0.7 means and
      their variance 1.5.
    """
    fitting = {"classification": ("classes", "flags"), "regression": ("reals",)}
    if task not in fitting:
        raise ValueError(f"task={task!r} is unknown: allowed are 'classification' and 'regression'.")
    if facts.kind not in fitting[task]:
        raise ValueError(
            f"task={task!r} cannot have a y of kind {facts.kind!r}: "
            f"allowed are {' and '.join(map(repr, fitting[task]))}."
        )
    if task == "classification":
        return _of_classes(facts)
    return _of_reals(facts)


def _of_classes(facts: Any) -> tuple[Family, str]:
    if facts.kind == "flags":
        family: Family = MultiLabel().bind(facts.n_targets)
    elif facts.n_classes <= 2:
        family = Bernoulli().bind(facts.n_classes)
    else:
        family = Categorical().bind(facts.n_classes)
    return family, family.reason(facts)


def _of_reals(facts: Any) -> tuple[Family, str]:
    ratio = _dispersion(facts)
    integers = facts.integral and facts.minimum >= 0 and facts.n_distinct >= FEWEST_COUNTS
    if not (integers and (facts.has_zero or _counts_from_one(facts, ratio))):
        family: Family = Normal().bind(facts.n_targets)
        return family, family.reason(facts)
    family = (NegativeBinomial() if ratio > OVERDISPERSED_FROM else Poisson()).bind(facts.n_targets)
    return (
        family,
        f"{family.reason(facts)[:-1]} (variance / mean = {ratio:.3g}, the limit is {OVERDISPERSED_FROM}).",
    )


def _counts_from_one(facts: Any, ratio: float) -> bool:
    """Whether integers without a zero are counts of what was seen at least once."""
    wide = np.all(np.sqrt(facts.variance) > WIDE_FROM * np.asarray(facts.mean))
    return bool(facts.minimum == 1 and facts.rows >= ENOUGH_ROWS and wide and ratio > OVERDISPERSED_FROM)


def _dispersion(facts: Any) -> float:
    """The largest variance over mean of the targets; a target of nothing but zeros has none."""
    mean, variance = np.atleast_1d(facts.mean), np.atleast_1d(facts.variance)
    return float(np.max(np.divide(variance, mean, out=np.zeros(mean.shape), where=mean > 0)))
