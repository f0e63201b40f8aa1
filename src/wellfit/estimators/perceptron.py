"""The perceptron with Rosenblatt's rule, and Gallant's pocket for classes that no hyperplane separates."""

import warnings
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from wellfit.core.errors import ConvergenceWarning
from wellfit.data.targets import Classes
from wellfit.data.weights import check_weights
from wellfit.insight.separability import separability
from wellfit.training.perceptron import Pocket, Problem, Rule, train_perceptron


class Perceptron(ClassifierMixin, BaseEstimator):
    """A single threshold unit of each class, taught by its mistakes: w += η y x on every row that is not right.

    Of two classes the rule is Rosenblatt's; of more it is Kesler's, one weight vector
    a class: w_y += η x for the true class and w_k -= η x for the one that beat it. Starting from 0 it ends, in an
    epoch without a mistake, if and only if the classes are linearly separable, after at most (R/γ)² mistakes. Where
    they are not, ``fit`` says so, and keeps the weights with the fewest errors that it came by (the pocket).

    Features are taken as they are: scale them first where their sizes differ.

    Parameters
    ----------
    learning_rate : number
        η; from weights of 0 it only scales the answer.
    max_epochs : int
        Most passes over the rows.
    shuffle : bool
        Whether every epoch has a random order; else rows come in their own.
    pocket : bool
        Whether to keep the weights with the fewest (weighted) errors on all rows; else the last ones.
    strict : bool
        Whether a row ON the boundary is a mistake whatever its class, as in scikit-learn. False: as the unit answers,
        1 for w · x + b > 0 and else 0 (of several classes the first of the highest), so that it may be right.
    fit_intercept : bool
        Whether there is an intercept b, learnt as the weight of a constant 1.
    random_state : None, int or RandomState
        Of the orders.

    Attributes
    ----------
    coef_, intercept_ : (1, d) and (1,) for two classes, (K, d) and (K,) for more
    classes_, n_features_in_, n_iter_
    mistakes_ : (n_iter_,) mistakes of each epoch
    errors_ : the sum of weights of the rows that the kept weights have wrong
    separable_ : True or False, by an epoch without mistakes or by linear programming; None where the data are too large
        to ask, or a margin too thin to tell
    status_ : "separated", "inseparable", or "max_epochs"

    Raises
    ------
    ValueError
        One sentence for a parameter, or for rows that are no finite numbers.

    Warns
    -----
    ConvergenceWarning
        Where training ended with errors, naming the fewest that were reached.

    Notes
    -----
    ``sample_weight`` multiplies the steps, as in scikit-learn, and counts in the pocket; it is not the row twice in a
    row. With ``shuffle=False`` and ``pocket=False``, two classes have scikit-learn's coefficients; several classes are
    there one against the rest. The pocket is judged whenever more rows in a row are right than of any weights kept
    before, and after every epoch, always on all rows (the ratchet).

    References
    ----------
    Rosenblatt (1958); Novikoff (1962); Duda and Hart (1973) for Kesler's construction; Gallant (1990),
    "Perceptron-based learning algorithms"; theory C-002 to C-004.

    Examples
    --------
    >>> X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> model = Perceptron(shuffle=False, strict=False).fit(X, [0, 0, 0, 1])
    >>> model.predict(X), model.mistakes_, model.coef_, model.intercept_
    (array([0, 0, 0, 1]), array([1, 3, 3, 2, 1, 0], dtype=int32), array([[2., 1.]]), array([-2.]))
    >>> model.separable_
    True
    """

    def __init__(
        self,
        *,
        learning_rate: float = 1.0,
        max_epochs: int = 1000,
        shuffle: bool = True,
        pocket: bool = True,
        strict: bool = True,
        fit_intercept: bool = True,
        random_state: Any = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs
        self.shuffle = shuffle
        self.pocket = pocket
        self.strict = strict
        self.fit_intercept = fit_intercept
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from X (n, d) and labels y (n,), from weights of 0."""
        X, w, encoded = self._door(X, y, sample_weight, classes=None, reset=True)
        start = np.zeros((len(self.classes_), X.shape[1]))
        last, pocket, mistakes = self._train(X, encoded, w, start, int(self.max_epochs))
        separated = mistakes[-1] == 0
        self._keep(last if separated or not self.pocket else pocket.weights)
        self.mistakes_, self.n_iter_ = mistakes, len(mistakes)
        self.errors_ = float(_errors(X @ self._weights().T, encoded, w))
        self.separable_ = True if separated else separability(X, encoded, len(self.classes_)).separable
        self.status_ = "separated" if separated else "inseparable" if self.separable_ is False else "max_epochs"
        if self.errors_:
            warnings.warn(self._why(w), ConvergenceWarning, stacklevel=2)
        return self

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One more pass over these rows from where the last one ended; the first call learns ``classes``.

        There is no pocket here, and nothing is said of separability: other rows may follow.
        """
        again = hasattr(self, "coef_")
        X, w, encoded = self._door(X, y, sample_weight, classes=classes, reset=not again)
        start = self._weights() if again else np.zeros((len(self.classes_), X.shape[1]))
        earlier = self.mistakes_ if again else np.zeros(0, np.int32)
        last, _, mistakes = self._train(X, encoded, w, start, 1, passed=len(earlier))
        self._keep(last)
        self.mistakes_ = np.concatenate([earlier, mistakes])
        self.n_iter_, self.errors_ = len(self.mistakes_), float(_errors(X @ last.T, encoded, w))
        self.separable_, self.status_ = None, "max_epochs"
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """w · x + b: (n,) for two classes, positive for the second; (n, K) for more."""
        check_is_fitted(self)
        z = self._check_X(X, reset=False) @ self.coef_.T + self.intercept_
        return z[:, 0] if len(self.classes_) == 2 else z

    def predict(self, X: Any) -> np.ndarray:
        """The labels: of two classes the second where w · x + b > 0, else the class with the highest sum."""
        z = self.decision_function(X)
        return self.classes_[(z > 0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]

    # -- inside ----------------------------------------------------------------------------------------------------

    def _door(
        self, X: Any, y: Any, sample_weight: Any, *, classes: Any, reset: bool
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Checked rows (with the constant 1), weights and class numbers; rows of weight 0 are dropped."""
        self._check_parameters()
        if y is None:
            raise ValueError("This Perceptron estimator requires y to be passed, but the target y is None.")
        X = self._check_X(X, reset=reset)
        if reset:
            self._target = Classes.fit(y if classes is None else np.asarray(classes))
            self.classes_ = self._target.classes
        encoded = self._target.encode(y)
        if len(encoded) != len(X):
            raise ValueError(f"X and y have inconsistent numbers of samples (rows): {len(X)} and {len(encoded)}.")
        w = check_weights(sample_weight, len(X))
        used = w > 0
        rows = np.column_stack([X, np.ones(len(X))]) if self.fit_intercept else X
        return rows[used], w[used], encoded[used]

    def _check_X(self, X: Any, *, reset: bool) -> np.ndarray:
        return np.asarray(validate_data(self, X, dtype=np.float64, reset=reset))

    def _check_parameters(self) -> None:
        rate, epochs = self.learning_rate, self.max_epochs
        if not (isinstance(rate, Real) and not isinstance(rate, bool) and 0 < float(rate) < np.inf):
            raise ValueError(f"The 'learning_rate' parameter of Perceptron must be a number > 0, got {rate!r}.")
        if not (isinstance(epochs, Integral) and not isinstance(epochs, bool) and int(epochs) >= 1):
            raise ValueError(f"The 'max_epochs' parameter of Perceptron must be an integer >= 1, got {epochs!r}.")
        for name in ("shuffle", "pocket", "strict", "fit_intercept"):
            if not isinstance(getattr(self, name), bool | np.bool_):
                raise ValueError(
                    f"The {name!r} parameter of Perceptron must be True or False, got {getattr(self, name)!r}."
                )

    def _train(
        self, X: np.ndarray, y: np.ndarray, w: np.ndarray, start: np.ndarray, epochs: int, passed: int = 0
    ) -> tuple[np.ndarray, Pocket, np.ndarray]:
        seed = int(check_random_state(self.random_state).randint(2**31 - 1)) + passed  # another order for every pass
        rule = Rule(
            np.asarray(self.learning_rate, np.float64), np.asarray(bool(self.strict)), np.asarray(bool(self.shuffle)),
            np.asarray(seed, np.uint32), np.asarray(epochs, np.int32),
        )  # fmt: skip
        return train_perceptron(Problem.of(X, y, w), rule, start)

    def _keep(self, weights: np.ndarray) -> None:
        own = weights[1:] if len(self.classes_) == 2 else weights
        self.coef_ = own[:, :-1].copy() if self.fit_intercept else own.copy()
        self.intercept_ = own[:, -1].copy() if self.fit_intercept else np.zeros(len(own))

    def _weights(self) -> np.ndarray:
        own = np.column_stack([self.coef_, self.intercept_]) if self.fit_intercept else self.coef_
        return np.concatenate([-own, own]) if len(self.classes_) == 2 else own

    def _why(self, w: np.ndarray) -> str:
        """One sentence: why training ended with errors, and what helps."""
        fewest = f"{'the fewest' if self.pocket else 'the last'} errors were {self.errors_:g} of {w.sum():g}"
        if self.separable_ is False:
            return (
                f"the classes are not linearly separable, so the perceptron rule cannot come to rest ({fewest}); use a "
                "network with a hidden layer, such as NeuralClassifier()."
            )
        known = "are linearly separable" if self.separable_ else "may or may not be linearly separable"
        return f"the classes {known}, and {self.n_iter_} epochs did not get there ({fewest}); raise max_epochs."


def _errors(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> Any:
    """The sum of weights of the rows that are predicted wrong."""
    return w[z.argmax(axis=1) != y].sum()
