"""What rows say of networks that were not fitted to them: noise, calibration, intervals and figures."""

from copy import copy
from typing import Any

import jax
import numpy as np
from scipy.sparse import issparse

from wellfit.data.splits import folds
from wellfit.estimators.describe import is_linear
from wellfit.estimators.ensembles import plans_of
from wellfit.estimators.figures import figures
from wellfit.estimators.recipe import exact_recipe
from wellfit.training.members import history_length
from wellfit.training.rows import arrays
from wellfit.training.rungs import pad_rows, rung
from wellfit.training.snapshots import train_in_cycles

FOLDS = 5

MOST_TRAINING_ROWS, FEWEST_TRAINING_ROWS = 10_000, 2500
"""Where no row was held out the figures are of the training rows: of up to the first number all, of more so many that
are evenly spaced, the fewer the larger the networks are."""

MULTIPLICATIONS = 1 << 30
"""In a forward pass of those rows, between the most and the fewest: some hundredths of a second."""


def measure(model: Any, x: dict, encoded: np.ndarray, w: np.ndarray, split: tuple) -> None:
    """Learn what only the fitted network can tell: noise scale, calibration, intervals, figures.

    From held-out rows if there are any. A fit that is exact as a whole holds nothing out: there every row speaks of
    networks that were fitted without it (cross-validation), for on their training rows small networks are far too sure
    of themselves. Else from the training rows.
    """
    held = len(split[1]) > 0
    index = split[1] if held else _evenly(split[0], sum(leaf.size for leaf in jax.tree.leaves(model.params_)))
    z = None if held else _out_of_fold(model, x, encoded, w)
    rows = "held out" if held else "training" if z is None else "cross-validated"
    if z is None:
        z = model._raw({name: block[index] for name, block in x.items()})
    y, weights = encoded[index], w[index] / model._cost(encoded[index], w[index], learn=False)
    model._families = [model.family_.with_dispersion(own, y, w[index]) for own in z]
    model._judge(z, y, weights, rows != "training")
    model.figures_ = {"rows": rows, "n": len(index), **figures(model, z, y, weights)}


def _evenly(train: np.ndarray, numbers: int) -> np.ndarray:
    """Evenly spaced training rows, as many as a network of so many numbers may see."""
    if len(train) <= MOST_TRAINING_ROWS:
        return train
    most = min(max(MULTIPLICATIONS // max(numbers, 1), FEWEST_TRAINING_ROWS), MOST_TRAINING_ROWS)
    return train[:: -(-len(train) // most)]


def _out_of_fold(model: Any, x: dict, encoded: np.ndarray, w: np.ndarray) -> np.ndarray | None:
    """Raw outputs (P, n, outputs) of every row by networks fitted without it; None where that is not to be had.

    They are trained as the model was, by the program that is compiled already. Columns and target are scaled by all
    rows.
    """
    exact = model._dtype == np.float64
    cut_short = exact and (model.status_ in ("interrupted", "timed_out", "stopped_by_callback") or _too_slow(model))
    if not exact or cut_short:
        return None
    blocks = [block.toarray() if issparse(block) else block for block in x.values()]
    number = folds(np.column_stack([np.reshape(block, (len(w), -1)) for block in (encoded, *blocks)]), FOLDS)
    if not number.any():
        return None
    cycles = int(model.snapshots)
    members = len(jax.tree.leaves(model.params_)[0]) // cycles
    numbers = None if model.members_ is None else model.members_[:members]
    plans = plans_of(model, numbers, exact_recipe(is_linear(model)), len(w))
    plan = plans[0] if isinstance(plans, list) else plans
    epochs = history_length(plan.max_epochs)
    z = None
    for fold in range(number.max() + 1):
        rest, own = (np.flatnonzero(number != fold).astype(np.int32), np.flatnonzero(number == fold))
        data, rows = arrays(x, encoded, w, (rest, own[:0].astype(np.int32)), model._dtype)
        rows = rows._replace(train=pad_rows(rest, rung(len(w)))[None])  # of one size for all folds: one program
        states = [model._start(plan, m, 0, x, encoded, w, rest, False, epochs, None) for m in range(members)]
        trained = train_in_cycles(plans, data, rows, states, cycles)
        if trained[-1].interrupted:
            return None
        twin = copy(model)
        twin._keep_params(*jax.tree.map(lambda *ends: np.concatenate(ends), *[own.kept for own in trained]))
        found = twin._raw({name: block[own] for name, block in x.items()})
        z = np.empty((len(found), len(w), found.shape[-1])) if z is None else z
        z[:, own] = found
    return z


def _too_slow(model: Any) -> bool:
    """Whether ``max_time`` does not suffice for the folds."""
    return model.max_time is not None and (FOLDS + 1) * model.fit_seconds_ > model.max_time
