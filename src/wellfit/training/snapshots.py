"""Snapshot ensembles: one training after another, each from where the last one ended, and all ends are kept.

Source: Huang et al. 2017, "Snapshot ensembles: train 1, get M for free". The learning rate starts anew in every cycle
and ends low by the plan's own schedule (the paper's is the cosine).
"""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import jax

from wellfit.training.loop import Progress, Trained, train
from wellfit.training.members import next_cycle
from wellfit.training.plan import Data, Plan, Rows
from wellfit.training.state import State


def train_in_cycles(
    plan: Plan | list[Plan],
    data: Data,
    rows: Rows,
    states: list[State],
    cycles: int,
    *,
    max_time: float | None = None,
    watch: Callable[[Progress], bool] | None = None,
    **options: Any,
) -> list[Trained]:
    """``cycles`` trainings of a crowd by ``train``, fewer where one is cut short; the arguments are those of ``train``.

    The optimizer and its schedule start anew in every cycle; ``watch`` sees the epochs of all of them as one count,
    ``max_time`` is for all of them.
    """
    began = time.perf_counter()
    found: list[Trained] = []
    fresh, epochs = states, 0
    for cycle in range(cycles):
        spent = time.perf_counter() - began
        if cycle and max_time is not None and spent >= max_time:
            found[-1].timed_out = True
            break
        left = None if max_time is None else max_time - spent
        told = None if watch is None else _shifted(watch, epochs, cycles, spent)
        found.append(train(plan, data, rows, states, max_time=left, watch=told, **options))
        if found[-1].cut_short or cycle == cycles - 1:
            break
        epochs += int(found[-1].state.epoch.max())
        ends = [jax.tree.map(lambda leaf, m=m: leaf[m], found[-1].kept) for m in range(len(fresh))]
        states = [next_cycle(state, *end, cycle=cycle + 1) for state, end in zip(fresh, ends, strict=True)]
    return found


def _shifted(watch: Callable[[Progress], bool], epochs: int, cycles: int, spent: float) -> Callable[[Progress], bool]:
    """``watch`` in a cycle that begins after so many epochs and seconds."""

    def told(progress: Progress) -> bool:
        return watch(
            dataclasses.replace(
                progress,
                epochs=progress.epochs + epochs,
                best_epoch=progress.best_epoch + epochs if progress.best_epoch else 0,
                max_epochs=progress.max_epochs * cycles,
                seconds=progress.seconds + spent,
            )
        )

    return told
