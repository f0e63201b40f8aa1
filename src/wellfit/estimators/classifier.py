"""NeuralClassifier: classes of any label type, or several labels at once."""

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight

from wellfit.data.targets import Classes, Flags, column
from wellfit.data.weights import check_weights
from wellfit.estimators.base import NeuralBase, replaced
from wellfit.families.base import Family
from wellfit.families.choose import choose
from wellfit.families.table import resolve
from wellfit.functions.metrics import accuracy


class NeuralClassifier(ClassifierMixin, NeuralBase):
    """A neural network for classes: the target decides the output layer and the loss.

    Two classes give one log odds (Bernoulli), more give a softmax (categorical), an indicator matrix of 0 and 1 gives a
    sigmoid per label (multi-label). Up to 100 rows every step sees all rows in float64, and an integer weight equals
    repeated rows; above, batches are shuffled, rows are held out, and the best epoch is kept.

    Parameters
    ----------
    network : "auto", MLP or Network
        "auto": an MLP of ``hidden`` units with ``activation`` and ``dropout``.
    hidden : "auto", int or tuple of int
        Units of the hidden layers; () is logistic regression.
    activation : "auto" or str
        Of the hidden layers: identity, relu, leaky_relu, elu, selu, gelu, silu, sigmoid, tanh, softplus.
    dropout : "auto", number, schedule or None
        Rate of the hidden layers.
    family : "auto", str or Family
        "auto": by the values of y; a name, or a family of your own.
    optimizer : str, Optimizer or optax.GradientTransformation
        sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw or lbfgs (all rows in every step).
    learning_rate : "auto", number or schedule
    schedule : str or Schedule
        Of the learning rate: constant, cosine, warm_up, one_cycle, flat_cosine, coslog4 or plateau.
    batch_size : "auto", "full" or int
    max_epochs : "auto" or int
    max_time : None or number
        Seconds after which training ends with the best model so far.
    weight_decay : "auto", number, schedule or None
        Decoupled decay of weights: w -= learning_rate * weight_decay * w.
    l1, l2 : None or number
        Priors of the weights: (l1 Σ|w| + ½ l2 Σw²) / sum of weights is added to the mean loss.
    label_smoothing : None or number
        The ε of smoothed targets.
    class_weight : None, "balanced" or dict
        Training and ``predict`` count the classes so; ``predict_proba`` has the shift taken out again.
    early_stopping : "auto" or bool
        Whether rows are held out, to stop and to keep the best epoch.
    validation_fraction : "auto" or number
    patience : "auto", int or None
        Epochs without a better validation loss before training stops.
    n_members : "auto" or int
        Networks trained side by side, whose probabilities are averaged.
    random_state : None, int or RandomState
        The same int gives the same bits on the same machine.
    warm_start : bool
        Whether ``fit`` goes on from the parameters of the last fit.
    callbacks : None, function or list
        Called after every epoch with the progress; returning True ends training.
    verbose : bool or int
        A progress bar, where there is a terminal.

    Attributes
    ----------
    classes_, family_, network_, reasons_, history_, n_iter_, best_epoch_, loss_, status_, params_

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = NeuralClassifier(random_state=0).fit(X, y)
    >>> bool(model.score(X, y) > 0.9)
    True
    >>> model.family_
    Categorical(smoothing=None, classes=3)
    """

    def __init__(
        self,
        network: Any = "auto",
        *,
        hidden: Any = "auto",
        activation: str = "auto",
        dropout: Any = "auto",
        family: Any = "auto",
        optimizer: Any = "adamw",
        learning_rate: Any = "auto",
        schedule: Any = "cosine",
        batch_size: Any = "auto",
        max_epochs: Any = "auto",
        max_time: float | None = None,
        weight_decay: Any = "auto",
        l1: float | None = None,
        l2: Any = "auto",
        label_smoothing: float | None = None,
        class_weight: Any = None,
        early_stopping: Any = "auto",
        validation_fraction: Any = "auto",
        patience: Any = "auto",
        n_members: Any = "auto",
        random_state: Any = None,
        warm_start: bool = False,
        callbacks: Any = None,
        verbose: Any = False,
    ) -> None:
        self.network = network
        self.hidden = hidden
        self.activation = activation
        self.dropout = dropout
        self.family = family
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.max_time = max_time
        self.weight_decay = weight_decay
        self.l1 = l1
        self.l2 = l2
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.n_members = n_members
        self.random_state = random_state
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None, validation_data: Any = None) -> Self:
        """Fit to X (a frame or an array (n, d)) and y (n,) labels or (n, k) indicators.

        ``sample_weight`` (n,) are frequencies. ``validation_data`` is (X, y) or (X, y, sample_weight): your
        own held-out rows, in place of a share of the training rows.
        """
        return self._fit(X, y, sample_weight, validation_data)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One more pass over these rows, with the learning rate at its start.

        The first call learns columns and ``classes`` (all labels to come; those of y if None). Early stopping does not
        apply to a single pass, and nothing is held out: call ``score`` on rows of your own.
        """
        return self._partial_fit(X, y, sample_weight, classes=classes)

    # -- what depends on classes -----------------------------------------------------------------------------------

    def _check_y(self, y: Any) -> np.ndarray:
        values = np.asarray(y)
        return values if values.ndim == 2 and values.shape[1] > 1 else column(y)

    def _choose(self, y: np.ndarray, w: np.ndarray, classes: Any = None) -> tuple[Any, Family, str]:
        if y.ndim == 2:
            target: Any = Flags.fit(y)
            target.encode(y)
            self.classes_ = [np.array([0, 1])] * target.k
        else:
            target = Classes.fit(y if classes is None else np.asarray(classes))
            self.classes_ = target.classes
        if isinstance(self.family, str) and self.family == "auto":
            family, why = choose("classification", target.facts(y, w))
        else:
            family = resolve(self.family, target.kind, target.k)
            why = f"family={self.family!r} was asked for."
        if self.label_smoothing:
            family = replaced(family, smoothing=float(self.label_smoothing))
        return target, family, why

    def _cost(self, encoded: np.ndarray, w: np.ndarray, learn: bool = True) -> np.ndarray | float:
        if self.class_weight is None:
            self.class_weight_ = None
            return 1.0
        if self._target.kind != "classes":
            raise ValueError("class_weight is for exclusive classes; weigh rows of a multi-label y by sample_weight.")
        if learn:
            self.class_weight_ = self._class_weights(encoded, w)
        return self.class_weight_[encoded]

    def _class_weights(self, encoded: np.ndarray, w: np.ndarray) -> np.ndarray:
        """The cost of each class (K,): n / (K n_k) when balanced, else the user's, 1 where he names none."""
        labels = list(self.classes_)
        if isinstance(self.class_weight, dict):
            unknown = [label for label in self.class_weight if label not in labels]
            if unknown:
                raise ValueError(f"class_weight names {unknown[0]!r}, which is not a class; classes are {labels}.")
            costs = np.array([float(self.class_weight.get(label, 1.0)) for label in labels])
            if not (np.isfinite(costs).all() and (costs >= 0).all() and costs.any()):
                raise ValueError(
                    f"class_weight must hold finite weights >= 0, not all zero; got {self.class_weight!r}."
                )
            return costs
        return compute_class_weight("balanced", classes=np.arange(len(labels)), y=encoded, sample_weight=w)

    # -- predicting ------------------------------------------------------------------------------------------------

    def predict_proba(self, X: Any) -> np.ndarray:
        """Class probabilities (n, K) in the order of ``classes_``, or label probabilities (n, k); float64.

        With ``class_weight`` they are honest: the shift that the weights brought into training is taken out.
        """
        return self._honest(self._mean(X))

    def _honest(self, p: np.ndarray) -> np.ndarray:
        if self._target.kind != "classes":
            return p
        if self.class_weight_ is not None:
            p = p / np.maximum(self.class_weight_, 1e-300)
        return p / p.sum(axis=1, keepdims=True)

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of ``predict_proba``, finite where a probability rounds to 0."""
        z = self._raw(self._encoded(X))
        log_p = np.logaddexp.reduce([self.family_.log_mean(own) for own in z], axis=0) - np.log(len(z))  # type: ignore[attr-defined]
        if self._target.kind != "classes":
            return log_p
        if self.class_weight_ is not None:
            log_p = log_p - np.log(np.maximum(self.class_weight_, 1e-300))
        return log_p - np.logaddexp.reduce(log_p, axis=1, keepdims=True)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable labels; with ``class_weight`` those of the largest weight times probability."""
        p = self._mean(X)
        return self._target.decode(p.argmax(axis=1) if self._target.kind == "classes" else (p > 0.5))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The weighted share of rows predicted right (of a multi-label row: every label)."""
        predicted, y = self.predict(X), self._check_y(y)
        if len(y) != len(predicted):
            raise ValueError(f"X has {len(predicted)} rows and y has {len(y)}.")
        return accuracy(predicted, y, check_weights(sample_weight, len(y)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags
