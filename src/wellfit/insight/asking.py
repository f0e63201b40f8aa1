"""Asking a model about rows in which one column is permuted: encoded once, and only what changes is predicted anew."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from wellfit.data.encoded import Encoded
from wellfit.training.forward import BLOCK, BLOCKS

MOST = 8 * BLOCK * BLOCKS
"""Changed rows that are there at a time."""


@runtime_checkable
class EncodesOnce(Protocol):
    """A model that encodes a table, so that what becomes of each column can be changed; None where it cannot be."""

    def _encode_once(self, X: Any) -> Encoded | None: ...


def mean_loss(model: Any, X: Any, y: Any, w: np.ndarray) -> float:
    """The weighted mean of the family's loss per row, in nats: log loss for classes, negative log-likelihood for
    numbers.

    Classes are measured by the honest probabilities of ``evaluate``. Real targets are in standard deviations of y, as
    the family sees them; a crowd's loss is the mean of its members'.
    """
    if hasattr(model, "predict_proba"):
        return model.evaluate(X, y, w)["log_loss"]
    return _loss(model, model._raw(model._encoded(X)), model._target.encode(y), w)


def _loss(model: Any, z: np.ndarray, encoded: np.ndarray, w: np.ndarray) -> float:
    """``mean_loss`` of raw outputs z (P, n, outputs) and encoded targets."""
    if hasattr(model, "predict_proba"):
        return model._figures(z, encoded, w)["log_loss"]
    losses = [model.family_.loss(own, encoded) for own in z]
    return float(np.average(np.mean(losses, axis=0, dtype=np.float64), weights=w))


class Asked:
    """Encoded rows and what a model says of them; ``loss`` is ``mean_loss`` of the rows as they are."""

    def __init__(self, model: Any, rows: Encoded, y: Any, w: np.ndarray) -> None:
        self._model, self._rows, self._w = model, rows, w
        self._z = model._raw(rows.blocks)
        if self._z.shape[1] != len(y):
            raise ValueError(f"X and y have inconsistent numbers of rows: {self._z.shape[1]} and {len(y)}.")
        self._y = model._target.encode(model._check_y(y))
        self.loss = _loss(model, self._z, self._y, w)

    @classmethod
    def of(cls, model: Any, X: Any, y: Any, w: np.ndarray) -> Self | None:
        """The rows of X and of weights w as the model has them encoded; None if it does not work so."""
        rows = model._encode_once(X) if isinstance(model, EncodesOnce) else None
        return None if rows is None else cls(model, rows, y, w)

    def permuted(self, column: int, orders: list[np.ndarray]) -> list[float]:
        """The loss where row i has the column's value of row ``order[i]``, for each order (n,).

        Rows that get a value equal to their own are not predicted again, and no row twice with one value: the
        predictions of a row do not depend on its neighbours.
        """
        value = self._rows.alike(column)
        changed = [np.flatnonzero(value[order] != value) for order in orders]
        values = value.max() + 1
        keys = [rows * values + value[order[rows]] for order, rows in zip(orders, changed, strict=True)]
        wanted = np.unique(np.concatenate(keys))
        z = self._changed(column, wanted, value)
        losses = []
        for rows, key in zip(changed, keys, strict=True):
            own = self._z.copy()
            own[:, rows] = z[:, np.searchsorted(wanted, key)]
            losses.append(_loss(self._model, own, self._y, self._w) if len(rows) else self.loss)
        return losses

    def _changed(self, column: int, wanted: np.ndarray, value: np.ndarray) -> np.ndarray:
        """Raw outputs (P, m, outputs) where row * values + new value are ``wanted`` (m,)."""
        rows, new = np.divmod(wanted, value.max() + 1)
        holder = np.empty(value.max() + 1, np.int64)
        holder[value] = np.arange(len(value))  # some row that has it
        parts = [self._z[:, :0]]
        for part in _parts(len(wanted)):
            parts.append(self._model._raw(self._rows.exchanged(column, rows[part], holder[new[part]]).blocks))
        return np.concatenate(parts, axis=1)


def _parts(m: int) -> Iterator[slice]:
    """Slices of m rows for prediction: whole calls, and a rest that goes block by block."""
    whole = m - m % (BLOCK * BLOCKS)
    for first, last in pairwise([*range(0, whole, MOST), whole, m]):
        if first < last:
            yield slice(first, last)
