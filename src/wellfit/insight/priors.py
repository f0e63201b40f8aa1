"""Every regulariser read as a prior: what it believes of the weights, in the units of the data.

Training minimises loss + penalty, and exp(-penalty) is the density of a prior, exp(-loss) the likelihood: the fit is
the most probable one (MAP). Where the loss leaves the noise out, as the squared error does, both are in units of the
noise: ½ Σ r² + ½ λ Σ w² is σ² times Σ r²/2σ² + ½ (λ/σ²) Σ w², so that λ is σ²/σ_w², a ratio of variances (theory
C-149, N-81).
"""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.integrate import quad

from wellfit.families.base import Family
from wellfit.families.laplace import Laplace
from wellfit.families.normal import Normal
from wellfit.functions.penalties import l1_penalty, l2_penalty, lp_penalty
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Tabular
from wellfit.layers.noise import GaussianNoise
from wellfit.networks.network import Network

PLAIN = (Tabular, Dropout, GaussianNoise)
"""Layers that leave columns as they are when a network predicts."""

FAR = 60.0
"""A prior's density is integrated out to where the penalty is this many times that of a typical weight."""


@dataclass(frozen=True)
class Prior:
    """One regulariser: its name, its number, what it is in words, and the prior's standard deviation of a weight."""

    name: str
    value: Any
    reading: str
    deviation: float | None = None


@dataclass(frozen=True)
class Priors:
    """All regularisers of a fit. Printed it is a table.

    rows : one ``Prior`` each;  noise : the factor σ² (of a normal family, b of a Laplace one) by which the loss is too
    large, 1 where the loss is a whole likelihood;  columns : column -> prior standard deviation of what one unit of it
    adds to ``effect``, which is named.
    """

    rows: tuple[Prior, ...]
    noise: float = 1.0
    effect: str = ""
    columns: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        rows = [vars(row) for row in self.rows]
        return {"rows": rows, "noise": self.noise, "effect": self.effect, "columns": self.columns}

    def __str__(self) -> str:
        if not self.rows:
            return "no prior: every weight is as probable as any other"
        width = max(len(_titled(row)) for row in self.rows)
        lines = [f"{_titled(row):<{width}}  {row.reading}" for row in self.rows]
        if self.columns:
            wide = max(map(len, self.columns))
            lines += ["", f"One unit of a column adds 0 ± this to {self.effect}, before any row is seen:"]
            lines += [f"{name:<{wide}}  {deviation:.3g}" for name, deviation in self.columns.items()]
        return "\n".join(lines)


def _titled(row: Prior) -> str:
    return f"{row.name} = {_shown(row.value)}"


def _shown(value: Any) -> str:
    return ", ".join(map(_shown, value)) if isinstance(value, list) else "none" if value is None else f"{value:.3g}"


def read(
    settings: dict[str, Any],
    network: Network,
    family: Family,
    fitted: Family,
    factors: dict[str, float],
    unit: float,
) -> Priors:
    """The priors of a fit.

    Parameters
    ----------
    settings : dict
        ``l1``, ``l2`` and ``max_norm`` (number, list with one for each layer, or None), ``lp`` ([p, strength] or None),
        ``weight_noise``, ``weight_decay``, ``learning_rate``, ``optimizer`` (its name) and ``weight``, the sum of the
        rows' weights.
    network, family, fitted
        What was trained, with its likelihood; the likelihood with the noise that was found.
    factors : dict
        Numeric column -> what a unit of it is in the inputs of the network.
    unit : float
        One raw output in the target's units, 1 where it is no number of the target.
    """
    noise = tempering(family, fitted)
    rows = [*_penalties(settings, noise), *_others(settings, noise), *_layers(network, settings["weight"], noise)]
    first = _deviation_at(settings, 0, noise)
    columns: dict[str, float] = {}
    linear = _linear(network)
    if first is not None and _first_is_plain(network):
        scale = unit if linear else 1.0
        columns = {name: first * factor * scale for name, factor in factors.items() if factor}
    effect = _outcome(family) if linear else "a unit of the first layer"
    return Priors(tuple(rows), noise, effect if columns else "", columns)


def tempering(family: Family, fitted: Family) -> float:
    """How many times too large the loss is: (σ/s)² of a normal family with scale s, b/s of Laplace's; else 1.

    Of several targets it is their mean.
    """
    if not isinstance(family, Normal | Laplace) or family.learn_scale:
        return 1.0
    ratio = np.asarray(fitted.scale, float) / np.asarray(family.scale, float)  # type: ignore[attr-defined]
    return float(np.mean(ratio**2 if isinstance(family, Normal) else ratio))


def prior_deviation(l1: float = 0.0, l2: float = 0.0, p: float = 2.0, strength: float = 0.0) -> float:
    """The standard deviation of a weight whose density is ∝ exp(-l1 |w| - ½ l2 w² - (strength/p) |w|^p).

    1/√l2 of a normal, √2/l1 of a Laplace prior; in between by numerical integration.

    >>> round(prior_deviation(l2=4.0), 9), round(prior_deviation(l1=2.0), 9)
    (0.5, 0.707106781)
    """

    def penalty(w: float) -> float:
        own = np.float64(w)
        smooth = l2_penalty(own, np.float64(l2)) + lp_penalty(own, np.float64(p), np.float64(strength))
        return float(l1_penalty(own, np.float64(l1)) + smooth)

    # A typical weight is one whose penalty is 1: in its units the integrals are of order one.
    typical = min(
        math.inf if l1 == 0 else 1 / l1,
        math.inf if l2 == 0 else math.sqrt(2 / l2),
        math.inf if strength == 0 else (p / strength) ** (1 / p),
    )
    mass, square = (
        quad(lambda u, power=power: u**power * math.exp(-penalty(u * typical)), 0, FAR, limit=200)[0]
        for power in (0, 2)
    )
    return typical * math.sqrt(square / mass)


def _penalties(settings: dict[str, Any], noise: float) -> list[Prior]:
    """One row for every set of penalties: of all layers, or of each."""
    layers = max((len(settings[name]) for name in ("l1", "l2") if isinstance(settings[name], list)), default=1)
    rows = []
    for layer in range(layers):
        l1, l2, p, strength = _strengths(settings, layer)
        where = "weights" if layers == 1 else f"weights of layer {layer + 1} of {layers}"
        deviation = _deviation_at(settings, layer, noise)
        if deviation is None:
            continue
        kinds = [name for name, number in (("l1", l1), ("l2", l2), ("lp", strength)) if number]
        numbers = {"l1": l1, "l2": l2, "lp": [p, strength]}
        value = numbers[kinds[0]] if len(kinds) == 1 else [numbers[kind] for kind in kinds]
        words = _density(kinds, l1, l2, p, strength, noise)
        rows.append(Prior(" + ".join(kinds), value, f"{words} on {where}, each 0 ± {deviation:.3g}", deviation))
    return rows


def _density(kinds: list[str], l1: float, l2: float, p: float, strength: float, noise: float) -> str:
    ratio = "" if noise == 1 else f", λ = {{}} being the noise {noise:.3g} over the prior's"
    if kinds == ["l2"]:
        return f"Normal(0, {math.sqrt(noise / l2):.3g}²){ratio.format('σ²/σ_w²')}"
    if kinds == ["l1"]:
        return f"Laplace(0, {noise / l1:.3g}), which leaves exact zeros,"
    if kinds == ["lp"]:
        return f"generalised normal of power {p:g} and scale {(p * noise / strength) ** (1 / p):.3g}"
    if kinds == ["l1", "l2"]:
        return "elastic net (Laplace times Normal, exact zeros)"
    return "product of the densities"


def _strengths(settings: dict[str, Any], layer: int) -> tuple[float, float, float, float]:
    """l1, l2, p and the strength of lp of a layer with weights; 0 where there is none."""
    l1, l2 = (_entry(settings[name], layer) for name in ("l1", "l2"))
    p, strength = settings["lp"] or (2.0, 0.0)
    return l1, l2, p, strength


def _entry(value: Any, layer: int) -> float:
    return float((value[layer] if isinstance(value, list) else value) or 0.0)


def _deviation_at(settings: dict[str, Any], layer: int, noise: float) -> float | None:
    """The prior's standard deviation of a weight of this layer; None where nothing holds it."""
    l1, l2, p, strength = _strengths(settings, layer)
    if not (l1 or l2 or strength):
        return None
    return prior_deviation(l1 / noise, l2 / noise, p, strength / noise)


def _others(settings: dict[str, Any], noise: float) -> list[Prior]:
    """Decay, the largest norm and noise of weights."""
    rows = []
    decay, rate = settings["weight_decay"], settings["learning_rate"]
    if decay and settings["optimizer"] == "SGD":
        l2 = decay * settings["weight"]
        reading = (
            f"gradient descent makes it l2 = weight_decay · Σw = {l2:.3g}: Normal(0, {math.sqrt(noise / l2):.3g}²)"
        )
        rows.append(Prior("weight_decay", decay, reading, math.sqrt(noise / l2)))
    elif decay:
        reading = (
            f"no prior: a weight loses {decay * rate:.2g} of itself in a step at the peak learning rate, beside the "
            f"steps of {settings['optimizer']}, whose size does not say how steep the loss is"
        )
        rows.append(Prior("weight_decay", decay, reading))
    if settings["max_norm"]:
        rows.append(Prior("max_norm", settings["max_norm"], "flat where the weights into a unit have a norm up to it"))
    if settings["weight_noise"]:
        reading = "no pull on a linear model; elsewhere towards weights whose changes change the output little"
        rows.append(Prior("weight_noise", settings["weight_noise"], reading))
    return rows


def _layers(network: Network, weight: float, noise: float) -> list[Prior]:
    """Dropout and noise: to first order a normal prior of an input's weights, whose strength is data's (adaptive)."""
    rows, inputs = [], True
    for layer in network.layers:
        if isinstance(layer, Activation) or hasattr(layer, "width"):
            inputs = False
        if isinstance(layer, Dropout):
            rate = _number(layer.rate)
            share, name = rate / (1 - rate), "input_dropout" if inputs else "dropout"
            how = "p/(1-p) Σ w x²"
        elif isinstance(layer, GaussianNoise):
            rate = _number(layer.std)
            share, name, how = rate**2, "input_noise" if inputs else "noise", "std² Σ w"
        else:
            continue
        l2 = weight * share
        reading = (
            f"of a linear model to first order l2 = {how}, on inputs of variance 1 {l2:.3g}: "
            f"Normal(0, {math.sqrt(noise / l2):.3g}²)"
        )
        rows.append(Prior(name, rate, reading, math.sqrt(noise / l2)))
    unique = {(row.name, row.value): row for row in rows}
    return list(unique.values())


def _number(value: Any) -> float:
    """The number, or the peak of a schedule."""
    return float(getattr(value, "peak", value))


def _first_is_plain(network: Network) -> bool:
    """Whether columns reach the first layer with weights as they are."""
    for layer in network.layers:
        if not isinstance(layer, PLAIN):
            return hasattr(layer, "weights_init")
    return False


def _linear(network: Network) -> bool:
    return sum(not isinstance(layer, PLAIN) for layer in network.layers) == 1


def _outcome(family: Family) -> str:
    """What a raw output is."""
    names = {"reals": "y", "classes": "the log odds", "flags": "the log odds", "counts": "the log mean"}
    return names.get(family.target, "the raw output")
