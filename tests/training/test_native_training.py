"""The kernel's steps beside XLA's: the same numbers to rounding, whatever the network, loss, rule and processor."""

import dataclasses
import warnings
from functools import partial

import jax
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone

from tests.helpers.kernels import by_helpers, instructions
from tests.helpers.trees import close, same_bits
from wellfit import MLPClassifier, MLPRegressor, NeuralClassifier, NeuralRegressor
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.generalized_normal import GeneralizedNormal
from wellfit.families.huber import Huber
from wellfit.families.laplace import Laplace
from wellfit.families.log_cosh import LogCosh
from wellfit.families.normal import Normal
from wellfit.families.pseudo_huber import PseudoHuber
from wellfit.families.quantile import Quantile
from wellfit.families.student_t import StudentT
from wellfit.functions.schedules import Cosine, InverseScaling, Plateau
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.noise import GaussianNoise
from wellfit.layers.periodic import Periodic
from wellfit.native import library
from wellfit.native.scaled_rows import ScaledRows
from wellfit.networks.network import Network
from wellfit.optimizers.adagrad import AdaGrad
from wellfit.optimizers.adam import Adam
from wellfit.optimizers.adamw import AdamW
from wellfit.optimizers.amsgrad import AMSGrad
from wellfit.optimizers.momentum import Momentum
from wellfit.optimizers.nesterov import Nesterov
from wellfit.optimizers.rmsprop import RMSProp
from wellfit.optimizers.sgd import SGD
from wellfit.training import loop, native_network, native_plan
from wellfit.training.fit import fit
from wellfit.training.plan import Data, Plan

pytestmark = pytest.mark.skipif(not library.available(), reason=library.about())


def some(names, *quick):
    """The names, those that are not quick marked slow: each costs a program of XLA's, two or three seconds."""
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in names]


@pytest.fixture
def seen(monkeypatch):
    """Of each member that was trained, whether a kernel did it."""
    found = []
    plain = loop.Member.__init__

    def init(self, *args):
        plain(self, *args)
        found.append(self.native is not None)

    monkeypatch.setattr(loop.Member, "__init__", init)
    return found


def rows(n=230, columns=7, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, columns))
    z = X @ rng.normal(size=(columns, 3))
    return X, {
        "bernoulli": (z[:, 0] > 0).astype(int),
        "categorical": z.argmax(axis=1),
        "multilabel": (z > 0).astype(int),
        "normal": z[:, :2],
        "poisson": rng.poisson(np.exp(z[:, :2] / 3)).astype(float),
        "negative_binomial": rng.negative_binomial(2, 1 / (1 + np.exp(z[:, :2] / 2))).astype(float),
    }


def network(outputs, *layers):
    return Network((*layers, Dense(outputs)))


HIDDEN = {
    "none": (),
    "relu": (Dense(20), Activation("relu")),
    "two": (Dense(33), Activation("relu"), Dense(18), Activation("tanh")),
    "three": (Dense(5), Activation("sigmoid"), Dense(17), Activation("identity"), Dense(40), Activation("relu")),
    "dropout": (Dense(24), Activation("relu"), Dropout(0.3), Dense(16), Activation("relu"), Dropout(0.1)),
    "large": (Dense(300), Activation("relu"), Dense(120), Activation("relu"), Dropout(0.2)),
}
OUTPUTS = {"bernoulli": 1, "categorical": 3, "multilabel": 3, "normal": 2, "poisson": 2, "negative_binomial": 4}


BENDS = ("sigmoid", "tanh", "leaky_relu", "elu", "selu", "silu", "gelu", "gelu_tanh", "mish", "softplus")
LEVELS = (3, 40, 5, 20)
ENTRANCES = {
    "numbers": Tabular(),
    "waves": Tabular(waves=Periodic((0, 2, 6))),
    "few waves": Tabular(waves=Periodic((6, 1), frequencies=5, mixtures=1)),
    "many waves": Tabular(waves=Periodic((1,), frequencies=37, mixtures=4)),
    "indicators": Tabular(Embedding(LEVELS, (0, 0, 0, 0))),
    "vectors": Tabular(Embedding(LEVELS, (0, 8, 0, 5))),
    "all": Tabular(Embedding(LEVELS, (2, 0, 0, 3)), Periodic((5, 0), mixtures=2)),
}


def of_a_table(X):
    """The rows with codes of categories beside them, of which two tell something."""
    rng = np.random.default_rng(5)
    codes = rng.integers(0, LEVELS, size=(len(X), len(LEVELS)))
    codes[:, 1] = np.clip(10 * X[:, 0] + 20, 0, 39)
    codes[:, 2] = X[:, 1] > 0
    return {"numeric": X, "codes": codes.astype(np.int32)}


def train(family, hidden, entrance=None, times=1, **changes):
    X, targets = rows(230 * times)
    layers = HIDDEN[hidden]
    if entrance is not None:
        X, layers = of_a_table(X), (ENTRANCES[entrance], *layers)
    options = {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 32, "max_epochs": 6, "seed": 3} | changes
    return fit(network(OUTPUTS[family], *layers), family, X, targets[family], **options)


@pytest.fixture
def like_xla(by_xla, seen):
    """A check that the kernel's numbers are XLA's: in float64 to rounding, in float32 the losses nearly.

    Adam makes steps of one size of the smallest gradients: float32's rounding shows in single parameters.
    """

    def check(trained, single_tolerance=1e-3):
        ours, single = trained(dtype=np.float64), trained()
        by_xla()
        xla = trained(dtype=np.float64)
        assert seen == [True, True, False]
        close(ours.params, xla.params, 1e-8)
        np.testing.assert_allclose(ours.history["loss"], xla.history["loss"], rtol=1e-9)
        np.testing.assert_allclose(single.history["loss"], xla.history["loss"], rtol=single_tolerance)

    return check


PAIRS = [*(("categorical", hidden) for hidden in HIDDEN), *((family, "relu") for family in OUTPUTS if family[0] != "c")]


@pytest.mark.parametrize(("family", "hidden"), [*PAIRS, ("bernoulli", "none"), ("normal", "large")])
def test_a_fit_has_the_numbers_of_xla(family, hidden, like_xla):
    like_xla(partial(train, family, hidden), 2e-3)


@pytest.mark.parametrize(
    ("entrance", "hidden"), [*((entrance, "dropout") for entrance in ENTRANCES), ("all", "none"), ("all", "large")]
)
def test_so_it_has_for_the_rows_of_a_table(entrance, hidden, like_xla):
    options = {"batch_size": 50, "optimizer": AdamW(0.01, weight_decay=0.1), "l2": 0.5, "max_epochs": 4}
    like_xla(partial(train, "categorical", hidden, entrance, **options))


@pytest.mark.parametrize("l1", some([None, (None, None, None), (0.5, None, 2.0)], (0.5, None, 2.0)))
def test_priors_of_each_layer_are_those_of_xla(l1, by_xla, seen):
    X, targets = rows(300)
    table = pd.DataFrame(X, columns=list("abcdefg")).assign(
        kind=[f"k{level}" for level in of_a_table(X)["codes"][:, 1]]
    )
    options = {"hidden": (20, 12), "numeric_embedding": "periodic", "max_epochs": 3, "random_state": 0}
    made = NeuralClassifier(l1=l1, l2=(4.0, None, 1.0), max_norm=(None, 0.8, None), **options)
    ours = made.fit(table, targets["categorical"]).params_
    by_xla()
    close(ours, made.fit(table, targets["categorical"]).params_, 1e-4)
    assert set(seen) == {True, False}


def test_a_table_without_numbers_is_taken(by_xla, seen):
    X, targets = rows()
    table = of_a_table(X) | {"numeric": X[:, :0]}
    made = network(3, ENTRANCES["vectors"], *HIDDEN["relu"])
    options = {"optimizer": "adam", "max_epochs": 3, "dtype": np.float64}
    ours = fit(made, "categorical", table, targets["categorical"], **options)
    by_xla()
    close(ours.params, fit(made, "categorical", table, targets["categorical"], **options).params, 1e-8)
    assert seen == [True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 1, "max_epochs": 2},
        {"batch_size": 5},
        {"batch_size": 64, "l2": 3.0},
        {"batch_size": 200},
        {"batch_size": 230},
        {"batch_size": "full", "max_epochs": 20, "l2": 1.0},
        {"optimizer": AdamW(0.01, weight_decay=0.3)},
        {"optimizer": Adam(Cosine(0.02), weight_decay=Cosine(0.2))},
        {"optimizer": SGD(Cosine(0.05), weight_decay=0.1), "l2": 1.0},
        {"optimizer": Momentum(0.02, weight_decay=0.1), "l2": 1.0},
        {"optimizer": Nesterov(Cosine(0.02), weight_decay=0.1, momentum=0.8), "dtype": np.float64},
        {"optimizer": RMSProp(Cosine(0.01), decay=0.8, delta=1e-6), "l2": 1.0, "dtype": np.float64},
        {"optimizer": AdaGrad(0.02, weight_decay=0.1), "dtype": np.float64},
        {"optimizer": AMSGrad(0.01, beta2=0.9, weight_decay=0.1), "l2": 1.0, "dtype": np.float64},
        {"weights": np.arange(230) % 4},
        {"weights": np.linspace(0.1, 2, 230), "l2": 1.0},
        {"dtype": np.float64},
        {"members": 3},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_so_it_has_with_other_settings(changes, by_xla, seen):
    ours = train("categorical", "dropout", **changes)
    by_xla()
    xla = train("categorical", "dropout", **changes)
    assert seen[0]
    assert not seen[-1]
    close(ours.params, xla.params, 1e-9 if "dtype" in changes else 2e-4)


OPTIONS = [{}, {"early_stopping": True}, {"activation": "logistic", "alpha": 0.0}, {"dropout": 0.2}]
BY_RULE = [*((np.float64, options) for options in OPTIONS), (np.float32, {})]


@pytest.mark.filterwarnings("ignore:.*aximum:UserWarning")
@pytest.mark.parametrize(("dtype", "options"), BY_RULE)
@pytest.mark.parametrize("family", some(["bernoulli", "categorical", "multilabel", "normal"], "categorical", "normal"))
def test_so_have_fits_by_scikit_learns_rule(family, dtype, options, by_xla, seen):
    X, targets = rows(400)
    model = MLPRegressor if family == "normal" else MLPClassifier
    common = {"hidden_layer_sizes": (30,), "batch_size": 50, "max_iter": 8, "n_iter_no_change": 9, "tol": 0.0}
    made = model(random_state=1, **common, **options)
    ours = made.fit(X.astype(dtype), targets[family])
    coefs, losses = ours.coefs_, ours.loss_curve_
    by_xla()
    made.fit(X.astype(dtype), targets[family])
    assert seen == [True, False]
    tolerance = 1e-9 if dtype == np.float64 else 3e-4
    close(coefs, made.coefs_, tolerance)
    np.testing.assert_allclose(losses, made.loss_curve_, rtol=max(tolerance / 10, 1e-11))


@pytest.mark.filterwarnings("ignore:.*aximum:UserWarning")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_so_has_its_poisson_regression(dtype, by_xla, seen):
    X, targets = rows(400)
    made = MLPRegressor(loss="poisson", hidden_layer_sizes=(30,), batch_size=50, max_iter=8, random_state=1)
    ours = made.fit(X.astype(dtype), targets["poisson"][:, 0])
    coefs, losses = ours.coefs_, ours.loss_curve_
    by_xla()
    made.fit(X.astype(dtype), targets["poisson"][:, 0])
    assert seen == [True, False]
    close(coefs, made.coefs_, 1e-9 if dtype == np.float64 else 3e-4)
    np.testing.assert_allclose(losses, made.loss_curve_, rtol=1e-9 if dtype == np.float64 else 1e-5)


@pytest.mark.parametrize("hidden", ["large", "relu"])
def test_rows_that_are_mostly_zero_have_the_numbers_of_xla(hidden, like_xla):
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 30, (400, 3))
    X = np.eye(30)[levels].reshape(400, 90)
    options = {"optimizer": "adam", "batch_size": 128, "max_epochs": 4, "seed": 3}
    like_xla(partial(fit, network(3, *HIDDEN[hidden]), "categorical", X, levels[:, 0] % 3, **options))


@pytest.mark.parametrize("dropout", some([(), (Dropout(0.2),)], (Dropout(0.2),)), ids=["", "dropout"])
@pytest.mark.parametrize("name", [*BENDS, None])
def test_activations_are_those_of_xla(name, dropout, like_xla):
    X, targets = rows()
    hidden = (() if name is None else (Activation(name),)) + dropout
    made = network(3, Dense(21), *hidden, Dense(11), *hidden)
    options = {"optimizer": "adam", "learning_rate": 0.01, "max_epochs": 4, "seed": 3}
    like_xla(partial(fit, made, "categorical", 3 * X, targets["categorical"], **options), 1e-4)


ERRORS = {
    "laplace": "laplace",
    "laplace of a scale": Laplace(scale=0.3),
    "student_t": StudentT(df=3.0, scale=0.5),
    "log_cosh": LogCosh(scale=0.4),
    "normal": Normal(scale=0.6),
    "huber": Huber(0.7),
    "pseudo_huber": PseudoHuber(0.7),
    "quantile": Quantile((0.1, 0.5, 0.8)),
}


@pytest.mark.parametrize("optimizer", ["rmsprop", "adagrad", "amsgrad"])
def test_all_methods_descend_tile_by_tile_as_in_xla(optimizer, like_xla):
    like_xla(partial(train, "categorical", "large", optimizer=optimizer, learning_rate=1e-3, max_epochs=3))


LIMITS = {
    "value": {"clip_value": 0.02},
    "norm": {"clip_norm": 0.1},
    "both": {"clip_value": 0.05, "clip_norm": 0.1, "l2": 10.0},
    "norm that is not reached": {"clip_norm": 1e3},
    "max_norm": {"max_norm": 0.9},
    "max_norm and norm": {"max_norm": 0.9, "clip_norm": 0.1},
}


@pytest.mark.parametrize("hidden", ["relu", "large"])
@pytest.mark.parametrize("name", some(LIMITS, "both", "max_norm and norm"))
def test_limits_are_those_of_xla(name, hidden, like_xla):
    options = {"optimizer": "momentum", "learning_rate": 0.05, "max_epochs": 3} | LIMITS[name]
    like_xla(partial(train, "categorical", hidden, **options))


def test_limits_bind_in_the_entrance_of_a_table_as_in_xla(like_xla):
    like_xla(partial(train, "categorical", "relu", "all", max_norm=0.7, clip_norm=0.2, optimizer="sgd", max_epochs=3))


def test_limits_do_something():
    for name in ("value", "norm", "max_norm"):
        params = train("categorical", "relu", optimizer="sgd", max_epochs=2).params
        with pytest.raises(AssertionError):
            close(params, train("categorical", "relu", optimizer="sgd", max_epochs=2, **LIMITS[name]).params, 1e-4)


def sparse_rows(dtype):
    """Dense rows, the same in CSR, and y: a row of zeros, one without, and one with a place that comes twice."""
    X, targets = rows(300, 150)
    X = np.where(np.abs(X) > 1.5, X, 0).astype(dtype)
    X[7], X[8] = 0, 1
    kept = scipy.sparse.csr_matrix(X)
    twice = (np.r_[kept.data, 0.5], np.r_[kept.indices, kept.indices[-1]], kept.indptr + (np.arange(301) == 300))
    X[-1, kept.indices[-1]] += 0.5
    return X, scipy.sparse.csr_matrix((twice[0].astype(dtype), *twice[1:]), shape=X.shape), targets["categorical"]


@pytest.mark.filterwarnings("ignore:.*aximum:UserWarning")
@pytest.mark.parametrize("hidden", [(30,), (300, 120)])
@pytest.mark.parametrize("dtype", some([np.float32, np.float64], np.float64))
def test_sparse_rows_have_the_numbers_of_xla_and_the_bits_of_dense_ones(dtype, hidden, by_xla, seen):
    dense, X, y = sparse_rows(dtype)
    made = MLPClassifier(hidden, batch_size=64, max_iter=4, random_state=1, early_stopping=True)
    ours, of_dense = clone(made).fit(X, y), clone(made).fit(dense, y)
    by_xla()
    xla = made.fit(X, y)
    assert seen == [True, True, False]
    same_bits(ours.coefs_, of_dense.coefs_)
    close(ours.coefs_, xla.coefs_, 1e-8 if dtype == np.float64 else 3e-4)
    np.testing.assert_allclose(ours.loss_curve_, xla.loss_curve_, rtol=1e-9 if dtype == np.float64 else 1e-4)


def test_sparse_rows_of_a_table_are_taken_unless_a_step_has_too_many(seen):
    X = scipy.sparse.random_array((300, 9000), density=0.01, format="csr", rng=0)
    y = (X[:, :50].sum(axis=1) > 0.2).astype(int)
    for batch, taken in ((256, True), (2000, False)):
        if not taken:
            X, y = scipy.sparse.vstack([X] * 8, format="csr"), np.tile(y, 8)
        NeuralClassifier(hidden=(8,), max_epochs=1, batch_size=batch, n_members=1).fit(X, y)
        assert seen[-1] == taken


ENTERING = {
    "dropout": (Dropout(Cosine(0.4)),),
    "noise": (GaussianNoise(0.3),),
    "noise and dropout": (GaussianNoise(Cosine(0.5)), Dropout(0.2)),
}


@pytest.mark.parametrize("hidden", some(["none", "dropout", "large"], "dropout"))
@pytest.mark.parametrize("noise", ENTERING)
def test_noise_on_inputs_is_that_of_xla(noise, hidden, by_xla, seen):
    X, targets = rows()
    made = network(3, *ENTERING[noise], *HIDDEN[hidden])
    options = {"optimizer": "sgd", "learning_rate": 0.1, "max_epochs": 3, "dtype": np.float64, "seed": 2}
    trained = partial(fit, made, "categorical", X, targets["categorical"], **options)
    ours = trained()
    by_xla()
    xla = trained()
    assert seen == [True, False]
    close(ours.params, xla.params, 1e-8 if noise == "dropout" else 1e-6)  # XLA's noise is of float32


@pytest.mark.parametrize("entrance", some(["waves", "vectors", "all"], "all"))
def test_noise_after_the_entrance_of_a_table_is_that_of_xla(entrance, by_xla, seen):
    X, targets = rows()
    made = network(3, ENTRANCES[entrance], *ENTERING["noise and dropout"], *HIDDEN["relu"])
    options = {"optimizer": "sgd", "learning_rate": 0.1, "max_epochs": 3, "dtype": np.float64, "seed": 2}
    trained = partial(fit, made, "categorical", of_a_table(X), targets["categorical"], **options)
    ours = trained()
    by_xla()
    xla = trained()
    assert seen == [True, False]
    close(ours.params, xla.params, 1e-6)


SPARSE = {
    "adam": {"optimizer": "adam", "l1": 4.0},
    "momentum": {"optimizer": Momentum(0.05, weight_decay=0.1), "l1": 2.0, "l2": 1.0},
    "clipped": {"optimizer": "sgd", "l1": 2.0, "clip_norm": 0.3, "max_norm": 2.0},
    "all rows": {"optimizer": AdamW(0.01), "l1": 2.0, "batch_size": "full", "max_epochs": 30},
    "weights": {"optimizer": "adam", "l1": 4.0, "weights": np.arange(230) % 4},
}


OF_L1 = [("dropout", None, name) for name in SPARSE] + [("two", "all", "adam"), ("large", None, "adam")]


@pytest.mark.parametrize("case", some(OF_L1, OF_L1[2], *OF_L1[-2:]), ids=str)
def test_zeros_of_l1_are_those_of_xla(case, by_xla, seen):
    hidden, entrance, name = case
    options = {"learning_rate": 0.01, "dtype": np.float64} | SPARSE[name]
    trained = partial(train, "categorical", hidden, entrance, **options)
    ours = trained()
    by_xla()
    xla = trained()
    assert seen == [True, False]
    close(ours.params, xla.params, 1e-8)
    zeros = jax.tree.map(lambda leaf: leaf == 0, ours.params)
    same_bits(zeros, jax.tree.map(lambda leaf: np.asarray(leaf) == 0, xla.params))
    assert zeros[len(zeros) - 1]["weight"].any()


@pytest.mark.parametrize("smoothing", some([0.0, 0.1, 0.6], 0.1))
@pytest.mark.parametrize("family", [Bernoulli, partial(Categorical, classes=3)])
def test_smoothed_classes_are_those_of_xla(family, smoothing, like_xla):
    X, targets = rows(300)
    made = family(smoothing=smoothing)
    classes = 1 if isinstance(made, Bernoulli) else 3
    y = targets["bernoulli" if classes == 1 else "categorical"]
    options = {"optimizer": "adam", "batch_size": 50, "max_epochs": 5, "seed": 1, "weights": np.arange(300) % 3}
    like_xla(partial(fit, network(classes, *HIDDEN["relu"]), made, X, y, validation=(X, y), **options))


@pytest.mark.parametrize("targets", some([1, 2], 2))
@pytest.mark.parametrize("family", ERRORS.values(), ids=ERRORS)
def test_losses_of_errors_are_those_of_xla(family, targets, like_xla):
    X, y = rows(300)
    made = network(targets * (3 if isinstance(family, Quantile) else 1), *HIDDEN["relu"])
    options = {"optimizer": "adam", "batch_size": 50, "max_epochs": 5, "seed": 1, "weights": np.arange(300) % 3}
    like_xla(partial(fit, made, family, X, y["normal"][:, :targets], **options))


SCALED = {
    "normal": Normal(learn_scale=True),
    "laplace": Laplace(learn_scale=True),
    "student_t": StudentT(df=4.0, learn_scale=True),
    "log_cosh": LogCosh(learn_scale=True),
}


@pytest.mark.parametrize("targets", some([1, 2], 2))
@pytest.mark.parametrize("family", SCALED.values(), ids=SCALED)
def test_learnt_scales_are_those_of_xla(family, targets, like_xla):
    X, y = rows(300)
    options = {"optimizer": "adam", "batch_size": 50, "max_epochs": 5, "seed": 1, "weights": np.arange(300) % 3}
    y = y["normal"][:, :targets]
    like_xla(partial(fit, network(2 * targets, *HIDDEN["relu"]), family, X, y, validation=(X, y), **options), 2e-3)


def test_counts_that_vary_little_or_wildly_are_those_of_xla(like_xla):
    X, _ = rows(300)
    y = np.round(np.exp(3 * X[:, 0]))[:, None] * np.array([1, 50])
    like_xla(
        partial(fit, network(4, *HIDDEN["relu"]), "negative_binomial", X, y, optimizer="adam", max_epochs=3, seed=0)
    )


DESCENTS = {
    "momentum": {"nesterovs_momentum": False},
    "nesterov": {"momentum": 0.8},
    "plain": {"momentum": 0.0, "nesterovs_momentum": False},
    "inverse scaling": {"learning_rate": "invscaling"},
    "adaptive": {"learning_rate": "adaptive", "learning_rate_init": 0.5, "tol": 1e-3, "max_iter": 200},
    "adaptive by held-out rows": {"learning_rate": "adaptive", "early_stopping": True, "max_iter": 60},
}


@pytest.mark.filterwarnings("ignore:.*aximum:UserWarning")
@pytest.mark.parametrize("options", DESCENTS.values(), ids=DESCENTS)
def test_so_has_its_gradient_descent(options, by_xla, seen):
    X, targets = rows(400)
    common = {"hidden_layer_sizes": (30,), "batch_size": 50, "max_iter": 8, "n_iter_no_change": 3, "tol": 0.0}
    made = MLPClassifier(solver="sgd", random_state=1, **common | {"learning_rate_init": 0.05} | options)
    ours = made.fit(X, targets["categorical"])
    coefs, losses, epochs = ours.coefs_, ours.loss_curve_, ours.n_iter_
    by_xla()
    made.fit(X, targets["categorical"])
    assert seen == [True, False]
    assert epochs == made.n_iter_
    close(coefs, made.coefs_, 1e-7)
    np.testing.assert_allclose(losses, made.loss_curve_, rtol=1e-8)


# 300 columns are no whole lines of a tile, 120 are; 40,000 weights are more than a piece.
LARGE = {
    "adam": {},
    "nesterov": {"solver": "sgd"},
    "momentum": {"solver": "sgd", "nesterovs_momentum": False},
    "plain": {"solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False},
}


def by_classifier(**options):
    """A large network of scikit-learn's algorithm, whose prior is in its loss."""
    X, targets = rows(300)
    made = MLPClassifier((300, 120), alpha=3.0, batch_size=64, max_iter=4, random_state=1, **options)
    return made.fit(X, targets["categorical"])


@pytest.mark.filterwarnings("ignore:.*aximum:UserWarning")
@pytest.mark.parametrize("options", LARGE.values(), ids=LARGE)
def test_tile_by_tile_large_networks_descend_as_in_xla(options, by_xla, seen):
    ours = by_classifier(**options)
    by_xla()
    xla = by_classifier(**options)
    assert seen == [True, False]
    np.testing.assert_allclose(ours.loss_curve_, xla.loss_curve_, rtol=1e-9)
    close((ours.coefs_, ours.intercepts_), (xla.coefs_, xla.intercepts_), 1e-7)


@pytest.mark.filterwarnings("ignore:.*aximum:UserWarning")
def test_no_sum_over_tiles_depends_on_how_many_help():
    found = by_helpers(lambda: by_classifier().loss_curve_)
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("limits", [{}, {"clip_norm": 0.1, "max_norm": 0.9}, {"l1": 4.0}], ids=["", "limits", "l1"])
@pytest.mark.parametrize("entrance", [None, "all"])
@pytest.mark.parametrize("hidden", ["two", "dropout", "large"])
def test_no_bit_depends_on_how_many_help(hidden, entrance, limits):
    options = {"batch_size": 128} | limits
    same_bits(*by_helpers(lambda: train("categorical", hidden, entrance, **options).params))


def train_wide(**changes):
    """Layers whose way back is cut by the number of threads, and whose first tiles are all lines of some columns."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(500, 40))
    made = network(3, Dense(640), Activation("relu"), Dense(520), Activation("relu"))
    options = {"optimizer": "adam", "batch_size": 200, "max_epochs": 3, "seed": 0} | changes
    return fit(made, "categorical", X, (X @ rng.normal(size=(40, 3))).argmax(axis=1), **options)


def test_no_bit_of_wide_layers_depends_on_how_many_help():
    same_bits(*by_helpers(lambda: train_wide().params))


# Widths that leave narrow groups and panels, batches with an odd row and with a short rest, and rows that are mostly 0:
# two rows go through a product together, always the same two.
CUTS = {
    "odd batch": ((230, 175), 81, 1.0),
    "one row more than a block": ((331, 70), 129, 1.0),
    "sparse rows": ((193, 64), 65, 0.1),
    "deep": ((144, 209, 97), 257, 1.0),
}


@pytest.mark.filterwarnings("ignore:.*aximum:UserWarning")
@pytest.mark.parametrize("kind", library.INSTRUCTIONS)
@pytest.mark.parametrize(("hidden", "batch", "filled"), CUTS.values(), ids=CUTS)
def test_pairs_of_rows_are_the_same_however_a_product_is_cut(hidden, batch, filled, kind):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 90)).astype(np.float32)
    X *= rng.random(X.shape) < filled
    y = rng.integers(0, 3, 400)
    made = MLPClassifier(hidden, batch_size=batch, max_iter=2, random_state=0)
    with instructions(kind):
        same_bits(*by_helpers(lambda: made.fit(X, y).coefs_, (0, 1, 2, 5)))


@pytest.mark.slow
def test_wide_layers_have_the_numbers_of_xla(like_xla):
    like_xla(train_wide)


@pytest.mark.parametrize("hidden", ["relu", "large"])
def test_noise_is_the_same_whoever_asks_for_it(hidden):
    X, targets = rows()
    made = network(3, ENTRANCES["all"], *ENTERING["noise and dropout"], *HIDDEN[hidden])
    options = {"optimizer": "adam", "batch_size": 128, "max_epochs": 3, "seed": 0}
    of = partial(fit, made, "categorical", of_a_table(X), targets["categorical"], **options)
    same_bits(*by_helpers(lambda: of().params))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", library.INSTRUCTIONS)
def test_every_kind_of_instructions_has_the_same_numbers(kind, dtype):
    best = train("categorical", "three", "all", dtype=dtype)
    large = train("normal", "large", dtype=dtype, max_epochs=2)
    tolerance = 1e-9 if dtype == np.float64 else 1e-4
    with instructions(kind):
        close(train("categorical", "three", "all", dtype=dtype).params, best.params, tolerance)
        close(train("normal", "large", dtype=dtype, max_epochs=2).params, large.params, tolerance)


def test_slices_change_no_bit():
    whole = train("bernoulli", "dropout")
    by_epoch = train("bernoulli", "dropout", callback=lambda progress: False)
    same_bits(whole.params, by_epoch.params)


JUDGED = {
    "best epoch": {},
    "patience": {"patience": 1, "learning_rate": 0.1, "max_epochs": 30},
    "plateau": {"optimizer": Adam(Plateau(0.1, factor=0.3, patience=0)), "max_epochs": 12},
    "inverse scaling": {"optimizer": AdamW(InverseScaling(0.05, rows=230.0)), "max_epochs": 8},
    "all rows": {"batch_size": "full", "optimizer": Adam(Plateau(0.1, patience=0)), "max_epochs": 40, "patience": 3},
    "momentum": {"optimizer": Momentum(0.3), "max_epochs": 12},
}


@pytest.mark.parametrize("options", JUDGED.values(), ids=JUDGED)
@pytest.mark.parametrize("family", some(["categorical", "normal", "negative_binomial"], "negative_binomial"))
def test_held_out_rows_judge_as_they_do_in_xla(family, options, by_xla, seen):
    X, targets = rows(150, seed=4)
    validation = (X, targets[family][::-1] if family == "categorical" else targets[family])
    common = {"batch_size": 32, "max_epochs": 6, "l2": 0.1, "dtype": np.float64, "validation": validation} | options
    ours = train(family, "two", **common)
    by_xla()
    xla = train(family, "two", **common)
    assert seen == [True, False]
    assert (ours.status, ours.n_iter, ours.best_epoch) == (xla.status, xla.n_iter, xla.best_epoch)
    for name in ("loss", "validation_loss"):
        np.testing.assert_allclose(ours.history[name], xla.history[name], rtol=1e-8)
    close(ours.params, xla.params, 1e-7)


@pytest.mark.parametrize("clip_norm", [None, 1.0])
@pytest.mark.parametrize("optimizer", some(["adamw", "momentum", "sgd", "rmsprop", "amsgrad"], "momentum", "amsgrad"))
def test_a_failed_epoch_is_undone_as_in_xla(optimizer, clip_norm, by_xla):
    X, targets = rows()
    options = {"optimizer": optimizer, "learning_rate": 1e200, "max_epochs": 2, "seed": 3, "dtype": np.float64}
    options["clip_norm"] = clip_norm
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = fit(network(2, *HIDDEN["relu"]), "normal", 1e100 * X, targets["normal"], **options)
        by_xla()
        xla = fit(network(2, *HIDDEN["relu"]), "normal", 1e100 * X, targets["normal"], **options)
    assert (ours.status, ours.n_iter) == (xla.status, xla.n_iter)
    close(ours.params, xla.params, 1e-7)


def test_members_have_the_same_bits_alone_and_in_a_crowd():
    crowd = train("normal", "two", members=5)
    alone = train("normal", "two")
    same_bits(jax.tree.map(lambda leaf: leaf[:1], crowd.params), alone.params)


@pytest.mark.filterwarnings("ignore:Training diverged")
def test_a_loss_that_is_not_finite_rolls_back(seen):
    X, targets = rows()
    options = {"optimizer": "adam", "learning_rate": 1e20, "max_epochs": 3}
    found = fit(network(2, *HIDDEN["relu"]), "normal", 1e19 * X, targets["normal"], **options)
    assert seen[0]
    assert found.status in ("finished", "diverged")
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(found.params))


NOT_TAKEN = {
    "noise": {"weight_noise": 0.1},
    "another optimizer": {"optimizer": "natural_gradient"},
    "all of many rows": {"batch_size": "full", "times": 20},
}


@pytest.mark.parametrize("changes", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_the_kernel_cannot_do_is_xlas(changes, seen):
    train("bernoulli", "relu", max_epochs=1, **changes)
    assert not seen[0]


OTHERS = [
    (Dense(8, bias=False),),
    (Activation("relu"), Dense(8)),
    (Dense(8), Activation("hard_swish")),
    (Dropout(0.1), Dropout(0.1), Dense(8)),
    (Dropout(0.1), GaussianNoise(0.1), Dense(8)),
    (Dense(8), GaussianNoise(0.1)),
    (Dense(8), Dropout(0.1), Activation("relu")),
    (Dense(8), Dropout(0.1), Dropout(0.1)),
    (Dense(8), Tabular()),
    (Tabular(waves=Periodic((0,), mixtures=5)), Dense(8)),
    (Tabular(waves=Periodic(())), Dense(8)),
    (Tabular(Embedding((3,) * 61, (1,) * 61)), Dense(8)),
]


def test_other_networks_and_losses_are_xlas():
    X, targets = rows()
    data = Data(X.astype("f"), targets["normal"].astype("f"), np.ones(len(X), "f"))
    plan = Plan(network(2, *HIDDEN["relu"]), Normal(targets=2), Adam())
    assert native_plan.takes(plan, data)
    for layers in OTHERS:
        assert not native_plan.takes(dataclasses.replace(plan, network=network(2, *layers)), data)
    ends = Network((Dense(2), Activation("relu")))
    assert not native_plan.takes(dataclasses.replace(plan, network=ends), data)
    assert not native_plan.takes(dataclasses.replace(plan, family=GeneralizedNormal(targets=2)), data)
    assert not native_plan.takes(plan, data._replace(x={"a": data.x}))


@pytest.mark.parametrize("hidden", ["auto", (16,)])
def test_estimators_take_it(hidden, seen):
    X, targets = rows(700)
    NeuralClassifier(hidden=hidden, max_epochs=2, n_members=1).fit(X, targets["categorical"])
    assert seen[0]


@pytest.mark.parametrize("family", OUTPUTS)
def test_every_family_that_the_data_choose_is_taken(family, seen):
    X, targets = rows(300)
    y = np.random.default_rng(0).poisson(1.0, (300, 1)) if family == "poisson" else targets[family]
    made = NeuralRegressor if family in ("normal", "poisson", "negative_binomial") else NeuralClassifier
    model = made(max_epochs=2, random_state=0).fit(X, y[:, 0] if made is NeuralRegressor else y)
    assert type(model.family_).__name__.lower() == family.replace("_", "")
    assert all(seen)


def test_rows_are_not_copied(monkeypatch):
    found = []
    reads = loop.as_the_kernel_reads
    monkeypatch.setattr(loop, "as_the_kernel_reads", lambda *own: found.append(own[1].x) or reads(*own))
    X = np.random.default_rng(0).normal(size=(300, 4)).astype(np.float32)
    MLPRegressor(hidden_layer_sizes=(8,), max_iter=50, random_state=0, tol=1e3, n_iter_no_change=1).fit(X, X[:, 0])
    assert len(found) == 1
    assert np.shares_memory(found[0], X)


# -- rows that are scaled as they are gathered ------------------------------------------------------------------------


@pytest.mark.parametrize("kind", library.INSTRUCTIONS)
@pytest.mark.parametrize("given", [np.float32, np.float64])
@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": (16,)},
        {"hidden": (16,), "batch_size": 7, "dropout": 0.2, "input_noise": 0.1},
        {"hidden": (300, 300), "batch_size": 64},
        {"hidden": ()},
    ],
    ids=["plain", "noise", "wide", "linear"],
)
def test_rows_scaled_as_they_are_gathered_are_the_same_bits(monkeypatch, seen, settings, given, kind):
    rng = np.random.default_rng(0)
    X = (rng.normal(2, 3, (403, 21)) * (rng.random((403, 21)) < 0.4)).astype(given)  # most of it 0, and not once scaled
    y = (X[:, 0] > X[:, 1]).astype(int)
    found = []
    with instructions(kind):
        for passes in (99, 0):
            monkeypatch.setattr(native_network, "SCALED_AGAIN", passes)
            model = NeuralClassifier(max_epochs=3, early_stopping=True, random_state=0, **settings).fit(X, y)
            found.append((model.params_, model.history_, model.predict_proba(X)))
    same_bits(*found)
    assert all(seen)


def test_a_copy_is_made_once_for_many_passes_and_never_for_few(monkeypatch):
    made, plain = [], ScaledRows.whole.func
    monkeypatch.setattr(ScaledRows, "whole", property(lambda own: made.append(own) or plain(own)))
    X = np.random.default_rng(0).normal(size=(500, 5)).astype(np.float32)
    few, many = native_network.SCALED_AGAIN, native_network.SCALED_AGAIN + 1
    for epochs, members, copies in ((few, 1, 0), (many, 1, 1), (1, many, 1), (1, few, 0)):
        made.clear()
        model = NeuralRegressor(hidden=(8,), max_epochs=epochs, n_members=members, early_stopping=False)
        model.fit(X, X[:, 0])
        assert len(made) == copies
    made.clear()
    model.predict(X)
    assert not made
