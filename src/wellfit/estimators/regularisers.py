"""Regularisers of an estimator: for the plan, and as priors for people."""

from typing import Any

import numpy as np

from wellfit.core.spec import present
from wellfit.estimators.recipe import Recipe, chosen
from wellfit.functions.schedules import Schedule
from wellfit.insight import priors
from wellfit.networks.network import Network
from wellfit.optimizers.base import Optimizer
from wellfit.training.objective import check_per_layer
from wellfit.training.plan import Plan

INPUTS = ("input_dropout", "input_noise")
"""What happens to the inputs in training."""


def input_noise(estimator: Any, described: bool) -> dict[str, Any]:
    """What is done to the inputs, for an MLP; refused where the network is ``described`` by the user."""
    found = {name: getattr(estimator, name) for name in INPUTS if present(getattr(estimator, name))}
    for name, value in found.items():
        if described:
            raise ValueError(
                f"{name}={value!r} is for network='auto', and this network is described by "
                f"{type(estimator.network).__name__}; put it there, as in MLP({name}=...)."
            )
    return found


def is_random(estimator: Any) -> bool:
    """Whether training draws noise for every row."""
    return any(present(chosen(getattr(estimator, name), None)) for name in ("dropout", *INPUTS))


def regularisers(estimator: Any, auto: Recipe, optimizer: Optimizer, network: Network, shape: Any) -> dict[str, Any]:
    """The priors, constraint and noise of a plan; 0 is None, and ``shape`` that of a row."""
    found = {"l1": estimator.l1, "l2": chosen(estimator.l2, auto.l2), "max_norm": estimator.max_norm}
    found = {name: _settled(value) for name, value in found.items()}
    check_per_layer(network, shape, **found)
    if found["max_norm"] is not None and optimizer.full_batch:
        raise ValueError(
            f"max_norm={estimator.max_norm!r} moves weights after the step that optimizer={estimator.optimizer!r} has "
            "searched for; use 'adam', 'adamw', 'sgd' or another method without a line search."
        )
    lp, noise = estimator.lp, estimator.weight_noise
    return {
        **found,
        "lp": lp if lp is not None and present(lp.strength) else None,
        "weight_noise": noise if present(noise) else None,
    }


def _settled(value: Any) -> Any:
    """A number or None; of a sequence a tuple of them, and None where all are."""
    if not isinstance(value, tuple | list):
        return value if present(value) else None
    entries = tuple(entry if present(entry) else None for entry in value)
    return None if all(entry is None for entry in entries) else entries


def remembered(plans: Plan | list[Plan], weight: float) -> dict[str, Any]:
    """What ``priors_`` needs of a plan (of several members the first's), as plain numbers; of schedules their peaks."""
    plan = plans[0] if isinstance(plans, list) else plans
    return {
        "l1": _plain(plan.l1),
        "l2": _plain(plan.l2),
        "lp": None if plan.lp is None else [float(plan.lp.p), float(plan.lp.strength)],
        "max_norm": _plain(plan.max_norm),
        "weight_noise": _plain(plan.weight_noise),
        "weight_decay": _plain(plan.optimizer.weight_decay),
        "learning_rate": _plain(plan.optimizer.learning_rate),
        "optimizer": type(plan.optimizer).__name__,
        "weight": float(weight),
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Schedule):
        value = value.peak
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return None if value is None else float(value)


def reason(settings: dict[str, Any]) -> list[str]:
    """One sentence that says which regularisers there are, if any."""
    names = [name for name in ("l1", "l2", "lp", "max_norm", "weight_noise", "weight_decay") if settings[name]]
    if not names:
        return []
    listed = ", ".join(f"{name}={_shown(settings[name])}" for name in names)
    return [f"Regularised by {listed}; model.priors_ reads them as priors, in the units of the columns."]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return f"({', '.join(_shown(entry) for entry in value)})"
    return "None" if value is None else f"{value:.4g}"


def priors_of(model: Any) -> priors.Priors:
    """The regularisers of a fitted estimator as priors."""
    settings = getattr(model, "_regularisers", None)
    if settings is None:
        raise AttributeError("this model's file does not say how it was regularised; fit it again to have priors_.")
    scale = np.mean(getattr(model._target, "scale", 1.0)) if model.family_.target == "reals" else 1.0
    return priors.read(
        settings, model.network_, model.family_, model._families[0], _factors(model._table), float(scale)
    )


def _factors(table: Any) -> dict[str, float]:
    """Numeric column -> the factor that its numbers are multiplied with, at its centre."""
    scaler = getattr(table, "scaler", table)
    factors = np.asarray(scaler.factor, float)
    names = getattr(table, "numeric_names", None) or [f"x{j}" for j in range(len(factors))]
    return dict(zip(names, factors.tolist(), strict=True))
