"""NeuralRegressor: one or many numbers, or counts, with their uncertainty."""

from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from wellfit.data.blocks import by_rows
from wellfit.data.targets import facts_of_numbers, number_codec, numbers
from wellfit.data.weights import check_weights
from wellfit.estimators import intervals
from wellfit.estimators.base import NeuralBase
from wellfit.estimators.passes import one_pass
from wellfit.families.base import Family
from wellfit.families.choose import choose
from wellfit.families.quantile import Quantile
from wellfit.families.table import resolve
from wellfit.functions.metrics import explained_deviance, r2
from wellfit.insight import conformal

LARGEST = 1e150
"""The largest target: its square is still a number."""


class NeuralRegressor(RegressorMixin, NeuralBase):
    """A neural network for numbers: the target decides the output layer and the loss.

    Real numbers give squared error (normal likelihood); counts (non-negative integers with zeros among them, or many
    widely varying ones from 1 on) give Poisson's, or the negative binomial's where they vary more than their mean. Real
    targets are standardised inside; predictions are in y's own units.

    Parameters
    ----------
    network : "auto", Preset or Network
        "auto": an MLP of ``hidden`` units with ``activation`` and ``dropout``.
    hidden : "auto", int or tuple of int
        Units of the hidden layers; () is linear regression.
    activation : "auto", str or tuple of str
        Of the hidden layers: identity, relu, leaky_relu, elu, selu, gelu, silu, sigmoid, tanh, softplus.
    numeric_embedding : "auto", "periodic" or None
        Whether numbers of more than two values enter as learnt waves too. "auto": where ``hidden`` is "auto" too.
    dropout : "auto", number, schedule or None
        Rate of the hidden layers.
    family : "auto", str or Family
        normal (squared_error), laplace (absolute_error), huber, quantile, poisson, negative_binomial, or your own.
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
    early_stopping : "auto" or bool
        Whether rows are held out, to stop and to keep the best epoch.
    validation_fraction : "auto" or number
    patience : "auto", int or None
        Epochs without a better validation loss before training stops. "auto": as many as the best epoch took, at
        least 16; with other schedules than a cosine and with all rows in every step a third of ``max_epochs="auto"``.
    n_members : "auto" or int
        Networks trained side by side, whose predictions are averaged. With ``hidden="auto"`` two of four start as the
        best constant.
    bootstrap : bool
        Bagging: each member trains on its own rows, drawn with replacement; ``n_members="auto"`` is then 10.
    snapshots : int
        Each member's training is so many cycles, one after another, of max_epochs / snapshots epochs each; the network
        at the end of every cycle is kept (Huang et al. 2017).
    vary : None or dict
        Numbers that differ among members: learning_rate, weight_decay, dropout, l1 or l2 -> list or distribution, such
        as ``{"learning_rate": scipy.stats.loguniform(1e-4, 1e-2)}`` (Wenzel et al. 2020); ``n_members="auto"`` is 10.
    select : None or int
        How many networks are kept: those whose mixture has the least squared error on the held-out rows, chosen one by
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
    family_, network_, reasons_, history_, n_iter_, best_epoch_, loss_, status_, params_
    members_ : None, or what ``vary`` gave each network that is kept
    oob_score_, oob_prediction_ : with ``bootstrap``
        R2 and predictions of training rows by the networks that were not trained on them. NaN are rows that all
        networks were trained on, that are held out, or that have weight 0. Files keep the score only.
    conformal_ : None, or the scores of the held-out rows with their weights, for ``predict_interval``

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = NeuralRegressor(random_state=0).fit(X, y)
    >>> model.predict_interval(X[:3], 0.9).shape
    (3, 2)
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

    conformal_: Any = None

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        validation_data: Any = None,
        groups: Any = None,
        time: Any = None,
    ) -> Self:
        """Fit to X (a frame or an array (n, d)) and y (n,) or (n, k).

        ``sample_weight`` (n,) are frequencies. Rows are held out to stop early and for conformal intervals: at random,
        or whole ``groups`` (n,) of them, or the latest in ``time`` (n,), or your own ``validation_data``, which is
        (X, y) or (X, y, sample_weight). Where nothing is held out, ``groups`` and ``time`` change nothing.
        """
        return self._fit(X, y, sample_weight, validation_data, groups, time)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One more pass over these rows, with the learning rate at its start.

        The first call learns the columns and the scale of y. Early stopping does not apply to a single pass, and
        nothing is held out: call ``score`` on rows of your own.
        """
        return one_pass(self, X, y, sample_weight)

    # -- what depends on numbers -----------------------------------------------------------------------------------

    def _check_y(self, y: Any) -> np.ndarray:
        values = numbers(y)
        if values.size and np.abs(values).max() > LARGEST:
            raise ValueError(f"y holds {np.abs(values).max():.3g}, beyond {LARGEST:g} squares overflow; rescale y.")
        return values

    def _choose(self, y: np.ndarray, w: np.ndarray, classes: Any = None) -> tuple[Any, Family, str]:
        facts = facts_of_numbers(y, w)
        if isinstance(self.family, str) and self.family == "auto":
            family, why = choose("regression", facts)
        else:
            family = resolve(self.family, "reals", facts.k)
            why = f"family={self.family!r} was asked for."
        return number_codec(family.target, y, w, **family.codec), family, why

    # -- predicting ------------------------------------------------------------------------------------------------

    def predict(self, X: Any) -> np.ndarray:
        """What the family predicts: the mean, or the quantile nearest the median; in y's units and shape."""
        return self._from_raw(self._raw(self._encoded(X)))

    def _from_raw(self, z: np.ndarray) -> np.ndarray:
        return by_rows(lambda z: self._target.decode(np.mean([self.family_.predict(own) for own in z], axis=0)), z)

    def predict_quantile(self, X: Any, q: Any) -> np.ndarray:
        """The quantile of level q of y at each row, in y's units and shape; for several levels a last axis more.

        The members' distributions are mixed, never their parameters.
        """
        levels = np.atleast_1d(np.asarray(q, float))
        if not ((levels > 0) & (levels < 1)).all():
            raise ValueError(f"q must lie in (0, 1), got {q!r}.")
        z = self._raw(self._encoded(X))
        found = np.stack([self._target.decode(intervals.quantile(self, z, float(level))) for level in levels], axis=-1)
        return found if np.ndim(q) else found[..., 0]

    def predict_interval(self, X: Any, level: float = 0.9, method: str = "auto") -> np.ndarray:
        """The interval that holds y with this probability: (n, 2), or (n, k, 2) for k targets; whole numbers of counts.

        method : "distribution" takes the central interval of the family's distribution, "conformal" what the
        held-out rows say, whatever the noise: the prediction, plus and minus a multiple of the family's own spread (its
        quantiles, moved, for the quantile family), so wide that it covers held-out rows and one row more. Up to 100
        rows they are cross-validated. "auto" is conformal from 20 such rows on, where they are enough for the level
        (1 / (1 - level) - 1).

        Sources: Lei et al. 2018; Romano et al. 2019. Each of several targets has an interval of its own level.
        """
        if not (isinstance(level, Real) and 0 < level < 1):
            raise ValueError(f"level must lie in (0, 1), got {level!r}.")
        if method not in ("auto", "distribution", "conformal"):
            raise ValueError(f"method must be 'auto', 'distribution' or 'conformal', got {method!r}.")
        level, rows = float(level), conformal.size(self.conformal_)
        enough = rows >= conformal.fewest(level)
        if method == "conformal" and not (self.conformal_ and enough):
            raise ValueError(
                f"method='conformal' needs {conformal.fewest(level)} held-out rows for level={level:g}, and this fit "
                f"has {rows:g}; hold out more (validation_fraction, validation_data) or use method='distribution'."
            )
        trusted = rows >= conformal.FEWEST_ROWS or not intervals.has_distribution(self.family_)
        if method == "conformal" or (method == "auto" and self.conformal_ and enough and trusted):
            edges = intervals.conformal_edges(self, self._raw(self._encoded(X)), level)
        else:
            edges = self.predict_quantile(X, [(1 - level) / 2, (1 + level) / 2])
        return intervals.within_limits(self._target, edges)

    def _judge(self, z: np.ndarray, y: np.ndarray, w: np.ndarray, held: bool) -> None:
        self.conformal_ = None
        if held and isinstance(self.family_, Quantile):
            self.conformal_ = conformal.quantile_scores(intervals.quantiles(self, z), y, w)
        elif held:
            error = y - np.mean([self.family_.predict(own) for own in z], axis=0)
            self.conformal_ = conformal.residual_scores(error, intervals.spread(self, z), w)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R2, averaged over targets; D2 of quantiles (explained pinball loss) and of counts (explained deviance)."""
        y = numbers(y)
        w = check_weights(sample_weight, len(y))
        z = self._raw(self._encoded(X))
        if z.shape[1] != len(y):
            raise ValueError(f"X has {z.shape[1]} rows and y has {len(y)}.")
        encoded = self._target.encode(y)
        if isinstance(self.family_, Quantile):
            return self.family_.score(intervals.quantiles(self, z).reshape(len(y), -1), encoded, w)
        if self._target.kind != "counts":
            predicted = self._target.decode(np.mean([self.family_.predict(own) for own in z], axis=0))
            return r2(predicted.reshape(len(y), -1), y.reshape(len(y), -1), w)
        constant = np.broadcast_to(self.family_.intercept(encoded, w), z.shape[1:])
        loss = np.mean([self.family_.loss(own, encoded) for own in z], axis=0)
        return explained_deviance(loss, self.family_.loss(constant, encoded), self.family_.floor(encoded), w)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = True
        return tags
