"""The families by name, and the names users know from elsewhere."""

from typing import Any

from wellfit.core.names import did_you_mean
from wellfit.families.base import Family
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.beta import Beta
from wellfit.families.bounded import Bounded
from wellfit.families.categorical import Categorical
from wellfit.families.exponential import Exponential
from wellfit.families.focal import Focal
from wellfit.families.fractional import Fractional
from wellfit.families.gamma import Gamma
from wellfit.families.generalized_cross_entropy import GeneralizedCrossEntropy
from wellfit.families.generalized_normal import GeneralizedNormal
from wellfit.families.hinge import Hinge, SquaredHinge
from wellfit.families.huber import Huber
from wellfit.families.laplace import Laplace
from wellfit.families.log_cosh import LogCosh
from wellfit.families.log_normal import LogNormal
from wellfit.families.multilabel import MultiLabel
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.non_negative import NonNegative
from wellfit.families.normal import Normal
from wellfit.families.ordinal import Ordinal
from wellfit.families.perceptron import PerceptronCriterion
from wellfit.families.poisson import Poisson
from wellfit.families.probability_error import ProbabilityError
from wellfit.families.pseudo_huber import PseudoHuber
from wellfit.families.quantile import Quantile
from wellfit.families.student_t import StudentT
from wellfit.families.tweedie import Tweedie
from wellfit.families.zero_inflated_poisson import ZeroInflatedPoisson

FAMILIES: dict[str, type[Family]] = {
    "bernoulli": Bernoulli,
    "categorical": Categorical,
    "ordinal": Ordinal,
    "hinge": Hinge,
    "squared_hinge": SquaredHinge,
    "perceptron": PerceptronCriterion,
    "exponential": Exponential,
    "focal": Focal,
    "generalized_cross_entropy": GeneralizedCrossEntropy,
    "probability_error": ProbabilityError,
    "multilabel": MultiLabel,
    "normal": Normal,
    "laplace": Laplace,
    "student_t": StudentT,
    "log_cosh": LogCosh,
    "generalized_normal": GeneralizedNormal,
    "huber": Huber,
    "pseudo_huber": PseudoHuber,
    "quantile": Quantile,
    "poisson": Poisson,
    "negative_binomial": NegativeBinomial,
    "zero_inflated_poisson": ZeroInflatedPoisson,
    "gamma": Gamma,
    "log_normal": LogNormal,
    "tweedie": Tweedie,
    "non_negative": NonNegative,
    "bounded": Bounded,
    "fractional": Fractional,
    "beta": Beta,
}

CROSS_ENTROPY = "cross_entropy"
"""Not one family but three: Bernoulli for two classes, Categorical for more, MultiLabel for flags."""

ALIASES: dict[str, str] = {
    "cross_entropy": CROSS_ENTROPY,
    "log_loss": CROSS_ENTROPY,
    "kl_divergence": CROSS_ENTROPY,  # its value but for the entropy of the target, which is 0 for plain classes
    "binary_cross_entropy": "bernoulli",
    "cumulative_logit": "ordinal",
    "gce": "generalized_cross_entropy",
    "l1_probability": "probability_error",
    "squared_error": "normal",
    "gaussian": "normal",
    "absolute_error": "laplace",
    "hyperbolic_secant": "log_cosh",
    "l_p": "generalized_normal",
    "fractional_logit": "fractional",
    "lognormal": "log_normal",
    "zip": "zero_inflated_poisson",
    "pinball": "quantile",
    "nb2": "negative_binomial",
}

NO_GRADIENT = (
    "its gradient is 0 wherever it has one, so nothing can be learnt from it; train with 'cross_entropy' or 'hinge', "
    "and 1 - score is the 0-1 loss"
)
EVALUATION_ONLY: dict[str, str] = {"zero_one": NO_GRADIENT, "zero_one_loss": NO_GRADIENT, "accuracy": NO_GRADIENT}
"""Losses that only measure, and why they are refused for training."""

TARGETS_OF_KIND: dict[str, tuple[str, ...]] = {
    "classes": ("classes",),
    "flags": ("flags",),
    "reals": ("reals", "counts", "positives", "nonnegatives", "proportions"),
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


def refuse_evaluation_only(name: str) -> None:
    """Raise the reason why a loss that only measures cannot be trained with."""
    if name in EVALUATION_ONLY:
        raise ValueError(f"family={name!r} is for evaluation only: {EVALUATION_ONLY[name]}.")


def _named(name: str, kind: str, k: int) -> Family | Any:
    refuse_evaluation_only(name)
    meant = ALIASES.get(name, name)
    if meant == CROSS_ENTROPY:
        if kind == "reals":
            raise ValueError(f"family={name!r} is for classes, and y is reals: {did_you_mean(None, names(kind))}.")
        meant = "multilabel" if kind == "flags" else "bernoulli" if k <= 2 else "categorical"
    if meant not in FAMILIES:
        raise ValueError(f"family {name!r} is unknown; {did_you_mean(name, names(kind))}.")
    return FAMILIES[meant]()
