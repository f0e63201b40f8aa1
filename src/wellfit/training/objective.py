"""The objective (MAP): the weighted mean loss plus the priors' negative log densities over the sum of weights.

Weights are frequencies: a row of weight 2 is that row twice, and the sum of weights W is the number of
observations. So a prior's weight in the mean is 1/W (theory E-38), in a batch as on all rows.
"""

from typing import Any

import jax
import jax.numpy as jnp

from wellfit.core.types import Array, Tree
from wellfit.families.base import Family
from wellfit.functions.penalties import l1_penalty, l2_penalty
from wellfit.layers.base import Context
from wellfit.networks.network import label
from wellfit.training.plan import Plan

PENALISED = ("weight", "embedding")


def penalised(params: Tree) -> list[Array]:
    """The parameters that priors and decay apply to: weights and embeddings, never biases or scales."""
    return [leaf for path, leaf in jax.tree_util.tree_leaves_with_path(params) if label(path) in PENALISED]


def data_loss(plan: Plan, params: Tree, statistics: Tree, x: Any, y: Array, w: Array, context: Context) -> tuple:
    """The sum of weighted losses of a batch, and the statistics to keep."""
    z, statistics = plan.network.apply(params, statistics, x, context)
    losses = mean_loss(plan.family, z, y)
    # A padded row may have any loss, even a non-finite one: it must be chosen away, not multiplied by 0.
    return jnp.sum(jnp.where(w > 0, w * losses, jnp.zeros((), losses.dtype))), statistics


def mean_loss(family: Family, z: Array, y: Array) -> Array:
    """The loss (B,) of raw outputs (B, outputs), or the mean of the losses of k networks in one (B, k, outputs)."""
    if z.ndim == 2:
        return family.loss(z, y)
    return jnp.mean(jax.vmap(family.loss, in_axes=(1, None), out_axes=1)(z, y), axis=1)


def smooth_priors(plan: Plan, params: Tree) -> Array | float:
    """The negative log density of the smooth priors, up to a constant."""
    if plan.l2 is None:
        return 0.0
    return sum(l2_penalty(leaf, plan.l2) for leaf in penalised(params))


def sparsity(plan: Plan, params: Tree) -> Array | float:
    """The negative log density of the Laplace prior: not smooth at 0, it enters by the orthant step."""
    if plan.l1 is None:
        return 0.0
    return sum(l1_penalty(leaf, plan.l1) for leaf in penalised(params))


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
