"""One bound family of every kind with targets of its domain: what the parametrized tests run over."""

from dataclasses import dataclass
from typing import Any

import numpy as np

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

ROWS = 40


@dataclass(frozen=True)
class Case:
    """A bound family, and how its encoded y looks."""

    name: str
    family: Any
    kind: str

    def y(self, rng: np.random.Generator, dtype: Any = np.float64) -> np.ndarray:
        k = getattr(self.family, "targets", 2)
        drawn = {
            "binary": lambda: (rng.random(ROWS) < 0.3).astype(dtype),
            "soft binary": lambda: rng.random(ROWS).astype(dtype),
            "classes": lambda: rng.choice(4, ROWS, p=[0.4, 0.3, 0.2, 0.1]).astype(np.int32),
            "soft classes": lambda: rng.dirichlet(np.ones(4), ROWS).astype(dtype),
            "flags": lambda: (rng.random((ROWS, 3)) < [0.2, 0.5, 0.7]).astype(dtype),
            "reals": lambda: (rng.standard_t(4, (ROWS, k)) + 0.3).astype(dtype),
            "counts": lambda: rng.negative_binomial(1.5, 0.25, (ROWS, k)).astype(dtype),
            "positives": lambda: rng.gamma(1.5, 0.7, (ROWS, k)).astype(dtype),
            "amounts": lambda: (rng.gamma(1.5, 0.7, (ROWS, k)) * (rng.random((ROWS, k)) < 0.7)).astype(dtype),
            "shares": lambda: rng.beta(0.8, 1.6, (ROWS, k)).astype(dtype),
            "shares and limits": lambda: np.clip(rng.beta(0.8, 1.6, (ROWS, k)) * 1.5 - 0.2, 0, 1).astype(dtype),
        }
        return drawn[self.kind]()

    def z(self, rng: np.random.Generator, dtype: Any = np.float64, size: float = 1.5) -> np.ndarray:
        return rng.normal(0, size, (ROWS, self.family.outputs)).astype(dtype)


CASES = [
    Case("bernoulli", Bernoulli(), "binary"),
    Case("bernoulli soft", Bernoulli(), "soft binary"),
    Case("bernoulli smoothed", Bernoulli(0.1), "binary"),
    Case("categorical", Categorical().bind(4), "classes"),
    Case("categorical soft", Categorical().bind(4), "soft classes"),
    Case("categorical smoothed", Categorical(0.1).bind(4), "classes"),
    Case("categorical soft smoothed", Categorical(0.1).bind(4), "soft classes"),
    Case("multilabel", MultiLabel().bind(3), "flags"),
    Case("multilabel mean", MultiLabel(reduction="mean").bind(3), "flags"),
    Case("normal", Normal().bind(2), "reals"),
    Case("normal scaled", Normal(np.array([0.5, 2.0])).bind(2), "reals"),
    Case("normal learnt", Normal(learn_scale=True).bind(2), "reals"),
    Case("laplace", Laplace().bind(2), "reals"),
    Case("laplace learnt", Laplace(learn_scale=True).bind(2), "reals"),
    Case("huber", Huber().bind(2), "reals"),
    Case("quantile", Quantile().bind(2), "reals"),
    Case("quantile many", Quantile((0.1, 0.5, 0.8)).bind(2), "reals"),
    Case("poisson", Poisson().bind(2), "counts"),
    Case("negative binomial", NegativeBinomial().bind(2), "counts"),
    Case("negative binomial fixed", NegativeBinomial(alpha=np.array([0.4, 2.0])).bind(2), "counts"),
    Case("zero-inflated poisson", ZeroInflatedPoisson().bind(2), "counts"),
    Case("student t", StudentT().bind(2), "reals"),
    Case("student t learnt", StudentT(3.0, learn_scale=True).bind(2), "reals"),
    Case("log cosh", LogCosh(0.7).bind(2), "reals"),
    Case("log cosh learnt", LogCosh(learn_scale=True).bind(2), "reals"),
    Case("generalized normal", GeneralizedNormal(1.3).bind(2), "reals"),
    Case("generalized normal learnt", GeneralizedNormal(1.7, learn_scale=True).bind(2), "reals"),
    Case("pseudo-huber", PseudoHuber().bind(2), "reals"),
    Case("gamma", Gamma().bind(2), "positives"),
    Case("gamma learnt", Gamma(learn_scale=True).bind(2), "positives"),
    Case("log-normal", LogNormal().bind(2), "positives"),
    Case("tweedie", Tweedie(1.6).bind(2), "amounts"),
    Case("non-negative", NonNegative().bind(2), "amounts"),
    Case("bounded", Bounded().bind(2), "shares and limits"),
    Case("fractional", Fractional().bind(2), "shares and limits"),
    Case("beta", Beta().bind(2), "shares"),
    Case("ordinal", Ordinal().bind(4), "classes"),
    Case("ordinal soft", Ordinal().bind(4), "soft classes"),
    Case("ordinal of two", Ordinal().bind(2), "soft binary"),
    Case("hinge", Hinge().bind(2), "binary"),
    Case("hinge soft", Hinge().bind(2), "soft binary"),
    Case("hinge of classes", Hinge().bind(4), "classes"),
    Case("hinge of the worst", Hinge("crammer_singer").bind(4), "classes"),
    Case("squared hinge soft", SquaredHinge().bind(2), "soft binary"),
    Case("squared hinge of classes", SquaredHinge().bind(4), "classes"),
    Case("perceptron", PerceptronCriterion().bind(2), "binary"),
    Case("perceptron of classes", PerceptronCriterion().bind(4), "classes"),
    Case("exponential soft", Exponential().bind(2), "soft binary"),
    Case("exponential of classes", Exponential().bind(4), "classes"),
    Case("focal soft", Focal().bind(2), "soft binary"),
    Case("focal of classes", Focal(1.5).bind(4), "classes"),
    Case("focal weighted", Focal(alpha=0.8).bind(2), "binary"),
    Case("focal weighted classes", Focal(1.5, alpha=(1.0, 2.0, 0.5, 4.0)).bind(4), "classes"),
    Case("generalized cross-entropy soft", GeneralizedCrossEntropy().bind(2), "soft binary"),
    Case("generalized cross-entropy of classes", GeneralizedCrossEntropy(0.4).bind(4), "classes"),
    Case("probability error", ProbabilityError().bind(2), "binary"),
    Case("probability error of classes", ProbabilityError().bind(4), "classes"),
]
