"""The best constant raw outputs under Weston and Watkins' hinge."""

import numpy as np


def best_levels(shares: np.ndarray) -> np.ndarray:
    """The z (k,) of the least Σ_t π_t Σ_{k ≠ t} max(0, 1 - (z_t - z_k)) for shares π of the classes; mean 0.

    A pair of classes wants its more frequent one ahead by exactly 1, and all differences of some best z are whole
    numbers. So classes stand, in the order of their shares, on levels 1 apart, and what has to be found is where to cut
    their row. Against no cuts at all, a class gains its share for every class below it and pays its own share for every
    class above and every cut between: a sum over the groups and the cuts, the least of which is found cut by cut.
    """
    order = np.argsort(-shares, kind="stable")
    mass = np.concatenate([[0.0], np.cumsum(shares[order])])
    k = len(shares)
    least, before = np.zeros(k + 1), np.zeros(k + 1, int)
    for end in range(1, k + 1):  # the group from start to end, and the cut after it
        start = np.arange(end)
        cost = least[:end] - (mass[end] - mass[:end]) * (k - end)
        before[end] = start[cost.argmin()]
        least[end] = cost.min() + end * (mass[k] - mass[end])
    z, end, level = np.zeros(k), k, 0.0
    while end > 0:
        z[order[before[end] : end]] = level
        end, level = before[end], level + 1
    return z - z.mean()
