"""Natural gradient: the step that is steepest when distance is measured by what the network says."""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from wellfit.core.spec import spec, static
from wellfit.core.types import Array, Tree
from wellfit.optimizers.base import Optimizer, Transformation, optax
from wellfit.optimizers.linear_solve import Solution, solve
from wellfit.optimizers.trees import dot, plus, ratio, times

SUFFICIENT = 1e-4
"""The share of the promised decrease, to first order, that a step must bring (Armijo's condition)."""

TRUSTED, DOUBTED = 0.75, 0.25
"""Shares of the model's decrease above which the damping falls, below which it rises (Marquardt 1963)."""

FALL, RISE = 1 / 3, 2.0
"""The damping falls faster than it rises (Transtrum and Sethna 2012)."""


class Damped(NamedTuple):
    """What is remembered: the damping of the next step."""

    damping: Array


@spec
class NaturalGradient(Optimizer):
    """θ ← θ - η s d,  (F + λ I) d = g  (Amari 1998; theory C-194), with Levenberg-Marquardt damping λ.

    F = Σ w Jᵀ H J / Σ w is the generalised Gauss-Newton matrix on the step's rows: J is the slope of the raw outputs, H
    the curvature of the loss in them. For likelihoods whose raw outputs are natural parameters (Normal with a given
    scale, Bernoulli, Categorical, Poisson) that is the Fisher matrix, and the method both natural gradient and
    Gauss-Newton (Martens 2020). F is never formed: the equations are solved by conjugate gradients, which ask for
    products F v alone (``wellfit.training.curvature``).

    s is the first of 1, ½, ¼, ... at which the loss on these rows falls far enough; without any there is no step. λ
    falls where the quadratic model foretold the decrease well, and rises where it did not.

    For batches of many rows, or all of them (``batch_size="full"``, ``schedule="constant"``). ``learning_rate`` is 1
    unless batches are small.

    Parameters
    ----------
    learning_rate, weight_decay : number or schedule
    damping : number > 0
        λ of the first step.
    tolerance : number > 0
        The solution's residual, relative to the gradient, at which conjugate gradients end.
    max_solve_steps : int
        Most products F v in a step.
    max_backtracks : int
        Most halvings of s.
    """

    takes_rate: ClassVar[bool] = True
    needs_curvature: ClassVar[bool] = True
    learning_rate: Any = 1.0
    weight_decay: Any = None
    damping: Any = 1e-2
    tolerance: Any = 1e-4
    max_solve_steps: int = static(default=100)
    max_backtracks: int = static(default=10)

    def direction(self) -> Transformation:
        def init(params: Tree) -> Damped:
            return Damped(jnp.copy(jnp.asarray(self.damping, jax.tree.leaves(params)[0].dtype)))

        def update(
            gradient: Tree,
            state: Damped,
            params: Any = None,
            *,
            rate: Array,
            value: Array,
            value_fn: Callable[[Tree], Array],
            product: Callable[[Tree], Tree],
            **_: Any,
        ) -> tuple[Tree, Damped]:
            solution = solve(
                lambda v: plus(product(v), state.damping, v), gradient, self.tolerance, self.max_solve_steps
            )
            slope = dot(gradient, solution.x)
            share, reached = self.backtrack(
                lambda s: value_fn(plus(params, -rate * s, solution.x)), value, rate * slope
            )
            decrease = model_decrease(gradient, solution, state.damping, rate * share)
            damping = adapted(state.damping, ratio(value - reached, decrease), share, rate)
            return times(share, solution.x), Damped(damping)

        return optax.GradientTransformationExtraArgs(init, update)  # type: ignore[arg-type]

    def backtrack(self, at: Callable[[Array], Array], value: Array, slope: Array) -> tuple[Array, Array]:
        """The first share s of 1, ½, ¼, ... with a sufficient decrease, and the loss there; or 0."""
        rounding = jnp.finfo(value.dtype).eps * jnp.abs(value)

        def falls(share: Array, reached: Array) -> Array:
            return reached <= value - SUFFICIENT * share * slope + rounding

        def unfinished(carry: tuple) -> Array:
            share, reached, halvings = carry
            return ~falls(share, reached) & (halvings < self.max_backtracks)

        def halve(carry: tuple) -> tuple:
            share = carry[0] / 2
            return share, at(share), carry[2] + 1

        one = jnp.ones_like(value)
        share, reached, _ = jax.lax.while_loop(unfinished, halve, (one, at(one), 0))
        found = falls(share, reached) & (slope > 0)
        return jnp.where(found, share, jnp.zeros_like(share)), jnp.where(found, reached, value)


def model_decrease(gradient: Tree, solution: Solution, damping: Array, length: Array) -> Array:
    """g·p - ½ p·F p for the step p = length * d: F d is g - λ d less the residual of the solution."""
    d = solution.x
    bend = dot(d, gradient) - dot(d, solution.residual) - damping * dot(d, d)
    return length * dot(gradient, d) - 0.5 * length**2 * bend


def adapted(damping: Array, quality: Array, share: Array, rate: Array) -> Array:
    """The damping of the next step; a step much shorter than the model's own says nothing good about the model."""
    trusted = (quality > TRUSTED) & (share == 1) & (rate >= 0.5)
    doubted = (quality < DOUBTED) | (share < 1)
    found = damping * jnp.where(doubted, RISE, jnp.where(trusted, FALL, 1.0)).astype(damping.dtype)
    small = jnp.finfo(damping.dtype).eps
    return jnp.clip(found, small, 1 / small)
