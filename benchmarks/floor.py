"""The floor: what the matrix products of a workload's step cost by themselves, measured in the same run as the fits.

Two floors. ``rate`` divides the step's operations by the speed at which large products (1024 x 1024 x 1024) run, on one
core and on all: no product of any shape is faster. ``shapes`` adds up the seconds of the step's own products, by numpy
on one core, by numpy on all, and inside one JAX program: small and thin products reach less than the large one.
"""

import time
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.workloads import Workload

LARGE = 1024
LEAST_SECONDS = 0.02
COPIES = 8


class Floor:
    """A workload's floors, measured once in every round."""

    def __init__(self, workload: Workload) -> None:
        rng = np.random.default_rng(0)
        draw = lambda *shape: rng.standard_normal(shape, np.float32)  # noqa: E731
        self.workload = workload
        self.large = (draw(LARGE, LARGE), draw(LARGE, LARGE))
        self.pairs = [(draw(m, k), draw(k, n)) for m, k, n in workload.products]
        self.outputs = [np.empty((m, n), np.float32) for m, _, n in workload.products]
        copies = [(jax.device_put(np.stack([a] * COPIES)), jax.device_put(b)) for a, b in self.pairs]
        self.program = lambda times: jax.block_until_ready(_products(copies, times))

    def measure(self) -> dict[str, float]:
        """Seconds of one step's products by each floor."""
        found = {}
        for cores, limit in (("one_core", 1), ("all_cores", None)):
            with threadpool_limits(limit, "blas"):
                large = per_call(lambda: np.matmul(*self.large))
                found[f"rate_{cores}"] = large * self.workload.flop / (2 * LARGE**3)
                found[f"shapes_numpy_{cores}"] = per_call(self._step)
        self.program(1)  # compiles the first time
        times = max(1, int(LEAST_SECONDS / max(found["shapes_numpy_one_core"], 1e-6)))
        found["shapes_jax"] = fastest(lambda: self.program(times)) / times
        return found

    def _step(self) -> None:
        for (a, b), out in zip(self.pairs, self.outputs, strict=True):
            np.matmul(a, b, out=out)


@jax.jit
def _products(copies: list, times: int) -> list:
    """The step's products ``times`` over; each takes another copy, or XLA would see that they are all the same."""

    def again(i: jax.Array, sums: list) -> list:
        return [jax.lax.dot(jax.lax.dynamic_index_in_dim(a, i % COPIES, keepdims=False), b) for a, b in copies]

    zeros = [jnp.zeros((a.shape[1], b.shape[1]), jnp.float32) for a, b in copies]
    return jax.lax.fori_loop(0, times, again, zeros)


def per_call(function: Callable[[], object]) -> float:
    """Seconds of a call: the fastest of three series of at least 20 ms."""
    function()
    once = fastest(function, 1)
    times = max(1, int(LEAST_SECONDS / max(once, 1e-7)))

    def series() -> None:
        for _ in range(times):
            function()

    return fastest(series) / times


def fastest(function: Callable[[], object], repeats: int = 3) -> float:
    """The shortest of so many calls: nothing makes a product faster than it is."""
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - began)
    return min(seconds)
