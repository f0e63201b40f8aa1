"""Full-batch training by scipy's L-BFGS-B: the host decides the steps, a compiled program gives loss and gradient."""

import time
from collections.abc import Callable
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize

from wellfit.core.spec import spec, static
from wellfit.core.turns import away
from wellfit.core.types import Array, Tree
from wellfit.functions.numerics import namespace
from wellfit.layers.base import Context
from wellfit.training.batches import take
from wellfit.training.interrupt import Interrupt
from wellfit.training.objective import data_loss, smooth_priors
from wellfit.training.plan import Data, Plan
from wellfit.training.programs import prepared
from wellfit.training.sparse import SparseBlock

BLOCK = 2048


@spec
class Layout:
    """How a tree of arrays lies in one vector."""

    shapes: tuple[tuple[int, ...], ...] = static()
    structure: Any = static()

    @classmethod
    def of(cls, tree: Tree) -> Self:
        """The layout of this tree's leaves, one after another."""
        leaves, structure = jax.tree.flatten(tree)
        return cls(tuple(leaf.shape for leaf in leaves), structure)

    def unpack(self, flat: Any) -> Tree:
        """The vector as a tree."""
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        ends = np.cumsum(sizes)
        parts = zip(ends, sizes, self.shapes, strict=True)
        return jax.tree.unflatten(self.structure, [flat[end - size : end].reshape(shape) for end, size, shape in parts])

    def pack(self, tree: Tree) -> Any:
        """The tree as a vector."""
        leaves = jax.tree.leaves(tree)
        return namespace(*leaves).concatenate([leaf.ravel() for leaf in leaves])


def value_and_gradient(plan: Plan, data: Data, n: Array, flat: Array, layout: Layout) -> Array:
    """One vector: the objective on the first n rows, the same as it is reported, and the gradient at ``flat``.

    Rows are worked through in blocks. One result is one wait of the host.
    """
    params = layout.unpack(flat)
    size = min(BLOCK, data.w.shape[0])
    dtype = data.w.dtype

    def sums(x: Any, y: Array, w: Array) -> tuple:
        return jax.value_and_grad(
            lambda params: data_loss(plan, params, ({},) * len(params), x, y, w, Context(dtype=dtype))[0]
        )(params)

    def block(b: Array, before: tuple) -> tuple:
        position = b * np.int32(size) + jnp.arange(size, dtype=np.int32)
        rows = take(data, jnp.minimum(position, np.int32(data.w.shape[0] - 1)), position < n)
        return jax.tree.map(jnp.add, before, sums(*rows))

    blocks = (n + np.int32(size - 1)) // np.int32(size)
    zero = (jnp.zeros((), dtype), jax.tree.map(jnp.zeros_like, params))
    if size == data.w.shape[0] and not isinstance(data.x, SparseBlock):
        loss, gradient = sums(*data)  # rows that are not there have weight 0
    else:
        loss, gradient = jax.lax.fori_loop(np.int32(0), blocks, block, zero)
    divisor = plan.rule.divisor(data.w)
    priors, slopes = jax.value_and_grad(lambda params: jnp.asarray(smooth_priors(plan, params), dtype) / divisor)(
        params
    )
    value = loss / divisor + priors
    total = jax.tree.map(lambda g, s: g / divisor + s, gradient, slopes)
    reported = plan.rule.reported(plan, data.y, data.w, loss, divisor, value)
    return jnp.concatenate([jnp.stack([value, reported]), layout.pack(total)])


def minimise(
    plan: Plan,
    data: Data,
    n: int,
    params: Tree,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    max_time: float | None = None,
    watch: Callable[[int, float], bool] | None = None,
) -> tuple[Tree, scipy.optimize.OptimizeResult, str]:
    """The parameters at the minimum, scipy's result with the reported loss as ``fun``, and how it ended.

    The ending is "" or "interrupted", "timed_out", "stopped_by_callback"; the parameters are then the last iterate.
    """
    layout = Layout.of(params)
    dtype = data.w.dtype
    flat = layout.pack(params).astype(dtype)
    fixed, count = jax.device_put((plan, data)), jax.device_put(np.asarray(n, np.int32))
    program, leaves, _ = prepared(value_and_gradient, *fixed, count, flat, layout, out=0)
    place = len(jax.tree.leaves(fixed)) + 1
    reports: dict[bytes, float] = {}
    began, ending, iterations = time.perf_counter(), "", 0
    last = flat

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        (found,) = program(*leaves[:place], x.astype(dtype, copy=False), *leaves[place + 1 :])
        found = np.asarray(found, np.float64)
        reports.clear()
        reports[x.tobytes()] = float(found[1])
        return float(found[0]), found[2:]

    with Interrupt() as interrupt:

        def between(intermediate_result: scipy.optimize.OptimizeResult) -> None:
            nonlocal ending, last, iterations
            last, iterations = np.array(intermediate_result.x), iterations + 1
            if interrupt.asked:
                ending = "interrupted"
            elif max_time is not None and time.perf_counter() - began > max_time:
                ending = "timed_out"
            elif watch is not None and watch(iterations, reports.get(last.tobytes(), float("nan"))):
                ending = "stopped_by_callback"
            if ending:
                raise StopIteration

        with away():  # its programs are too short to take turns between them
            result = scipy.optimize.minimize(
                objective, flat.astype(np.float64), method="L-BFGS-B", jac=True, callback=between,
                options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
            )  # fmt: skip
    x = np.asarray(last if ending else result.x)
    if x.tobytes() not in reports:
        objective(x)
    result.fun = reports[x.tobytes()]
    return layout.unpack(x), result, ending
