"""NeuralClassifier: classes of any label type, or several labels at once."""

import dataclasses
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin

from wellfit.data.blocks import by_rows
from wellfit.data.targets import Classes, Flags, column
from wellfit.data.weights import check_weights
from wellfit.estimators.base import NeuralBase
from wellfit.estimators.costs import class_costs
from wellfit.estimators.passes import one_pass
from wellfit.estimators.reasons import of_calibration
from wellfit.estimators.settings import check_settings
from wellfit.families.base import Family
from wellfit.families.choose import choose
from wellfit.families.table import resolve
from wellfit.functions.calibration import with_complement
from wellfit.functions.links import log_softmax
from wellfit.functions.metrics import accuracy
from wellfit.insight import calibration

SHIFT_ROWS = 2**16
"""At most so many rows, evenly drawn, say what costs of classes did to the mean probabilities."""


class NeuralClassifier(ClassifierMixin, NeuralBase):
    """A neural network for classes: the target decides the output layer and the loss.

    Two classes give one log odds (Bernoulli), more give a softmax (categorical), an indicator matrix of 0 and 1 gives a
    sigmoid per label (multi-label). Up to 100 rows every step sees all rows in float64, and an integer weight equals
    repeated rows; above, batches are shuffled, rows are held out, and the best epoch is kept.

    Parameters
    ----------
    network : "auto", Preset or Network
        "auto": an MLP of ``hidden`` units with ``activation`` and ``dropout``.
    hidden : "auto", int or tuple of int
        Units of the hidden layers; () is logistic regression.
    activation : "auto", str or tuple of str
        Of the hidden layers: identity, relu, leaky_relu, elu, selu, gelu, silu, sigmoid, tanh, softplus.
    numeric_embedding : "auto", "periodic" or None
        Whether numbers of more than two values enter as learnt waves too. "auto": where ``hidden`` is "auto" too.
    dropout : "auto", number, schedule or None
        Rate of the hidden layers.
    family : "auto", str or Family
        "auto": by the values of y; a name, or a family of your own.
    optimizer : str, Optimizer or optax.GradientTransformation
        sgd, momentum, nesterov, adagrad, rmsprop, adam, amsgrad, adamw, natural_gradient; conjugate_gradient or lbfgs,
        which see all rows in every step.
    learning_rate : "auto", number or schedule
    schedule : str or Schedule
        Of the learning rate: constant, cosine, warm_up, one_cycle, flat_cosine, coslog4 or plateau.
    batch_size : "auto", "full" or int
    max_epochs : "auto" or int
    max_time : None or number
        Seconds after which training ends with the best model so far.
    matmul_precision : "float32", "tensorfloat32" or "bfloat16"
        What the factors of training's large matrix products are rounded to (24, 11 or 8 bits) on an accelerator;
        sums, weights, held-out losses and predictions stay float32, and so is all that a CPU does.
    weight_decay : "auto", number, schedule or None
        Decoupled decay of weights: w -= learning_rate * weight_decay * w. "auto": the optimizer's own (adamw: 0.01,
        the others none).
    clip_norm, clip_value : None or number
        The largest norm of the gradient, over all parameters together: a longer one is shortened; the largest size of
        each of its numbers: a larger one is cut. Not for methods that search along a line (lbfgs).
    l1, l2 : None, number or tuple
        Priors of the weights: (l1 Σ|w| + ½ l2 Σw²) / sum of weights is added to the mean loss. A tuple has a number or
        None for each layer with weights, the output's last. ``priors_`` reads them in the units of the columns.
    lp : None or Lp
        A prior besides, (strength / p) Σ|w|^p: ``wellfit.functions.penalties.Lp(p, strength)``.
    max_norm : None, number or tuple
        The largest norm of the weights into a unit, kept after every step.
    input_dropout, input_noise, weight_noise : None, number or schedule
        In training only: the rate of dropped inputs; the standard deviation of noise on the inputs, of which 1 is that
        of a column, and of noise on the weights.
    label_smoothing : None or number
        The ε of smoothed targets.
    class_weight : None, "balanced" or dict
        Training and ``predict`` count the classes so; ``predict_proba`` has the shift taken out again, so that the mean
        probability of a class over the rows is its share.
    calibrate : "auto", bool, "temperature" or "vector"
        What the held-out rows (up to 100 rows: cross-validated ones) correct of the probabilities once training ends:
        one temperature, or for few classes and many rows a scale and a bias for each class. "auto": from 20 such rows
        on; True, "temperature", "vector": an error where no rows are held out.
    early_stopping : "auto" or bool
        Whether rows are held out, to stop and to keep the best epoch.
    validation_fraction : "auto" or number
    patience : "auto", int or None
        Epochs without a better validation loss before training stops. "auto": as many as the best epoch took, at
        least 16; with other schedules than a cosine and with all rows in every step a third of ``max_epochs="auto"``.
    n_members : "auto" or int
        Networks trained side by side, whose probabilities are averaged. With ``hidden="auto"`` two of four start as
        the best constant.
    bootstrap : bool
        Bagging: each member trains on its own rows, drawn with replacement; ``n_members="auto"`` is then 10.
    snapshots : int
        Each member's training is so many cycles, one after another, of max_epochs / snapshots epochs each; the network
        at the end of every cycle is kept (Huang et al. 2017).
    vary : None or dict
        Numbers that differ among members: learning_rate, weight_decay, dropout, l1 or l2 -> list or distribution, such
        as ``{"learning_rate": scipy.stats.loguniform(1e-4, 1e-2)}`` (Wenzel et al. 2020); ``n_members="auto"`` is 10.
    select : None or int
        How many networks are kept: those whose mixture has the least log loss on the held-out rows, chosen one by
        one, the same more than once if that is best (Caruana et al. 2004).
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
    class_weight_, prior_shift_ : None, or costs of classes (K,), and what is taken from log probabilities for them
    members_ : None, or what ``vary`` gave each network that is kept
    oob_score_, oob_decision_function_ : with ``bootstrap``
        Accuracy and calibrated probabilities of training rows by the networks that were not trained on them. NaN are
        rows that all networks were trained on, that are held out, or that have weight 0. Files keep the score only.
    calibration_ : None, or the method and its temperature (of each label), or its scale and bias of each class

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
        activation: Any = "auto",
        numeric_embedding: Any = "auto",
        dropout: Any = "auto",
        family: Any = "auto",
        optimizer: Any = "adamw",
        learning_rate: Any = "auto",
        schedule: Any = "cosine",
        batch_size: Any = "auto",
        max_epochs: Any = "auto",
        max_time: float | None = None,
        matmul_precision: str = "float32",
        weight_decay: Any = "auto",
        clip_norm: float | None = None,
        clip_value: float | None = None,
        l1: Any = None,
        l2: Any = "auto",
        lp: Any = None,
        max_norm: Any = None,
        input_dropout: Any = None,
        input_noise: Any = None,
        weight_noise: Any = None,
        label_smoothing: float | None = None,
        class_weight: Any = None,
        calibrate: Any = "auto",
        early_stopping: Any = "auto",
        validation_fraction: Any = "auto",
        patience: Any = "auto",
        n_members: Any = "auto",
        bootstrap: bool = False,
        snapshots: int = 1,
        vary: dict[str, Any] | None = None,
        select: int | None = None,
        random_state: Any = None,
        warm_start: bool = False,
        callbacks: Any = None,
        verbose: Any = False,
    ) -> None:
        self.network = network
        self.hidden = hidden
        self.activation = activation
        self.numeric_embedding = numeric_embedding
        self.dropout = dropout
        self.family = family
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.batch_size = batch_size
        self.max_epochs = max_epochs
        self.max_time = max_time
        self.matmul_precision = matmul_precision
        self.weight_decay = weight_decay
        self.clip_norm = clip_norm
        self.clip_value = clip_value
        self.l1 = l1
        self.l2 = l2
        self.lp = lp
        self.max_norm = max_norm
        self.input_dropout = input_dropout
        self.input_noise = input_noise
        self.weight_noise = weight_noise
        self.label_smoothing = label_smoothing
        self.class_weight = class_weight
        self.calibrate = calibrate
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.n_members = n_members
        self.bootstrap = bootstrap
        self.snapshots = snapshots
        self.vary = vary
        self.select = select
        self.random_state = random_state
        self.warm_start = warm_start
        self.callbacks = callbacks
        self.verbose = verbose

    calibration_: Any = None
    prior_shift_: Any = None

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        validation_data: Any = None,
        groups: Any = None,
        time: Any = None,
    ) -> Self:
        """Fit to X (a frame or an array (n, d)) and y (n,) labels or (n, k) indicators.

        ``sample_weight`` (n,) are frequencies. Rows are held out to stop early and to calibrate: at random, or whole
        ``groups`` (n,) of them, or the latest in ``time`` (n,), or your own ``validation_data``, which is (X, y) or
        (X, y, sample_weight). Where nothing is held out, ``groups`` and ``time`` change nothing.
        """
        return self._fit(X, y, sample_weight, validation_data, groups, time)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One more pass over these rows, with the learning rate at its start.

        The first call learns columns and ``classes`` (all labels to come; those of y if None). Early stopping does not
        apply to a single pass, and nothing is held out: call ``score`` on rows of your own.
        """
        check_settings(self.get_params(deep=False), type(self).__name__)
        self._refuse_calibration()
        return one_pass(self, X, y, sample_weight, classes=classes)

    # -- what depends on classes -----------------------------------------------------------------------------------

    def _from_raw(self, z: np.ndarray) -> np.ndarray:
        return self._log_proba(z)

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
            if family.codec:
                target = target.arranged(**family.codec)
                self.classes_ = target.classes
            why = f"family={self.family!r} was asked for."
        if self.label_smoothing:
            if not hasattr(family, "smoothing"):
                raise ValueError(
                    f"label_smoothing={self.label_smoothing!r} is not for family {type(family).__name__}, which has no "
                    "smoothed targets; leave it None, or use family='auto'."
                )
            family = dataclasses.replace(family, smoothing=float(self.label_smoothing))  # type: ignore[call-arg]
        return target, family, why

    def _cost(self, encoded: np.ndarray, w: np.ndarray, learn: bool = True) -> np.ndarray | float:
        if self.class_weight is None:
            self.class_weight_ = None
            return 1.0
        if self._target.kind != "classes":
            raise ValueError("class_weight is for exclusive classes; weigh rows of a multi-label y by sample_weight.")
        if learn:
            self.class_weight_ = class_costs(self.class_weight, self.classes_, encoded, w)
        return self.class_weight_[encoded]

    # -- held-out rows ---------------------------------------------------------------------------------------------

    def _check_held_out(self, n: int) -> None:
        if not n and self._dtype != np.float64:  # exact fits are cross-validated
            self._refuse_calibration()

    def _refuse_calibration(self) -> None:
        if self._asked not in ("auto", False):
            raise ValueError(
                f"calibrate={self._asked!r} needs held-out rows, and this fit has none; pass validation_data to fit, "
                "set early_stopping=True or calibrate='auto'."
            )

    @property
    def _asked(self) -> Any:
        """What was asked of calibration; a numpy bool is a bool."""
        return bool(self.calibrate) if isinstance(self.calibrate, np.bool_) else self.calibrate

    def _measure(self, x: dict, encoded: np.ndarray, w: np.ndarray, split: tuple) -> None:
        costs = self.class_weight_
        if costs is None and self.family_.costs is not None:
            costs = np.ones(len(self.classes_))  # the family takes its own out; what is left is a shift as theirs is
        self.prior_shift_ = None if costs is None else np.log(costs)
        if costs is not None and (len(split[1]) or self._dtype == np.float64):
            rows = np.unique(np.linspace(0, len(w) - 1, min(len(w), SHIFT_ROWS)).astype(int))
            logs = self._log_mixture(self._raw({name: block[rows] for name, block in x.items()}))
            own = w[rows] / costs[encoded[rows]]
            self.prior_shift_ = self.prior_shift_ + calibration.fit_shift(
                log_softmax(logs - self.prior_shift_), encoded[rows], own
            )
        super()._measure(x, encoded, w, split)

    def _judge(self, z: np.ndarray, y: np.ndarray, w: np.ndarray, held: bool) -> None:
        self.calibration_ = None
        if held and self._asked is not False:
            self.calibration_, found = calibration.learn(self._log_honest(z), y, w, self._asked)
            self.history_ = {**self.history_, "calibration": found}
            self.reasons_ = [*self.reasons_, of_calibration(self.calibration_, found)]

    # -- predicting ------------------------------------------------------------------------------------------------

    def predict_proba(self, X: Any) -> np.ndarray:
        """Class probabilities (n, K) in the order of ``classes_``, or label probabilities (n, k); float64.

        They are calibrated. With ``class_weight`` they are honest: the shift that the weights brought into training is
        taken out.
        """
        return self._labels_own(by_rows(lambda z: np.exp(self._log_proba(z)), self._raw(self._encoded(X))))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of ``predict_proba``, finite where a probability rounds to 0."""
        return self._labels_own(by_rows(self._log_proba, self._raw(self._encoded(X))))

    def predict(self, X: Any) -> np.ndarray:
        """The most probable labels; with ``class_weight`` those of the largest weight times probability."""
        raw = self._raw(self._encoded(X))
        return self._target.decode(by_rows(lambda z: self._decide(self._log_proba(z)), raw))

    def _labels_own(self, p: np.ndarray) -> np.ndarray:
        """Of classes all numbers (n, K); of labels those that they are there, out of (n, k, 2)."""
        return p if p.ndim == 2 else p[..., 1]

    def _log_proba(self, z: np.ndarray) -> np.ndarray:
        """Calibrated log probabilities of raw outputs (P, n, outputs): (n, K), or (n, k, 2) of labels."""
        return calibration.apply(self.calibration_, self._log_honest(z))

    def _log_honest(self, z: np.ndarray) -> np.ndarray:
        """Log probabilities of the members' mixture, the costs of classes taken out: (n, K), or (n, k, 2) of labels."""
        logs = self._log_mixture(z)
        if self._target.kind != "classes":
            return with_complement(logs)
        return log_softmax(logs if self.prior_shift_ is None else logs - self.prior_shift_)

    def _log_mixture(self, z: np.ndarray) -> np.ndarray:
        """The logarithm of the members' mean probabilities, (n, K) or (n, k)."""
        return np.logaddexp.reduce([self.family_.log_mean(own) for own in z], axis=0) - np.log(len(z))

    def _decide(self, log_p: np.ndarray) -> np.ndarray:
        """Class numbers (n,), or flags (n, k)."""
        if self._target.kind != "classes":
            return log_p[..., 1] > log_p[..., 0]
        for costs in (self.class_weight_, self.family_.costs):
            log_p = log_p if costs is None else log_p + np.log(costs)
        return log_p.argmax(axis=1)

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
