"""Whether classes are linearly separable, decided by linear programming, with a certificate either way."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

LARGEST = 5_000_000
"""Numbers in the constraints beyond which the question is not asked: the program would take minutes."""

THINNEST = 1e-7
"""A margin that no hyperplane exceeds, in units of the longest row, counts as none."""


@dataclass(frozen=True)
class Separability:
    """The answer and its certificate.

    separable : True, False, or None where neither certificate was found (or the data are too large to ask)
    weights : (K, d) of hyperplanes through 0 that have every row on the right side, or None: row i has
        (weights[y_i] - weights[k]) · x_i > 0 for every other class k, beyond what rounding could change
    mixture : of inseparable classes, multipliers λ >= 0 (n (K - 1),) that add to 1 with Σ λ (e_y - e_k) ⊗ x = 0: points
        that two classes share (Farkas); the order is row by row, then by class
    """

    separable: bool | None
    weights: np.ndarray | None = None
    mixture: np.ndarray | None = None


def separability(x: np.ndarray, y: np.ndarray, classes: int) -> Separability:
    """Whether hyperplanes through 0 separate rows x (n, d) of classes y (n,): the largest margin t of a linear program.

    max t with (w_y - w_k) · x_i / ‖x_i‖ >= t for all rows i and classes k other than y_i, all |w| <= 1, t <= 1; add a
    column of ones to x for hyperplanes anywhere. Where t is 0 the multipliers of the constraints show that none is
    above it: for every w the least of the constraints' values is at most ‖Σ λ a‖₁.

    >>> square = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    >>> separability(square, np.array([0, 0, 0, 1]), 2).separable  # AND
    True
    >>> separability(square, np.array([0, 1, 1, 0]), 2).separable  # XOR
    False
    """
    n, d = x.shape
    if n * (classes - 1) * 2 * d > LARGEST:
        return Separability(None)
    scale = np.abs(x).max(axis=0)
    scale[scale == 0] = 1
    x = x / scale
    lengths = np.sqrt((x**2).sum(axis=1, keepdims=True))
    constraints = pairs(x / np.where(lengths > 0, lengths, 1), y, classes)
    m, numbers = n * (classes - 1), d * classes
    program = linprog(
        np.append(np.zeros(numbers), -1.0),
        A_ub=_with_column(-constraints, np.ones(m)),
        b_ub=np.zeros(m),
        bounds=[(-1, 1)] * numbers + [(0, 1)],
        method="highs",
    )
    if program.x is None:
        return Separability(None)
    w = program.x[:-1]
    rounding = numbers * np.finfo(float).eps * (abs(constraints) @ np.abs(w))
    if (constraints @ w > rounding).all():
        return Separability(True, weights=w.reshape(-1, d) / scale)
    mixture = np.maximum(-program.ineqlin.marginals, 0)
    if mixture.sum() > 0:
        mixture = mixture / mixture.sum()
        if np.abs(constraints.T @ mixture).sum() <= THINNEST:
            return Separability(False, mixture=mixture)
    return Separability(None)


def pairs(x: np.ndarray, y: np.ndarray, classes: int) -> csr_array:
    """Kesler's construction: for row i and each class k but its own the vector (e_y - e_k) ⊗ x_i, (n (K - 1), K d)."""
    n, d = x.shape
    others = np.array([[k for k in range(classes) if k != own] for own in range(classes)])[y]  # (n, K - 1)
    rows = np.repeat(np.arange(n * (classes - 1)), d)
    place = np.arange(d)
    own = (y[:, None, None] * d + place).repeat(classes - 1, axis=1).ravel()
    rival = (others[:, :, None] * d + place).ravel()
    values = np.repeat(x, classes - 1, axis=0).ravel()
    size = (n * (classes - 1), classes * d)
    return csr_array((np.r_[values, -values], (np.r_[rows, rows], np.r_[own, rival])), shape=size)


def most_mistakes(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> float:
    """Novikoff's bound (R/γ)² on the perceptron rule's mistakes from 0, γ the margin of separating weights (K, d).

    For K classes the rows are Kesler's, √2 times as long, and the margin is of weights with ‖W‖ = 1; for two classes
    both together are Rosenblatt's R and γ (Novikoff 1962).

    >>> x, y = np.array([[1.0, 1.0], [-1.0, 1.0]]), np.array([1, 0])
    >>> float(most_mistakes(x, y, np.array([[-1.0, 0.0], [1.0, 0.0]])))
    2.0
    """
    least = (pairs(x, y, len(weights)) @ weights.ravel()).min()
    return 2 * (x**2).sum(axis=1).max() * (weights**2).sum() / least**2


def _with_column(matrix: csr_array, column: np.ndarray) -> csr_array:
    extra = csr_array((column, (np.arange(len(column)), np.zeros(len(column), int))), shape=(len(column), 1))
    return csr_array(hstack([matrix, extra]))
