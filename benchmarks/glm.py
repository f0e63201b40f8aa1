"""Generalised linear models beside networks of the same family: coefficients, and held-out deviance.

    python -m benchmarks.glm FOLDER [TABLE ...] [--rows 20000] [--seeds 3] [--first 0] [--members 4]

FOLDER holds Parquet files, features first, ``target`` last. For every seed three tenths of the rows are held out. The
GLM is statsmodels', of Tweedie's family scikit-learn's, with the logarithm as link and nothing penalised; its columns
are the numbers, and categories without their first level. "linear" is wellfit's network without a hidden layer on the
same columns, by L-BFGS in float64; "network" is ``NeuralRegressor(family=...)`` with its defaults on the table, or with
``--members`` networks.

coefficients  the largest difference of a coefficient, in the columns' own units, between linear and GLM
deviance      of the held-out rows, mean over seeds: 2 (log-likelihood of y itself - that of the mean), by statsmodels'
              and scikit-learn's definitions; the negative binomial's at the α that statsmodels fits, which linear has
              too; of the zero-inflated Poisson, 2 (-log-likelihood), where there is no y itself
difference    network - GLM, with its paired standard error over the seeds

Where a row is 0 the gamma's y is y + 1. The log odds of extra zeros are linear in the columns as the log mean is, and
where no row is 0 (bike_sharing_hour) they are anything: only the coefficients of the mean are compared there.
"""

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.special
import scipy.stats
from sklearn.linear_model import TweedieRegressor
from sklearn.metrics import mean_gamma_deviance, mean_poisson_deviance, mean_tweedie_deviance
from sklearn.model_selection import train_test_split

from benchmarks.counts import log_score, probabilities
from wellfit import NeuralRegressor, fit
from wellfit.families.gamma import Gamma
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.families.poisson import Poisson
from wellfit.families.tweedie import Tweedie
from wellfit.families.zero_inflated_poisson import ZeroInflatedPoisson
from wellfit.layers.dense import Dense
from wellfit.networks.network import Network

TABLES = ("bike_sharing_hour", "doctor_visits", "rwm5yr")
POWER = 1.5
STEPS = 400
LEAST_MEAN = 1e-3
HELD_OUT = 0.3
EXACT: dict[str, Any] = {"disp": 0, "method": "bfgs", "maxiter": 2000, "gtol": 1e-8}


@dataclass(frozen=True)
class Peer:
    """A fitted GLM.

    coefficients : (1 + d, outputs), the intercept first, of the outputs that the rows determine
    family : wellfit's
    deviance : of y (n,) and predictions (n,), which are means, or P(y) where ``chances``
    predict : columns with a 1 before them (n, 1 + d) and y (n,) -> predictions (n,)
    """

    coefficients: np.ndarray
    family: Any
    deviance: Callable[[np.ndarray, np.ndarray], float]
    predict: Callable[[np.ndarray, np.ndarray], np.ndarray]
    chances: bool = False


def of_means(coefficients: np.ndarray, family: Any, deviance: Callable[[np.ndarray, np.ndarray], float]) -> Peer:
    """A GLM that says the log mean."""

    def bounded(y: np.ndarray, mean: np.ndarray) -> float:
        return float(deviance(y, np.maximum(mean, LEAST_MEAN)))

    return Peer(coefficients[:, None], family, bounded, lambda A, _: np.exp(A @ coefficients))


def poisson(A: np.ndarray, y: np.ndarray) -> Peer:
    """statsmodels' Poisson GLM."""
    import statsmodels.api as sm

    found = sm.GLM(y, A, family=sm.families.Poisson()).fit(tol=1e-12)
    return of_means(found.params, Poisson().bind(1), mean_poisson_deviance)


def negative_binomial(A: np.ndarray, y: np.ndarray) -> Peer:
    """statsmodels' NB2 regression, whose α is the most likely one."""
    from statsmodels.discrete.discrete_model import NegativeBinomial as Regression
    from statsmodels.genmod.families import NegativeBinomial as Theirs

    found = Regression(y, A).fit(**EXACT)
    alpha = float(found.params[-1])
    family = NegativeBinomial(alpha=alpha).bind(1)
    return of_means(found.params[:-1], family, lambda y, mean: Theirs(alpha=alpha).deviance(y, mean) / len(y))


def gamma(A: np.ndarray, y: np.ndarray) -> Peer:
    """statsmodels' gamma GLM with the logarithm as link."""
    import statsmodels.api as sm

    found = sm.GLM(y, A, family=sm.families.Gamma(sm.families.links.Log())).fit(tol=1e-12)
    return of_means(found.params, Gamma().bind(1), mean_gamma_deviance)


def tweedie(A: np.ndarray, y: np.ndarray) -> Peer:
    """scikit-learn's Tweedie regressor without a penalty."""
    model = TweedieRegressor(power=POWER, alpha=0, link="log", solver="newton-cholesky", tol=1e-10, max_iter=1000)
    found = model.fit(A[:, 1:], y)
    both = np.r_[found.intercept_, found.coef_]
    return of_means(both, Tweedie(POWER).bind(1), lambda y, mean: mean_tweedie_deviance(y, mean, power=POWER))


def zero_inflated_poisson(A: np.ndarray, y: np.ndarray) -> Peer:
    """statsmodels' zero-inflated Poisson regression, the log odds of extra zeros linear too."""
    from statsmodels.discrete.count_model import ZeroInflatedPoisson as Theirs

    found = Theirs(y, A, exog_infl=A).fit(**EXACT)
    zeros, means = found.params.reshape(2, -1)  # theirs begin with the extra zeros

    def predict(A: np.ndarray, y: np.ndarray) -> np.ndarray:
        extra = scipy.special.expit(A @ zeros)
        return extra * (y == 0) + (1 - extra) * scipy.stats.poisson.pmf(y, np.exp(A @ means))

    told = np.column_stack([means, zeros] if (y == 0).any() else [means])
    return Peer(told, ZeroInflatedPoisson().bind(1), lambda _, p: 2 * log_score(p), predict, chances=True)


PEERS: dict[str, Callable[[np.ndarray, np.ndarray], Peer]] = {
    "poisson": poisson,
    "negative_binomial": negative_binomial,
    "gamma": gamma,
    "tweedie": tweedie,
    "zero_inflated_poisson": zero_inflated_poisson,
}


def linear(peer: Peer, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The coefficients (1 + d, outputs) of a network without a hidden layer."""
    network = Network((Dense(peer.family.outputs),))
    found = fit(network, peer.family, X, y, optimizer="lbfgs", max_epochs=STEPS, dtype=np.float64).params[0]
    return np.vstack([found["bias"][0], found["weight"][0]])


def in_own_units(coefficients: np.ndarray, centre: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Those of standardised columns as those of the columns themselves: (1 + d, outputs)."""
    slopes = coefficients[1:] / scale[:, None]
    return np.vstack([coefficients[0] - centre @ slopes, slopes])


def design(frame: pd.DataFrame) -> np.ndarray:
    """Numbers, and categories without their first level: (n, d)."""
    return pd.get_dummies(frame, drop_first=True).to_numpy(float)


def compared(name: str, frame: pd.DataFrame, y: np.ndarray, seed: int, members: Any) -> tuple[float, float, float]:
    """The largest difference of coefficients, and the held-out deviance of the GLM and of the network."""
    if name == "gamma":
        y = y + (y == 0).any()
    train, held = train_test_split(np.arange(len(y)), test_size=HELD_OUT, random_state=seed)
    X = design(frame)
    X = X[:, X[train].std(axis=0) > 0]
    centre, scale = X[train].mean(axis=0), X[train].std(axis=0)
    Z = (X - centre) / scale
    A = np.column_stack([np.ones(len(Z)), Z])
    peer = PEERS[name](A[train], y[train])
    ours = linear(peer, Z[train], y[train])[:, : peer.coefficients.shape[1]]
    gap = in_own_units(ours, centre, scale) - in_own_units(peer.coefficients, centre, scale)
    network = NeuralRegressor(family=name, n_members=members, random_state=seed).fit(frame.iloc[train], y[train])
    asked = frame.iloc[held]
    predicted = probabilities(network, asked, y[held]) if peer.chances else network.predict(asked)
    glm = peer.deviance(y[held], peer.predict(A[held], y[held]))
    return float(np.abs(gap).max()), glm, peer.deviance(y[held], predicted)


def line(table: str, name: str, rows: np.ndarray) -> str:
    """The figures of one family on one table over seeds, (seeds, 3)."""
    gap, (glm, network) = rows[:, 0].max(), rows[:, 1:].mean(axis=0)
    differences = rows[:, 2] - rows[:, 1]
    error = differences.std(ddof=1) / np.sqrt(len(rows)) if len(rows) > 1 else np.nan
    verdict = "no worse" if differences.mean() <= 0 else "worse"
    return (
        f"{table:<18} {name:<22} {gap:>12.1e} {glm:>9.4f} {network:>9.4f} {differences.mean():>+9.4f} ± {error:.4f}  "
        f"{verdict}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--rows", type=int, default=20_000, help="most rows of a table")
    parser.add_argument("--seeds", type=int, default=3, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--members", type=int, help="networks averaged; the default is wellfit's")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    print(f"{'table':<18} {'family':<22} coefficients       GLM   network  difference")
    for table in options.tables or TABLES:
        frame = pd.read_parquet(options.folder / f"{table}.parquet")
        frame = frame.sample(options.rows, random_state=0) if len(frame) > options.rows else frame
        y = frame.pop("target").to_numpy(float)
        for name in PEERS:
            seeds = range(options.first, options.first + options.seeds)
            rows = np.array([compared(name, frame, y, seed, options.members or "auto") for seed in seeds])
            print(line(table, name, rows), flush=True)


if __name__ == "__main__":
    main()
