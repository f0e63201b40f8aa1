"""The families by name, and the names users know from elsewhere."""

from typing import Any

from wellfit.core.names import did_you_mean
from wellfit.families.base import Family
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.huber import Huber
from wellfit.families.laplace import Laplace
from wellfit.families.multilabel import MultiLabel
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson
from wellfit.families.quantile import Quantile

FAMILIES: dict[str, type[Family]] = {
    "bernoulli": Bernoulli,
    "categorical": Categorical,
    "multilabel": MultiLabel,
    "normal": Normal,
    "laplace": Laplace,
    "huber": Huber,
    "quantile": Quantile,
    "poisson": Poisson,
    "negative_binomial": NegativeBinomial,
}

CROSS_ENTROPY = "cross_entropy"
"""Not one family but three: Bernoulli for two classes, Categorical for more, MultiLabel for flags."""

ALIASES: dict[str, str] = {
    "cross_entropy": CROSS_ENTROPY,
    "log_loss": CROSS_ENTROPY,
    "binary_cross_entropy": "bernoulli",
    "squared_error": "normal",
    "gaussian": "normal",
    "absolute_error": "laplace",
    "pinball": "quantile",
    "nb2": "negative_binomial",
}

TARGETS_OF_KIND: dict[str, tuple[str, ...]] = {
    "classes": ("classes", "ordered"),
    "flags": ("flags",),
    "reals": ("reals", "counts", "positives", "proportions", "ordered"),
}
"""Which targets a family may have for each kind of y."""


def resolve(family: str | Family, kind: str, k: int) -> Family:
    """The family a user means, by name or as an object, bound to k classes, labels or targets of that kind.

    ``kind`` is "classes", "flags" or "reals". Errors name the nearest name, or the families that fit y.

    >>> resolve("log_loss", "classes", 3)
    Categorical(smoothing=None, classes=3)
    """
    found = _named(family, kind, k) if isinstance(family, str) else family
    if not isinstance(found, Family):
        raise ValueError(
            f"family={family!r} must be a name or an object of a Family class, such as Normal(); "
            f"{did_you_mean(None, names(kind))}."
        )
    if found.target not in TARGETS_OF_KIND[kind]:
        raise ValueError(
            f"family={family!r} is for {found.domain}, and y is {kind}: {did_you_mean(None, names(kind))}."
        )
    return found.bind(k)


def names(kind: str) -> list[str]:
    """Every name, aliases too, of a family for that kind of y."""
    fitting = [name for name, family in FAMILIES.items() if family.target in TARGETS_OF_KIND[kind]]
    general = [CROSS_ENTROPY] if kind != "reals" else []
    return fitting + [alias for alias, name in ALIASES.items() if name in fitting + general]


def _named(name: str, kind: str, k: int) -> Family | Any:
    meant = ALIASES.get(name, name)
    if meant == CROSS_ENTROPY:
        if kind == "reals":
            raise ValueError(f"family={name!r} is for classes, and y is reals: {did_you_mean(None, names(kind))}.")
        meant = "multilabel" if kind == "flags" else "bernoulli" if k <= 2 else "categorical"
    if meant not in FAMILIES:
        raise ValueError(f"family {name!r} is unknown; {did_you_mean(name, names(kind))}.")
    return FAMILIES[meant]()
