"""Which losses a kernel of our own (``wellfit.native``) knows, and the numbers that it needs of them."""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.error_loss import ErrorLoss
from wellfit.families.huber import Huber
from wellfit.families.laplace import Laplace
from wellfit.families.location_scale import LocationScale
from wellfit.families.log_cosh import LogCosh
from wellfit.families.multilabel import MultiLabel
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson
from wellfit.families.pseudo_huber import PseudoHuber
from wellfit.families.quantile import Quantile
from wellfit.families.student_t import StudentT
from wellfit.functions.links import MINIMUM_SCALE
from wellfit.functions.numerics import gammaln
from wellfit.training.plan import Plan


class Kind(IntEnum):
    """The losses in the kernel's order."""

    LOGISTIC = 0
    SOFTMAX = 1
    SQUARED = 2
    POISSON = 3
    NEGATIVE_BINOMIAL = 4
    LAPLACE = 5
    STUDENT_T = 6
    LOG_COSH = 7
    HUBER = 8
    PSEUDO_HUBER = 9
    QUANTILE = 10


OF_A_SCALE: dict[type, Kind] = {
    Normal: Kind.SQUARED,
    Laplace: Kind.LAPLACE,
    StudentT: Kind.STUDENT_T,
    LogCosh: Kind.LOG_COSH,
}
OF_AN_ERROR: dict[type, Kind] = {Huber: Kind.HUBER, PseudoHuber: Kind.PSEUDO_HUBER}


def loss_of(plan: Plan, y: Any) -> Kind | None:
    """Which of the kernel's losses the family's is, None where it is another."""
    family: Any = plan.family
    kind = type(family)
    if kind in (Bernoulli, Categorical):
        return (Kind.LOGISTIC if kind is Bernoulli else Kind.SOFTMAX) if y.ndim == 1 else None
    if kind is MultiLabel:
        return Kind.LOGISTIC if family.reduction == "sum" else None
    if isinstance(family, LocationScale):
        numbers = (family.scale, getattr(family, "df", 0))
        known = all(np.ndim(number) == 0 for number in numbers) and not (family.learn_scale and plan.rule is not None)
        return OF_A_SCALE.get(kind) if known else None
    if isinstance(family, ErrorLoss):
        return OF_AN_ERROR.get(kind) if np.ndim(family.delta) == 0 else None
    if kind is NegativeBinomial:
        return Kind.NEGATIVE_BINOMIAL if family.alpha is None else None
    return {Poisson: Kind.POISSON, Quantile: Kind.QUANTILE}.get(kind)


class Loss(NamedTuple):
    """The numbers of a loss."""

    constant: Any  # added for every row
    inverse: Any = 1  # of the noise's scale
    shape: Any = 1  # a number of its own: degrees of freedom, where squares end, smoothing of classes
    levels: tuple = ()  # of quantiles
    scaled: bool = False  # whether the noise's scale is learnt, too


def numbers_of_loss(plan: Plan, dtype: np.dtype) -> Loss:
    """What the kernel has to know of the loss besides its kind."""
    family: Any = plan.family
    if isinstance(family, LocationScale):
        constant = 0 if _above_perfection(plan) else family.floor(np.zeros((1, family.targets), dtype))[0]
        if family.learn_scale:
            constant = constant - family.targets * np.log(MINIMUM_SCALE)
        return Loss(constant, 1 / np.asarray(family.scale, dtype), getattr(family, "df", 1), scaled=family.learn_scale)
    if isinstance(family, Bernoulli | Categorical | MultiLabel):
        smoothing = getattr(family, "smoothing", None)
        return Loss(0, shape=0 if smoothing is None else smoothing)
    return Loss(0, shape=getattr(family, "delta", 1), levels=getattr(family, "levels", ()))


def known_losses(plan: Plan, y: np.ndarray) -> np.ndarray | None:
    """Of each row's loss what no parameter changes, where it differs from row to row."""
    if loss_of(plan, y) not in (Kind.POISSON, Kind.NEGATIVE_BINOMIAL):
        return None
    family: Any = plan.family
    y = y.astype(np.float64)
    log_factorials = gammaln(y + 1).sum(axis=-1)
    return log_factorials - family.floor(y) if _above_perfection(plan) else log_factorials


def _above_perfection(plan: Plan) -> bool:
    """Whether what is reported is the loss above a perfect prediction's."""
    return plan.rule is not None and plan.rule.excess
