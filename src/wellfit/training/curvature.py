"""Products with the generalised Gauss-Newton matrix, which is never formed.

F = Σ w Jᵀ H J / divisor + priors: J, the slope of the raw outputs z in the parameters, by one forward and one backward
pass; H, the curvature of a row's loss in z, as a matrix that has no negative eigenvalue, so that F has none either.
For a likelihood whose raw outputs are natural parameters, F without the priors is the Fisher matrix (Martens 2020).
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from wellfit.core.types import Array, Tree
from wellfit.families.base import Family
from wellfit.layers.base import Context
from wellfit.training.objective import mean_loss, raw_outputs, smooth_priors
from wellfit.training.plan import Plan

SIGN_STEPS = 24
"""Newton-Schulz steps towards a sign: eigenvalues above 6e-5 of the largest are done by then."""


def curvature_product(
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
) -> Callable[[Tree], Tree]:
    """v ↦ F v on these rows, at these parameters: the arguments are those of ``objective``."""

    def outputs(params: Tree) -> Array:
        return raw_outputs(plan, params, statistics, x, w, context)[0]

    z, push = jax.linearize(outputs, params)
    pull = jax.linear_transpose(push, params)
    bend = output_curvature(plan.family, z, y)
    weight = w.reshape(-1, *[1] * (z.ndim - 1)) / divisor
    diagonal = prior_curvature(plan, params, total_weight)

    def product(v: Tree) -> Tree:
        bent = bend(push(v))
        # A padded row may have any curvature, even a non-finite one: it is chosen away, as its loss is.
        (rows,) = pull(jnp.where(weight > 0, weight * bent, jnp.zeros_like(bent)))
        return jax.tree.map(lambda r, h, u: r + h * u, rows, diagonal, v)

    return product


def prior_curvature(plan: Plan, params: Tree, total_weight: Array) -> Tree:
    """The diagonal that is the priors' curvature, for each weight has its own; 0 where it is none or endless."""

    def priors(params: Tree) -> Array:
        return jnp.asarray(smooth_priors(plan, params) / total_weight, total_weight.dtype)

    found = jax.jvp(jax.grad(priors), (params,), (jax.tree.map(jnp.ones_like, params),))[1]
    return jax.tree.map(lambda h: jnp.where(jnp.isfinite(h) & (h > 0), h, jnp.zeros_like(h)), found)


def output_curvature(family: Family, z: Array, y: Array) -> Callable[[Array], Array]:
    """u ↦ H u row by row, for u of z's shape (B, outputs) or, of k networks in one, (B, k, outputs).

    H is the Hessian of the row's loss in z. Where it may have negative eigenvalues (a learnt scale, heavy tails, focal
    loss) they are replaced by 0. Where it is 0 altogether (absolute error, hinge, Huber's tails) the loss is a straight
    line there, and the outer product of its gradient stands in, which for a Laplace likelihood is its Fisher
    information.
    """

    def slope(z: Array) -> Array:
        return jax.grad(lambda z: jnp.sum(mean_loss(family, z, y)))(z)

    gradient, hessian = jax.linearize(slope, z)
    if family.convex:
        return hessian
    outputs = z.shape[-1]
    columns = jax.vmap(lambda basis: hessian(jnp.broadcast_to(basis, z.shape)))(jnp.eye(outputs, dtype=z.dtype))
    matrix = jnp.moveaxis(columns, 0, -1)  # (B, outputs, outputs)
    flat = jnp.all(matrix == 0, axis=(-2, -1), keepdims=True)
    networks = z.shape[1] if z.ndim == 3 else 1  # each has a share of the mean loss, and so of its gradient
    outer = networks * gradient[..., :, None] * gradient[..., None, :]
    curved = jnp.where(flat, outer, without_negative(matrix))
    return lambda u: jnp.sum(curved * u[..., None, :], axis=-1)


def without_negative(matrix: Array) -> Array:
    """Symmetric matrices (..., m, m) with their negative eigenvalues replaced by 0: (A + |A|) / 2.

    |A| is A times its sign, which Newton-Schulz steps S ← S (3 I - S²) / 2 find by products alone (Higham 2008). They
    are used for programs that are kept on disk: LAPACK's routines, which an eigenvalue decomposition calls, are not
    ready in a process that loads one.
    """
    if matrix.shape[-1] == 1:
        return jnp.maximum(matrix, 0)
    size = jnp.sqrt(jnp.sum(matrix * matrix, axis=(-2, -1), keepdims=True))
    unit = matrix / jnp.where(size > 0, size, jnp.ones_like(size))
    one = jnp.eye(matrix.shape[-1], dtype=matrix.dtype)
    sign = jax.lax.fori_loop(0, SIGN_STEPS, lambda _, s: 0.5 * s @ (3 * one - s @ s), unit)
    kept = 0.5 * (matrix + matrix @ sign)
    return 0.5 * (kept + jnp.swapaxes(kept, -2, -1))
