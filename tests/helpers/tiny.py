"""A small family and the arrays of a small fit, for tests of the training program alone."""

from typing import Any

import numpy as np

from wellfit.core.spec import numbers_as, spec, static
from wellfit.families.base import Family
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.optimizers.adam import Adam
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.rungs import pad_rows, rung
from wellfit.training.state import start


@spec
class Squares(Family):
    """Half squared error of k targets: a user's own family, in other words."""

    target = "reals"
    domain = "real numbers"
    targets: int = static(1)

    def bind(self, k: int) -> Any:
        return Squares(k)

    @property
    def outputs(self) -> int:
        return self.targets

    def loss(self, z, y):
        return 0.5 * ((z - y) ** 2).sum(-1)

    def mean(self, z):
        return z

    predict = mean

    def intercept(self, y, w):
        return np.average(y, axis=0, weights=w)

    def floor(self, y):
        return 0 * y[:, 0]

    def score(self, z, y, w):
        return -float(np.average(self.loss(z, y), weights=w))

    def reason(self, facts):
        return "for tests"


def table(n: int = 200, d: int = 5, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A regression problem that is not linear."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return x, np.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:3] + 0.1 * rng.normal(size=(n, 1))


def plan(*, dtype: Any = np.float32, hidden=16, dropout=None, optimizer=None, **options) -> Plan:
    """A small plan with its numbers through the door."""
    layers = [Dense(hidden), Activation("relu")] + ([Dropout(dropout)] if dropout else []) + [Dense(1)]
    options = {"max_epochs": 10, "batch_size": 32, **options}
    return numbers_as(Plan(Network(tuple(layers)), Squares(), optimizer or Adam(1e-2), **options), dtype)


def arrays(x, y, w=None, *, valid=0, dtype=np.float32) -> tuple[Data, Rows]:
    """Data and one set of rows; the last ``valid`` rows are held out."""
    n = len(x)
    w = np.ones(n) if w is None else np.asarray(w, float)
    size = rung(n)
    data = Data(*(pad_rows(np.asarray(a, dtype), size) for a in (x, y, w)))
    order = np.arange(n, dtype=np.int32)
    train, held = order[: n - valid], order[n - valid :]
    held_size = rung(valid) if valid else 0
    rows = Rows(
        pad_rows(train, size)[None],
        np.array([len(train)], np.int32),
        pad_rows(held, held_size)[None],
        np.array([valid], np.int32),
        np.array([w[train].sum()], dtype),
    )
    return data, rows


def states(
    plan: Plan, members: int = 1, *, first: int = 0, d: int = 5, validate=False, dtype=np.float32, seed=0
) -> list:
    """Fresh states of the members numbered from ``first``."""
    found = []
    for member in range(first, first + members):
        rng = np.random.default_rng(np.random.SeedSequence([seed, member]))
        params = plan.network.init(rng, (d,))
        kept = plan.network.statistics((d,))
        found.append(start(plan, params, kept, seed=seed, member=member, validate=validate, epochs=64, dtype=dtype))
    return found
