"""What a fitted model looks at: permutation importance, and partial dependence on one column.

Both ask the model alone, through ``predict``, ``predict_proba`` and its family's loss, so they work for every
network. Both take one column away from, or apart from, the others: of two columns that say the same, each looks
unimportant, and rows are asked about that may not exist.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v1 as nw
import numpy as np

from wellfit.core.names import did_you_mean
from wellfit.data.tables import as_frame, is_frame, rows_of
from wellfit.data.weights import check_weights
from wellfit.insight.asking import Asked, mean_loss

Score = Callable[[Any, Any, Any, np.ndarray], float]

INNER = (0.05, 0.95)
"""Quantiles between which partial dependence is drawn: beyond them few rows lie."""


@dataclass(frozen=True)
class Importance:
    """How much worse the loss becomes without each column: ``increases`` (d, repeats) over ``baseline``."""

    columns: list[str]
    baseline: float
    increases: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """The mean increase of each column (d,)."""
        return self.increases.mean(axis=1)

    @property
    def std(self) -> np.ndarray:
        """The standard deviation of the increase over the repeats (d,); 0 for one repeat."""
        return self.increases.std(axis=1, ddof=min(1, self.increases.shape[1] - 1))

    @property
    def order(self) -> np.ndarray:
        """Columns by importance, the largest first."""
        return np.argsort(-self.mean, kind="stable")


@dataclass(frozen=True)
class Dependence:
    """The mean prediction (g, k) where a column has each of g values, whatever the others; ``outputs`` names the k."""

    column: str
    grid: list[Any]
    mean: np.ndarray
    outputs: list[str]


def permutation_importance(
    model: Any,
    X: Any,
    y: Any,
    repeats: int = 5,
    seed: int = 0,
    sample_weight: Any = None,
    *,
    score: Score = mean_loss,
    watch: Callable[[int, int], None] | None = None,
) -> Importance:
    """How much the loss grows when the values of one column change places between rows.

    importance_j = loss(X with column j permuted, y) - loss(X, y), for each of ``repeats`` permutations.

    A column is permuted as a whole, with its missing values; weights stay with their rows. The permutation depends on
    seed, repeat and the column's place alone, so the same seed gives the same numbers. Measured on rows of the
    training it says what the model uses, on other rows what helps. scikit-learn's function of this name takes a score
    that falls; here it is a loss that grows, by default the family's.

    Parameters
    ----------
    model : a fitted NeuralClassifier or NeuralRegressor
    X, y : a frame or an array (n, d), and its targets
    repeats, seed : int
    sample_weight : None or (n,)
        Frequencies of the rows in the loss.
    score : function of (model, X, y, w)
        Returns a loss, of which smaller is better.
    watch : None or function of (columns done, columns)
        Told after every column.

    Returns
    -------
    Importance
        columns, baseline, increases (d, repeats), and their mean, std and order.

    References
    ----------
    Breiman (2001), Random forests, section 10; Fisher, Rudin and Dominici (2019) for any model and loss.

    Examples
    --------
    >>> import numpy as np
    >>> from wellfit import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> model = NeuralRegressor(hidden=(), random_state=0).fit(X, 3 * X[:, 1])
    >>> permutation_importance(model, X, 3 * X[:, 1]).order
    array([1, 0])
    """
    if repeats < 1:
        raise ValueError(f"repeats must be at least 1, got {repeats}.")
    n, names = rows_of(X), columns_of(X)
    w = check_weights(sample_weight, n)
    asked = Asked.of(model, X, y, w) if score is mean_loss else None
    baseline = score(model, X, y, w) if asked is None else asked.loss
    increases = np.empty((len(names), repeats))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the baseline has said them
        for j in range(len(names)):
            orders = [np.random.default_rng([seed, j, repeat]).permutation(n) for repeat in range(repeats)]
            if asked is None:
                losses = [score(model, _permuted(X, j, order), y, w) for order in orders]
            else:
                losses = asked.permuted(j, orders)
            increases[j] = np.subtract(losses, baseline)
            if watch is not None:
                watch(j + 1, len(names))
    return Importance(names, baseline, increases)


def partial_dependence(
    model: Any, X: Any, column: str | int, grid: int | list[Any] = 10, sample_weight: Any = None
) -> Dependence:
    """The mean prediction over all rows when a column is set to each value of a grid.

    mean_g = Σ_i w_i f(x_i with the column at g) / Σ w, f the probabilities of classes or the prediction of numbers.

    Parameters
    ----------
    model : a fitted NeuralClassifier or NeuralRegressor
    X : a frame or an array (n, d)
    column : its name, or its place in an array
    grid : int or list
        Values to set, or at most how many: all that occur if they are so few; else numbers evenly spaced between the
        5 % and 95 % quantiles, dates evenly among those that occur, and the most frequent texts.
    sample_weight : None or (n,)

    Returns
    -------
    Dependence
        column, grid, mean (g, k) and the names of the k outputs.

    References
    ----------
    Friedman (2001), Greedy function approximation, section 8.2. scikit-learn's ``partial_dependence`` with
    ``method="brute"`` gives the same numbers on arrays.

    Examples
    --------
    >>> import numpy as np
    >>> from wellfit import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> model = NeuralRegressor(hidden=(), random_state=0).fit(X, 3 * X[:, 1])
    >>> found = partial_dependence(model, X, 1, [-1.0, 1.0])
    >>> found.mean.round(1).ravel().tolist()
    [-3.0, 3.0]
    """
    names = columns_of(X)
    j = _place(column, names)
    w = check_weights(sample_weight, rows_of(X))
    values = list(grid) if isinstance(grid, list) else _grid(X, j, grid)
    if not values:
        raise ValueError(f"column {names[j]!r} has no values to draw a dependence on.")
    means = []
    with warnings.catch_warnings():
        for value in values:
            predicted = _outputs(model, _set(X, j, value))
            means.append(np.average(predicted, axis=0, weights=w))
            warnings.simplefilter("ignore")  # the first prediction has said them
    mean = np.array(means)
    return Dependence(names[j], values, mean, _output_names(model, mean.shape[1]))


def columns_of(X: Any) -> list[str]:
    """The names of a frame's columns, or x0, x1, ... of an array's."""
    return list(map(str, as_frame(X).columns)) if is_frame(X) else [f"x{j}" for j in range(np.shape(X)[1])]


def _place(column: str | int, names: list[str]) -> int:
    if isinstance(column, int) and 0 <= column < len(names):
        return column
    if column not in names:
        raise ValueError(f"there is no column {column!r}; {did_you_mean(column, names)}.")
    return names.index(str(column))


def _permuted(X: Any, j: int, order: np.ndarray) -> Any:
    if not is_frame(X):
        X = np.array(X)
        X[:, j] = X[order, j]
        return X
    frame = as_frame(X)
    column = frame.columns[j]
    return frame.with_columns(frame.get_column(column)[order.tolist()].alias(column)).to_native()


def _set(X: Any, j: int, value: Any) -> Any:
    if not is_frame(X):
        X = np.array(X, np.result_type(np.asarray(X), type(value)))
        X[:, j] = value
        return X
    frame = as_frame(X)
    name = frame.columns[j]
    own = frame.get_column(name)
    if own.dtype.is_numeric():
        return frame.with_columns(nw.lit(value).alias(name)).to_native()
    places = [row for row, there in enumerate(own.to_list()) if there == value][:1]
    if not places:
        raise ValueError(f"column {str(name)!r} has no value {value!r}; give one that occurs in it.")
    return frame.with_columns(own[places * len(frame)].alias(name)).to_native()


def _grid(X: Any, j: int, most: int) -> list[Any]:
    if is_frame(X):
        series = as_frame(X).get_column(as_frame(X).columns[j])
        if not series.dtype.is_numeric():
            return _levels(series, most)
        numbers = series.cast(nw.Float64).to_numpy()
        whole = series.dtype.is_integer()
    else:
        numbers, whole = np.asarray(X)[:, j], np.asarray(X).dtype.kind in "iu"
    there = np.unique(numbers[~np.isnan(numbers)])
    if len(there) <= most:
        return [int(v) if whole else float(v) for v in there]
    low, high = np.quantile(numbers[~np.isnan(numbers)], INNER)
    return [float(v) for v in np.unique(np.linspace(low, high, most))]


def _levels(series: Any, most: int) -> list[Any]:
    """The most frequent texts, in order of frequency, or evenly chosen dates, in order of time."""
    values = [value for value in series.to_list() if value is not None and value == value]
    found, counts = np.unique(np.array([str(value) for value in values], object).astype(str), return_counts=True)
    first = {str(value): value for value in reversed(values)}
    if series.dtype.is_temporal():
        ordered = sorted(first.values())
        return [ordered[k] for k in np.unique(np.linspace(0, len(ordered) - 1, most).round().astype(int))]
    return [first[str(found[k])] for k in np.argsort(-counts, kind="stable")[:most]]


def _outputs(model: Any, X: Any) -> np.ndarray:
    """Probabilities (n, K) or (n, k), or predicted numbers (n, k)."""
    predicted = model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)
    return np.asarray(predicted, np.float64).reshape(rows_of(X), -1)


def _output_names(model: Any, k: int) -> list[str]:
    names = getattr(model, "target_names_", None)
    if hasattr(model, "predict_proba") and not isinstance(model.classes_, list) and len(model.classes_) == k:
        return [str(label) for label in model.classes_]
    return list(names) if names is not None and len(names) == k else [f"output {j}" for j in range(k)]
