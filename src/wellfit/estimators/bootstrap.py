"""Bagging inside one crowd: every member trains on rows of its own, drawn with replacement; nothing is copied.

Source: Breiman 1996, "Bagging predictors". A bag is as many row numbers as there are training rows, drawn with
probabilities proportional to their frequency weights; a drawn row counts as the mean weight.
"""

import warnings
from typing import Any

import numpy as np

from wellfit.core.errors import WellfitWarning
from wellfit.data.weights import check_weights
from wellfit.estimators.task import Task
from wellfit.functions.metrics import accuracy, r2
from wellfit.training.plan import Rows
from wellfit.training.rungs import pad_rows

BAG = 0xBA6
"""The stream of random numbers that draws rows."""

BLOCK = 2**16
"""Rows whose raw outputs are there at a time."""


def draw(train: np.ndarray, frequencies: np.ndarray, members: int, seed: int) -> np.ndarray:
    """The members' bags (P, n) of the n rows ``train``; a bag depends on the seed and its member's number alone.

    frequencies : (n,) of these rows
    """
    edges = np.cumsum(frequencies)
    bags = np.empty((members, len(train)), np.int32)
    for member in range(members):
        points = np.random.default_rng([seed, member, BAG]).random(len(train)) * edges[-1]
        bags[member] = train[np.sort(np.searchsorted(edges, points, side="right").clip(max=len(train) - 1))]
    return bags


def evened(w: np.ndarray, cost: np.ndarray | float, train: np.ndarray) -> np.ndarray:
    """Weights (n,) for rows that are drawn by their frequencies w / cost: each then counts as their mean."""
    even, cost = w.copy(), np.broadcast_to(cost, w.shape)[train]
    even[train] = cost * np.mean(w[train] / cost)
    return even


def in_bags(rows: Rows, bags: np.ndarray, w: np.ndarray) -> Rows:
    """One set of rows for each bag; the held-out rows are the same for all."""
    members, n = bags.shape
    return Rows(
        pad_rows(bags.T, rows.train.shape[1]).T,
        np.full(members, n, np.int32),
        np.repeat(rows.valid, members, axis=0),
        np.repeat(rows.n_valid, members),
        w[bags].sum(axis=1).astype(rows.weight.dtype),
    )


def measure_out_of_bag(model: Any, task: Task, members: np.ndarray, sample_weight: Any, n: int) -> None:
    """Set ``oob_score_`` and ``oob_decision_function_`` (classes) or ``oob_prediction_`` (numbers), of the n rows of X.

    Each training row is predicted by those of the model's networks in whose bags it is not; ``members`` (M,) says whose
    bag is each network's. NaN are rows that lie in every bag, are held out (they chose the epoch), or weigh nothing.
    """
    train, bags = task.split[0], [task.trained_on(member) for member in range(task.members)]
    inside = np.zeros((len(bags), len(task.w)), bool)
    for member, bag in enumerate(bags):
        inside[member, bag] = True
    outside = ~inside[members][:, train]
    found, seen = _predicted(model, task, outside), outside.any(axis=0)
    if not seen.all():
        warnings.warn(
            f"{np.count_nonzero(~seen)} of {len(train)} training rows lie in the bags of all members and have no "
            "out-of-bag prediction (NaN); use more members (n_members).",
            WellfitWarning,
            stacklevel=5,
        )
    places = train if sample_weight is None else np.flatnonzero(check_weights(sample_weight, n) > 0)[train]
    y, w = task.encoded[train][seen], (task.w / model._cost(task.encoded, task.w, learn=False))[train][seen]
    whole = np.full((n, *found.shape[1:]), np.nan)
    if model._target.kind in ("classes", "flags"):
        whole[places] = np.exp(found)
        model.oob_decision_function_ = whole if whole.ndim == 2 else whole[..., 1]
        model.oob_score_ = accuracy(model._decide(found[seen]), np.asarray(y, int), w) if seen.any() else np.nan
    else:
        whole[places] = found
        truth = model._target.decode(y).reshape(len(y), -1)
        model.oob_prediction_ = whole
        model.oob_score_ = r2(found[seen].reshape(truth.shape), truth, w) if seen.any() else np.nan


def _predicted(model: Any, task: Task, outside: np.ndarray) -> np.ndarray:
    """The training rows' predictions (n, ...) by the networks (M, n) that are outside, NaN where there are none.

    Log probabilities of classes, predictions in y's units of numbers.
    """
    train, found = task.split[0], []
    for first in range(0, len(train), BLOCK):
        rows = slice(first, first + BLOCK)
        z = model._raw({name: block[train[rows]] for name, block in task.x.items()})
        own = np.repeat(outside[:, rows], len(z) // len(outside), axis=0)  # a network may be k networks in one
        values = np.full((z.shape[1], *model._from_raw(z[:, :1]).shape[1:]), np.nan)
        counts = own.sum(axis=0)
        for count in np.unique(counts[counts > 0]):  # rows that as many networks speak of are one call
            some = np.flatnonzero(counts == count)
            speak = np.argsort(~own[:, some], axis=0, kind="stable")[:count]
            values[some] = model._from_raw(z[speak, some])
        found.append(values)
    return np.concatenate(found)
