"""Backpropagation layer by layer: what each layer is given, what it gives, and delta, the objective's slope there.

The training program differentiates the objective in one go and never sees these numbers; here each layer has its own
``jax.vjp``, so that they can be shown. The gradients are the same.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array, Tree
from wellfit.layers.base import Context
from wellfit.training.objective import mean_loss, smooth_priors
from wellfit.training.plan import Plan
from wellfit.training.programs import call


class Worked(NamedTuple):
    """A pass forward and back: what the layers were given and gave (one of each a layer), and the slopes.

    loss : (n,) of each row;  objective : ();  deltas : ∂J/∂output a layer;  gradients : ∂J/∂θ, like the parameters
    """

    inputs: tuple[Tree, ...]
    outputs: tuple[Array, ...]
    loss: Array
    objective: Array
    deltas: tuple[Array, ...]
    gradients: Tree


def worked(
    plan: Plan, params: Tree, statistics: Tree, x: Tree, y: Array, w: Array, progress: Array, seed: Array
) -> Worked:
    """J = Σ w loss / Σ w + priors / Σ w on rows x (n, ...), y and w (n,), as a training step sees it."""
    context, total = Context(True, progress, seed, w.dtype, w), jnp.sum(w)
    inputs, outputs, pulls = [], [], []
    for index, layer in enumerate(plan.network.layers):

        def forward(params: Tree, x: Tree, index: int = index, layer: object = layer) -> Array:
            return layer.apply(params, statistics[index], x, context.at_layer(index))[0]  # type: ignore[attr-defined]

        inputs.append(x)
        x, pull = jax.vjp(forward, params[index], x)
        outputs.append(x)
        pulls.append(pull)

    def mean(z: Array) -> tuple[Array, Array]:
        loss = mean_loss(plan.family, z, y)
        return jnp.sum(w * loss) / total, loss

    (value, loss), delta = jax.value_and_grad(mean, has_aux=True)(x)
    deltas, gradients = [], []
    for pull, output in zip(reversed(pulls), reversed(outputs), strict=True):
        deltas.append(jax.tree.map(_of_numbers, delta, output))
        gradient, delta = pull(delta)
        gradients.append(gradient)
    priors, slopes = jax.value_and_grad(lambda params: jnp.asarray(smooth_priors(plan, params) / total, w.dtype))(
        params
    )
    gradients = jax.tree.map(lambda own, slope: own + slope, tuple(reversed(gradients)), slopes)
    return Worked(tuple(inputs), tuple(outputs), loss, value + priors, tuple(reversed(deltas)), gradients)


def _of_numbers(delta: Array, output: Array) -> Array:
    """Delta; zeros where the output is a code, which has none."""
    return jnp.zeros(output.shape, np.float32) if delta.dtype == jax.dtypes.float0 else delta


def work_out(plan: Plan, params: Tree, statistics: Tree, x: Tree, y: Array, w: Array, t: Array, seed: Array) -> Worked:
    """``worked`` by a compiled program, in numpy."""
    arguments = (plan, params, statistics, x, y, w, t, seed)
    out = jax.eval_shape(lambda *given: worked(*given), *arguments)  # a layer may give a tree of arrays
    return jax.tree.map(np.asarray, call(worked, *arguments, out=out))
