"""The objective (MAP): the weighted mean loss plus the priors' negative log densities over the sum of weights.

Weights are frequencies: a row of weight 2 is that row twice, and the sum of weights W is the number of
observations. So a prior's weight in the mean is 1/W (theory E-38), in a batch as on all rows.
"""

from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from wellfit.core.types import Array, Tree, is_shape
from wellfit.families.base import Family
from wellfit.functions.noise import fold, normal
from wellfit.functions.penalties import l1_penalty, l2_penalty, lp_penalty
from wellfit.functions.schedules import value_at
from wellfit.layers.base import Context
from wellfit.networks.network import Network, label
from wellfit.training.plan import Plan

PENALISED = ("weight", "embedding")
"""What priors, decay and noise of weights apply to: never biases or scales."""

WEIGHT_NOISE = 0x3E16  # the stream of noise of the weights


def penalised(params: Tree) -> list[tuple[tuple, Array]]:
    """The parameters that priors and decay apply to, with their paths."""
    return [(path, leaf) for path, leaf in jax.tree_util.tree_leaves_with_path(params) if label(path) in PENALISED]


def strengths(number: Any, params: Tree) -> dict[tuple, Any]:
    """The number of each parameter that priors apply to, by its path; those without are not in it.

    number : one for all, or a tuple of numbers and Nones, one for each layer with weights, or None.
    """
    paths = [path for path, _ in penalised(params)]
    if not isinstance(number, tuple):
        return {} if number is None else dict.fromkeys(paths, number)
    layers = sorted({path[0].idx for path in paths if label(path) == "weight"})
    # An embedding stands before the first layer with weights, and has its number.
    own = {path: number[min(bisect_left(layers, path[0].idx), len(layers) - 1)] for path in paths}
    return {path: strength for path, strength in own.items() if strength is not None}


def where_set(number: Any, function: Callable[..., Array], tree: Tree, *others: Tree) -> Tree:
    """``function(own, leaf, ...)`` of the leaves for which ``number`` has one of their own; the others unchanged."""
    own = strengths(number, tree)
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf, *more: function(own[path], leaf, *more) if path in own else leaf, tree, *others
    )


def check_per_layer(network: Network, shape: Any, **numbers: Any) -> None:
    """Refuse a tuple that has not one entry for each layer with weights; ``shape`` is that of a row."""
    shapes = jax.tree_util.tree_leaves_with_path(network.parameters(shape), is_leaf=is_shape)
    count = len({path[0].idx for path, _ in shapes if label(path) == "weight"})
    for name, value in numbers.items():
        if isinstance(value, tuple) and len(value) != count:
            raise ValueError(
                f"{name}={value!r} has {len(value)} entries, and the network has {count} layers with weights; give one "
                "for each (None for none), or one number for all."
            )


def data_loss(plan: Plan, params: Tree, statistics: Tree, x: Any, y: Array, w: Array, context: Context) -> tuple:
    """The sum of weighted losses of a batch, and the statistics to keep."""
    z, statistics = raw_outputs(plan, params, statistics, x, w, context)
    losses = mean_loss(plan.family, z, y)
    # A padded row may have any loss, even a non-finite one: it must be chosen away, not multiplied by 0.
    return jnp.sum(jnp.where(w > 0, w * losses, jnp.zeros((), losses.dtype))), statistics


def raw_outputs(plan: Plan, params: Tree, statistics: Tree, x: Any, w: Array, context: Context) -> tuple[Array, Tree]:
    """The network's outputs for a batch, in training with noise on its weights, and the statistics to keep."""
    if context.training and plan.weight_noise is not None:
        params = _with_noise(params, value_at(plan.weight_noise, context.progress), fold(context.seed, WEIGHT_NOISE))
    return plan.network.apply(params, statistics, x, context._replace(weight=w))


def _with_noise(params: Tree, std: Array, seed: Array) -> Tree:
    """Weights and embeddings with noise N(0, std²), another for each."""
    place = {path: number for number, (path, _) in enumerate(penalised(params))}

    def noisy(path: tuple, leaf: Array) -> Array:
        if path not in place:
            return leaf
        return leaf + std * normal(fold(seed, place[path]), leaf.shape).astype(leaf.dtype)

    return jax.tree_util.tree_map_with_path(noisy, params)


def mean_loss(family: Family, z: Array, y: Array) -> Array:
    """The loss (B,) of raw outputs (B, outputs), or the mean of the losses of k networks in one (B, k, outputs)."""
    if z.ndim == 2:
        return family.loss(z, y)
    return jnp.mean(jax.vmap(family.loss, in_axes=(1, None), out_axes=1)(z, y), axis=1)


def smooth_priors(plan: Plan, params: Tree) -> Array | float:
    """The negative log density of the smooth priors, up to a constant."""
    l2 = strengths(plan.l2, params)
    total = sum(l2_penalty(leaf, l2[path]) for path, leaf in penalised(params) if path in l2)
    if plan.lp is None:
        return total
    return total + sum(lp_penalty(leaf, plan.lp.p, plan.lp.strength) for _, leaf in penalised(params))


def sparsity(plan: Plan, params: Tree) -> Array | float:
    """The negative log density of the Laplace prior: not smooth at 0, it enters by the orthant step."""
    l1 = strengths(plan.l1, params)
    return sum(l1_penalty(leaf, l1[path]) for path, leaf in penalised(params) if path in l1)


def objective(
    plan: Plan,
    params: Tree,
    statistics: Tree,
    x: Any,
    y: Array,
    w: Array,
    *,
    divisor: Array,
    total_weight: Array,
    context: Context,
) -> tuple[Array, tuple[Array, Tree]]:
    """The smooth part: the sum of a batch's weighted losses over ``divisor``, plus smooth priors.

    wellfit's divisor is the batch's true rows times the mean weight of ALL training rows, not the batch's own sum of
    weights, so that the mean of the batches' gradients is the gradient on all rows.
    """
    total, kept = data_loss(plan, params, statistics, x, y, w, context)
    return total / divisor + smooth_priors(plan, params) / total_weight, (total, kept)
