"""Rosenblatt's rule and Gallant's pocket as one compiled loop from mistake to mistake.

For K classes there are K weight vectors (Kesler's construction; Duda and Hart 1973): a row on which another class is at
least as high as its own is a mistake, adds η x to its own class's vector and takes η x from that of the highest other
one (the first of several as high). From vectors of 0, two classes have w and -w, and w is Rosenblatt's.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wellfit.core.types import Array
from wellfit.functions.noise import fold, shuffled
from wellfit.training.members import history_length
from wellfit.training.programs import call
from wellfit.training.rungs import pad_rows, rung

BLOCK = 32
"""Rows looked at together: up to the first mistake among them the weights are the same."""

SLICE_ROWS = 2**22
"""Rows visited in one call of the program: a second or two, after which Ctrl-C is heard."""


class Problem(NamedTuple):
    """Rows x (m, d), with a column of ones where there is an intercept; classes y (m,) int32; weights w (m,).

    The first n are used; the others, at least ``BLOCK`` of them, pad and have weight 0.
    """

    x: Array
    y: Array
    w: Array
    n: Array

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> "Problem":
        """Rows padded to a rung, so that tables of similar sizes share a program."""
        size = rung(len(x) + BLOCK)
        return cls(pad_rows(x, size), pad_rows(y, size), pad_rows(w, size), np.asarray(len(x), np.int32))


class Rule(NamedTuple):
    """η;  whether a row on the boundary is always a mistake;  whether each epoch has a new order, and of which seed;
    the epoch to end with.
    """

    rate: Array
    strict: Array
    shuffle: Array
    seed: Array
    max_epochs: Array


class Pocket(NamedTuple):
    """The best weights so far, their weighted errors, and the longest run of rows right in a row of any kept."""

    weights: Array  # (K, d)
    errors: Array
    run: Array


class Memory(NamedTuple):
    """What the rule carries from mistake to mistake."""

    weights: Array  # (K, d)
    pocket: Pocket
    run: Array  # rows right in a row since the last mistake
    judged: Array  # whether all rows were counted for these weights already
    place: Array  # rows of this epoch that are done
    mistakes: Array  # in this epoch
    epoch: Array
    history: Array  # (E,) mistakes epoch by epoch


def train_perceptron(problem: Problem, rule: Rule, weights: np.ndarray) -> tuple[np.ndarray, Pocket, np.ndarray]:
    """Final weights (K, d), the pocket, and the mistakes of each epoch: until an epoch without, or ``max_epochs``.

    problem, rule, weights : numpy arrays of one precision, counts int32.
    """
    dtype, zero, last = weights.dtype, np.int32(0), int(rule.max_epochs)
    history = np.zeros(history_length(last), np.int32)
    pocket = Pocket(weights, np.asarray(np.inf, dtype), zero)
    memory = Memory(weights, pocket, zero, np.asarray(False), zero, zero, zero, history)
    epochs, done = max(1, SLICE_ROWS // int(problem.n)), 0
    with jax.enable_x64(dtype == np.float64):
        problem = jax.device_put(problem)
        while done == 0 or (done < last and int(memory.history[done - 1]) > 0):
            until = np.asarray(min(done + epochs, last), np.int32)
            memory = call(run_epochs, problem, rule, memory, until, out=memory)
            done = int(memory.epoch)
    memory = jax.tree.map(np.asarray, memory)
    return memory.weights, memory.pocket, memory.history[:done]


def run_epochs(problem: Problem, rule: Rule, memory: Memory, until: Array) -> Memory:
    """Epochs up to number ``until``, or to the first without a mistake."""

    def go_on(memory: Memory) -> Array:
        last = memory.history[jnp.maximum(memory.epoch - 1, 0)]
        return (memory.epoch < until) & ((memory.epoch == 0) | (last > 0))

    return jax.lax.while_loop(go_on, lambda memory: one_epoch(problem, rule, memory), memory)


def one_epoch(problem: Problem, rule: Rule, memory: Memory) -> Memory:
    """Every row once, in its own order or a random one; then the weights are judged on all rows."""
    places = jnp.arange(problem.y.shape[0], dtype=np.int32)
    order = jax.lax.cond(
        rule.shuffle, lambda: shuffled(places, problem.n, fold(rule.seed, memory.epoch)), lambda: places
    )
    ordered = Problem(problem.x[order], problem.y[order], problem.w[order], problem.n)
    memory = memory._replace(mistakes=jnp.zeros_like(memory.mistakes), place=jnp.zeros_like(memory.place))
    memory = jax.lax.while_loop(
        lambda memory: memory.place < problem.n, lambda memory: advance(problem, ordered, rule, memory), memory
    )
    memory = judge_if(~memory.judged, problem, memory)
    return memory._replace(
        epoch=memory.epoch + np.int32(1), history=memory.history.at[memory.epoch].set(memory.mistakes)
    )


def advance(problem: Problem, ordered: Problem, rule: Rule, memory: Memory) -> Memory:
    """Past the rows of a block that are right, up to the first mistake, from which the weights learn."""
    x, y, w = (jax.lax.dynamic_slice_in_dim(part, memory.place, BLOCK) for part in ordered[:3])
    left = problem.n - memory.place
    own = jnp.arange(memory.weights.shape[0]) == y[:, None]
    z = x @ memory.weights.T
    rivals = jnp.where(own, -jnp.inf, z)
    beaten = jnp.sum(jnp.where(own, z, 0), axis=1) <= jnp.max(rivals, axis=1)
    wrong = jnp.where(rule.strict, beaten, jnp.argmax(z, axis=1) != y)
    wrong = wrong & (jnp.arange(BLOCK, dtype=np.int32) < left)
    found = jnp.any(wrong)
    first = jnp.argmax(wrong).astype(np.int32)
    right = jnp.where(found, first, jnp.minimum(left, np.int32(BLOCK)))
    memory = memory._replace(run=memory.run + right)
    memory = judge_if((memory.run > memory.pocket.run) & ~memory.judged, problem, memory)
    rival = jnp.arange(z.shape[1]) == jnp.argmax(rivals[first])
    towards = own[first].astype(x.dtype) - rival.astype(x.dtype)  # 1 for its class, -1 for the one that beat it
    change = jnp.where(found, rule.rate * w[first], 0) * towards[:, None] * x[first]
    return memory._replace(
        weights=memory.weights + change,
        run=jnp.where(found, np.int32(0), memory.run),
        judged=memory.judged & ~found,
        place=memory.place + right + found.astype(np.int32),
        mistakes=memory.mistakes + found.astype(np.int32),
    )


def judge_if(due: Array, problem: Problem, memory: Memory) -> Memory:
    """Count the errors of these weights on all rows, and keep them if there are fewer than in the pocket (ratchet)."""

    def judge(pocket: Pocket) -> Pocket:
        wrong = jnp.argmax(problem.x @ memory.weights.T, axis=1) != problem.y
        errors = jnp.sum(jnp.where(wrong, problem.w, 0))
        better = errors < pocket.errors
        new = Pocket(memory.weights, errors, jnp.maximum(memory.run, pocket.run))
        return jax.tree.map(lambda new, old: jnp.where(better, new, old), new, pocket)

    return memory._replace(pocket=jax.lax.cond(due, judge, lambda p: p, memory.pocket), judged=memory.judged | due)
