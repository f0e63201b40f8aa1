"""One bound family of every kind with targets of its domain: what the parametrized tests run over."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.huber import Huber
from wellfit.families.laplace import Laplace
from wellfit.families.multilabel import MultiLabel
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.normal import Normal
from wellfit.families.poisson import Poisson
from wellfit.families.quantile import Quantile

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
]
