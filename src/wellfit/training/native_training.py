"""A training by a kernel of our own (``wellfit.native``), for plain networks on a CPU: no program is compiled.

The kernel goes through whole epochs and their ends, and changes the state's arrays in place. What it does is what
``program.run`` does, to rounding.
"""

import ctypes
from typing import Any

import jax
import numpy as np

from wellfit.core.turns import away
from wellfit.core.types import Array, Tree
from wellfit.functions.noise import fold
from wellfit.functions.schedules import Schedule, value_at
from wellfit.functions.turns import COEFFICIENTS
from wellfit.native import library
from wellfit.native.task import Task, place, places
from wellfit.training.batches import ORDER
from wellfit.training.classic import RATE_DIVISOR, SMALLEST_RATE
from wellfit.training.native_loss import Kind, Loss, known_losses, loss_of, numbers_of_loss
from wellfit.training.native_network import blocks, fields_of_rows, paths_of, rows_as_read, structure_of
from wellfit.training.native_plan import memory_of, method_of, numbers_of, numbers_of_steps
from wellfit.training.objective import strengths
from wellfit.training.plan import STEP, Data, Orders, Plan, Rows
from wellfit.training.state import State
from wellfit.training.stopping import MAX_ROLLBACKS, ROLLBACK_FACTOR

MOST_LINES = 2**14  # of the table of numbers that change from step to step
LINE = 64  # bytes
ACCURACY, R2 = 1, 2


def as_the_kernel_reads(plan: Plan, data: Data, passes: float) -> Data:
    """The rows in numpy, for so many passes over them: x is (numbers, codes)."""
    kind = loss_of(plan, data.y)
    y = np.asarray(data.y, np.int32 if kind is Kind.SOFTMAX else data.w.dtype)
    x, codes = blocks(plan.network, data.x)
    y, w, codes = map(np.ascontiguousarray, (y, data.w, np.asarray(codes, np.int32)))
    return Data((rows_as_read(plan.network, x, passes), codes), y, w)


class NativeTraining:
    """One member's training: its state, and where the kernel finds all that it needs.

    data : as ``as_the_kernel_reads`` has made them
    """

    def __init__(self, plan: Plan, data: Data, rows: Rows, state: State) -> None:
        self.plan, self.dtype = plan, np.dtype(data.w.dtype)
        self.state = _side_by_side(state)
        self.paths = paths_of(plan.network)
        self.batch = int(rows.n_train) if plan.full_batch else plan.batch_size
        self.per_epoch = -(-int(rows.n_train) // self.batch)
        self.step_numbers = numbers_of_steps(plan)
        self.constant = not any(isinstance(number, Schedule) for number in self.step_numbers)
        self.held = len(rows.valid) > 0
        self.as_they_are = Orders(rows.train[None], np.int32(0), np.int32(2**31 - 1))
        self.alive: list[Any] = []  # what the task points at
        self.task = self._task(data, rows)

    def advance(self, steps: int, orders: Any) -> State:
        """The state after so many steps, fewer where the training or its tables end; after an epoch of a watcher."""
        task, state = self.task, self.state
        epoch = int(state.epoch)
        table, task.first, task.lines = self._table(steps)
        task.table, task.line = place(table), table.shape[-1]
        if self.plan.full_batch:
            orders = self.as_they_are
        if isinstance(orders, Orders):
            lines = np.ascontiguousarray(orders.table)
            task.orders, task.order_lines, task.order_line = place(lines), *lines.shape
            task.order_first, task.order_until = int(orders.first), int(orders.until)
        task.todo = steps
        with away():
            library.train(task)
        state.fresh[...] = False
        if task.pause and state.epoch > epoch:
            self._observe()
        return self.state

    def _task(self, data: Data, rows: Rows) -> Task:
        plan, state, rule = self.plan, self.state, self.plan.rule
        (x, codes), moving, good = data.x, state.moving, state.good
        numbers, blocks_of_rows = fields_of_rows(x)
        memory, loss = memory_of(plan.optimizer, moving.opt_state), numbers_of_loss(plan, self.dtype)
        sizes = np.array([array.size for array in self._arrays(moving.params)], np.int64)
        task = Task(
            doubles=self.dtype == np.float64,
            **numbers, n=int(rows.n_train), held_n=int(rows.n_valid) if self.held else 0,
            levels=len(loss.levels), scaled=loss.scaled,
            arrays=len(sizes), score=0 if rule is None or not self.held else {"accuracy": ACCURACY}.get(rule.score, R2),
            max_epochs=int(plan.max_epochs), patience=-1 if plan.patience is None else int(plan.patience),
            once=rule is not None and bool(rule.once), adaptive=rule is not None and bool(rule.adaptive),
            most_rollbacks=MAX_ROLLBACKS,
            epochs_kept=len(state.history["loss"]), pause=bool(jax.tree.leaves(state.memory)),
            zeros=max(self._of_arrays(plan.l1, -1)) >= 0 and not plan.full_batch,
            step_seed=int(fold(state.seed, STEP)), order_seed=int(fold(state.seed, ORDER)),
        )  # fmt: skip
        head = (loss_of(plan, data.y), method_of(plan.optimizer), int(rule is not None), self.batch)
        arrays = {
            "structure": structure_of(plan.network, *head), "cosine": COEFFICIENTS[self.dtype].astype(self.dtype),
            **blocks_of_rows, "codes": codes, "y": data.y, "w": data.w,
            "train": rows.train, "held": rows.valid, "sizes": sizes, "numbers": self._numbers(rows, loss),
            "step": moving.step, "count": memory.steps, "within": moving.within, "bad": moving.bad,
            "loss": moving.loss, "weight": moving.weight, "epoch": state.epoch, "waited": state.waited,
            "best_epoch": state.best_epoch, "rollbacks": state.rollbacks, "status": state.status,
            "best_score": state.best_score, "factor": state.factor,
        }  # fmt: skip
        known = known_losses(plan, data.y)
        if known is not None:
            arrays["known"] = known.astype(self.dtype)
        lines = {"loss_line": "loss", "held_loss_line": "validation_loss", "held_score_line": "validation_score"}
        lines["rate_line"] = "learning_rate"
        arrays |= {name: state.history[kept] for name, kept in lines.items() if kept in state.history}
        trees = {"p": moving.params, "m": memory.first, "v": memory.second, "u": memory.third}
        if rule is None:
            kept = memory_of(plan.optimizer, good.opt_state)
            arrays |= {"good_step": good.step, "good_count": kept.steps}
            trees |= {"good_p": good.params, "good_m": kept.first, "good_v": kept.second, "good_u": kept.third}
        if self.held:
            trees["best"] = state.best[0]
        for name, array in arrays.items():
            array = np.ascontiguousarray(array)
            self.alive.append(array)
            setattr(task, name, place(array))
        for name, tree in trees.items():
            if tree is not None:
                found = places(self._arrays(tree))
                self.alive.append(found)
                setattr(task, name, ctypes.addressof(found))
        return task

    def _arrays(self, tree: Tree) -> list[np.ndarray]:
        return [tree[layer][name] for layer, name in self.paths]

    def _numbers(self, rows: Rows, loss: Loss) -> np.ndarray:
        plan, rule = self.plan, self.plan.rule
        limits = [np.inf if limit is None else limit for limit in (plan.clip_value, plan.clip_norm)]
        ends = (0, 0, 1) if rule is None else (rule.tol, rule.wait, rule.averaged)
        numbers = [
            *numbers_of(plan.optimizer), rows.weight / rows.n_train.astype(self.dtype), rows.weight,
            loss.constant, loss.inverse, loss.shape, ends[2], ROLLBACK_FACTOR, *ends[:2], self._rate_at_the_start(),
            SMALLEST_RATE, RATE_DIVISOR, 0 if plan.patience_share is None else plan.patience_share,
            *limits, *self._of_arrays(plan.l2, 0), *self._of_arrays(plan.max_norm, np.inf),
            *self._of_arrays(plan.l1, -1), *loss.levels,
        ]  # fmt: skip
        return np.array([np.asarray(number, self.dtype) for number in numbers])

    def _of_arrays(self, number: Any, absent: float) -> list[Any]:
        """The number of every array of parameters, of which only weights and embeddings have one."""
        if number is None:  # a search has thousands of fits
            return [absent] * len(self.paths)
        own = {(path[0].idx, path[1].key): own for path, own in strengths(number, self.state.moving.params).items()}
        return [own.get(path, absent) for path in self.paths]

    def _rate_at_the_start(self) -> Array:
        """What is told of the learning rate after an epoch, but for the factor of roll-backs."""
        return value_at(self.plan.optimizer.learning_rate, np.zeros((), self.dtype), self.state.memory)

    def _table(self, steps: int) -> tuple[np.ndarray, int, int]:
        """Learning rate, decay and rates of dropout, a line a step; the first of those steps, and how many they are."""
        state = self.state
        if self.constant:
            line = np.array([np.asarray(number, self.dtype) for number in self.step_numbers])
            return line, 0, 0
        within = int(state.moving.within)  # a roll-back goes to the start of the epoch
        first, lines = int(state.moving.step) - within, within + min(steps, MOST_LINES)
        t = np.arange(first, first + lines).astype(self.dtype) / (
            np.asarray(self.plan.max_epochs, self.dtype) * np.asarray(self.per_epoch, self.dtype)
        )
        rate, *others = self.step_numbers
        with np.errstate(all="ignore"):
            columns = [value_at(rate, t, state.memory), *(value_at(number, t) for number in others)]
        table = np.stack([np.broadcast_to(np.asarray(column, self.dtype), t.shape) for column in columns], axis=1)
        return table, first, lines

    def _observe(self) -> None:
        """An epoch is over: the schedule of the learning rate sees its loss or score."""
        state, rate = self.state, self.plan.optimizer.learning_rate
        history = state.history
        judged = "validation_score" if "validation_score" in history else "validation_loss" if self.held else "loss"
        at = min(int(state.epoch), len(history["loss"])) - 1
        memory = rate.observe(state.memory, history[judged][at])
        memory = jax.tree.map(lambda new, old: np.asarray(new, old.dtype), memory, state.memory)
        self.state = state._replace(memory=memory)
        if "learning_rate" in history:
            history["learning_rate"][at] = self._rate_at_the_start() * state.factor


def _side_by_side(tree: Tree) -> Tree:
    """Copies of its arrays in one block, each from the beginning of a line of the cache on."""
    leaves, structure = jax.tree.flatten(jax.tree.map(np.asarray, tree))
    begins = np.cumsum([0, *(-(-leaf.nbytes // LINE) * LINE for leaf in leaves)])
    block = np.empty(begins[-1] + LINE, np.uint8)
    block = block[-block.ctypes.data % LINE :]
    copies = [
        block[begin : begin + leaf.nbytes].view(leaf.dtype).reshape(leaf.shape)
        for begin, leaf in zip(begins[:-1], leaves, strict=True)
    ]
    for copy, leaf in zip(copies, leaves, strict=True):
        copy[...] = leaf
    return jax.tree.unflatten(structure, copies)
