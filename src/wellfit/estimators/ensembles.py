"""Ensembles whose members differ by more than their start, and the choice among them.

Members' numbers may vary (Wenzel et al. 2020, "Hyperparameter ensembles for robustness and uncertainty
quantification"): they are trained side by side by one program, for a number is data. The best mixture of them is chosen
greedily on the held-out rows (Caruana et al. 2004, "Ensemble selection from libraries of models").
"""

from collections.abc import Callable
from copy import copy
from typing import Any

import jax
import numpy as np
from sklearn.model_selection import ParameterGrid, ParameterSampler

from wellfit.estimators.describe import is_auto
from wellfit.estimators.recipe import Recipe, chosen
from wellfit.estimators.settings import VARIED, check_settings
from wellfit.estimators.task import Task
from wellfit.training.plan import Plan

MEMBERS = 10
"""What n_members="auto" is where members differ by their rows or numbers."""

LEAST_PROBABILITY = 1e-15


def size(model: Any, auto: Recipe) -> int:
    """How many members are trained."""
    return int(chosen(model.n_members, MEMBERS if model.bootstrap or model.vary or model.select else auto.n_members))


def starts_constant(model: Any, member: int) -> bool:
    """Whether a member starts as the best constant, with output weights of 0: two of four with the recipe's layers.

    With random output weights a network starts as a random function about as large as the target itself, and bends
    easily; it is the better start where there is much to learn. From the constant it stays simpler until rows say
    otherwise, which is better where there is little. Four members can afford both kinds; the first two are free.

    Not where an output says how much y varies (negative binomial, learnt scales): from the constant a network explains
    by that what its mean has not learnt yet, and may never learn it.
    """
    family = model.family_
    return is_auto(model) and member % 4 >= 2 and not len(range(family.outputs)[family.dispersions])


def draw_numbers(model: Any, members: int, seed: int) -> list[dict[str, Any]] | None:
    """What ``vary`` gives each member: a draw from every distribution, or from the grid where all are lists.

    A grid with fewer points than members is gone through again: those members differ by their start alone.
    """
    if not model.vary:
        return None
    several = model.vary if not any(hasattr(v, "rvs") for v in model.vary.values()) else None
    points = members if several is None else min(members, len(ParameterGrid(several)))
    space = {name: v if hasattr(v, "rvs") else list(v) for name, v in model.vary.items()}
    drawn = list(ParameterSampler(space, points, random_state=seed))
    return [{name: float(value) for name, value in drawn[m % points].items()} for m in range(members)]


def with_numbers(model: Any, numbers: list[dict[str, float]] | None) -> Any:
    """The model as its first member is: with that member's numbers, where they vary."""
    twin = model if numbers is None else copy(model)
    for name, value in (numbers or [{}])[0].items():
        setattr(twin, name, value)
    return twin


def plans_of(model: Any, numbers: list[dict[str, float]] | None, auto: Recipe, n_train: int) -> Plan | list[Plan]:
    """The plan of all members, or one for each where their numbers vary."""
    if numbers is None:
        return model._plan(auto, n_train=n_train)
    if "dropout" in model.vary and not (isinstance(model.network, str) and model.network == "auto"):
        raise ValueError(
            f"vary names 'dropout', which network={type(model.network).__name__} decides by itself; use network='auto' "
            "with hidden."
        )
    plans = []
    for own in numbers:
        twin = with_numbers(model, [own])
        check_settings(twin.get_params(deep=False), type(model).__name__)
        twin.network_ = twin._describe_network(auto)
        plans.append(twin._plan(auto, n_train=n_train))
    if len({jax.tree.structure(plan) for plan in plans}) > 1:
        raise ValueError(
            f"vary makes different programs of its members, for a 0 is the absence of a part: give numbers > 0 for "
            f"{', '.join(name for name in VARIED if name in model.vary)}."
        )
    return plans


def greedy(parts: np.ndarray, loss: Callable[[np.ndarray], np.ndarray], rounds: int) -> list[int]:
    """Numbers of the members whose mean has the least loss, one added in each round; one may be added again.

    parts : (P, ...) what is averaged over members;  loss : of the averages (P, ...) after each choice -> (P,)

    >>> greedy(np.array([3.0, -2.0, 9.0]), lambda mean: mean**2, 5)
    [1, 0, 1, 0, 1]
    """
    total, found = np.zeros_like(parts[0]), []
    for count in range(1, rounds + 1):
        best = int(np.argmin(loss((total + parts) / count)))
        total = total + parts[best]
        found.append(best)
    return found


def check_selection(model: Any, held_out: int) -> None:
    """One sentence where members are to be chosen and no rows are held out to choose them by."""
    if model.select is not None and not held_out:
        raise ValueError(
            f"select={model.select} needs held-out rows, and this fit has none; pass validation_data to fit, or leave "
            "early_stopping at 'auto'."
        )


def keep_best(model: Any, task: Task, members: np.ndarray) -> np.ndarray:
    """Keep the ``select`` networks whose mixture is best on the held-out rows, all where nothing is to be chosen.

    members : (M,) whose network each is; returned for those that are kept, as ``members_`` is.
    """
    if model.select is not None:
        held = task.split[1]
        z = model._raw({name: block[held] for name, block in task.x.items()})
        kept = selected(model, z, task.encoded[held], task.w[held], len(members))
        model._keep_params(*jax.tree.map(lambda leaf: leaf[kept], (model.params_, model._statistics)))
        members = members[kept]
    if model.members_ is not None:
        model.members_ = [model.members_[m] for m in members]
    return members


def selected(model: Any, z: np.ndarray, y: np.ndarray, w: np.ndarray, networks: int) -> list[int]:
    """The ``model.select`` networks (numbers below ``networks``) whose mixture is best on held-out rows.

    z : (networks * k, n, outputs), y, w : (n, ...).  Log loss of classes, squared error of numbers.
    """
    if model._target.kind in ("classes", "flags"):
        p = np.exp([model.family_.log_mean(own) for own in z])
        if model._target.kind == "classes":
            parts = np.take_along_axis(p, np.asarray(y, int)[None, :, None], axis=-1)
        else:
            parts = np.where(y > 0.5, p, 1 - p)

        def loss(mean: np.ndarray) -> np.ndarray:
            return -np.log(np.maximum(mean, LEAST_PROBABILITY)).sum(axis=-1) @ w
    else:
        parts = np.stack([model.family_.predict(own) for own in z])
        parts, y = parts.reshape(*parts.shape[:2], -1), y.reshape(len(y), -1)

        def loss(mean: np.ndarray) -> np.ndarray:
            return ((mean - y) ** 2).sum(axis=-1) @ w

    return greedy(parts.reshape(networks, -1, *parts.shape[1:]).mean(axis=1), loss, int(model.select))
