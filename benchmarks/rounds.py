"""Fits of all peers in turn: round after round in one process, so that a slower minute is slower for all."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.metrics import log_loss

from benchmarks.floor import Floor
from benchmarks.meter import REST, compilations, timed
from benchmarks.peers.table import Entry
from benchmarks.workloads import Workload

JUDGED_ROWS = 10_000


def run(
    workload: Workload, entries: list[Entry], rounds: int, say: Callable[[str], None] = print, rest: float = REST
) -> dict[str, Any]:
    """First fits, then rounds of later ones, each in an order drawn anew: what a library leaves behind slows all alike.

    Every fit of a round has a seed of its own, the same for all peers. A library that fails is left out with its error.
    """
    X, y = workload.data()
    judged = slice(0, JUDGED_ROWS)
    peers, found = {}, {}
    for entry in entries:
        own = {"first": 0.0, "later": [], "loss": [], "compiled_first": 0, "compiled_later": 0}
        try:
            before = compilations()
            peer = entry.at(workload)
            own["first"] = timed(lambda peer=peer: peer.fit(X, y, 0), rest)
            own["compiled_first"] = compilations() - before
            peers[entry.name], found[entry.name] = peer, own
            say(f"  {workload.name:<11} {entry.name:<22} first fit {own['first']:8.3f} s")
        except Exception as error:  # a broken library is no reason to lose the others' figures
            found[entry.name] = {"error": f"{type(error).__name__}: {error}".splitlines()[0][:200]}
            say(f"  {workload.name:<11} {entry.name:<22} failed: {found[entry.name]['error']}")
    floor, floors, order = Floor(workload), [], np.random.default_rng(0)
    for number in range(rounds):
        names = list(peers)
        for name in order.permutation(names).tolist():
            peer, own = peers[name], found[name]
            before = compilations()
            own["later"].append(timed(lambda peer=peer, seed=number + 1: peer.fit(X, y, seed), rest))
            own["compiled_later"] += compilations() - before
            p = np.asarray(peer.probabilities(X[judged]), np.float64)
            own["loss"].append(float(log_loss(y[judged], p / p.sum(axis=1, keepdims=True), labels=range(p.shape[1]))))
        floors.append(floor.measure())
        line = "  ".join(f"{name} {found[name]['later'][-1]:.3f}" for name in names)
        say(f"  {workload.name:<11} round {number + 1} of {rounds}: {line}")
    return {
        "workload": workload.name,
        "label": workload.label,
        "remark": workload.remark,
        "rows": workload.rows,
        "epochs": workload.epochs,
        "steps": workload.steps,
        "mflop": workload.flop / 1e6,
        "peers": found,
        "floor": {name: float(np.median([each[name] for each in floors])) for name in floors[0]} if floors else {},
    }
