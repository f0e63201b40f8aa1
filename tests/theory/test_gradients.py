"""Every gradient of the theory, its formula written out here: against autodiff and central differences in float64."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from wellfit.families.multilabel import MultiLabel
from wellfit.functions.activations.rectifiers import elu, leaky_relu, relu
from wellfit.functions.activations.sigmoids import linear, tanh
from wellfit.functions.activations.smooth import gelu, silu
from wellfit.functions.links import log_softmax, sigmoid, softmax
from wellfit.functions.losses import classification, margin, regression, robust
from wellfit.functions.noise import keep_mask
from wellfit.functions.numerics import softplus
from wellfit.functions.penalties import l1_penalty, l2_penalty
from wellfit.layers.base import Context
from wellfit.layers.dropout import Dropout

X = np.array([-3.1, -1.2, -0.4, 0.3, 1.7, 2.6])
Y = np.array([1.0, -1.0, 1.0, 1.0, -1.0, 1.0])
T = np.array([0.0, 1.0, 0.3, 1.0, 0.7, 0.0])
P = np.array([0.02, 0.2, 0.4, 0.6, 0.9, 0.98])
Z = np.array([[0.5, -1.0, 2.0], [1.5, 0.2, -0.3]])
HOT = np.eye(3)[[0, 2]]
SOFT = np.array([[0.2, 0.5, 0.3], [0.0, 0.9, 0.1]])
S, SZ = sigmoid(X), softmax(Z)
PHI, DENSITY = scipy.stats.norm.cdf(X), scipy.stats.norm.pdf(X)
CLASSES = np.array([0, 2])
WEIGHTS = np.array([2.0, 0.5])
MASK = keep_mask(np.uint32(9), X.shape, 0.25)
THETA, ROWS, LABELS = np.array([0.4, -0.7]), np.array([[1.0, 2.0], [-0.5, 1.0], [2.0, 0.3]]), np.array([1.0, 0.0, 1.0])
NOISE, PRIOR = 0.5, 2.0

# id and name: (function, its gradient, where); functions of arrays are summed, so that each entry has its own slope
GRADIENTS = {
    "G-01 sigmoid": (sigmoid, S * (1 - S), X),
    "G-02 tanh": (tanh, 1 - np.tanh(X) ** 2, X),
    "G-03 line": (lambda x: linear(x, 4.0), np.full(6, 4.0), X),
    "G-05 relu": (relu, np.where(X > 0, 1.0, 0.0), X),
    "G-06 leaky relu": (leaky_relu, np.where(X > 0, 1.0, 0.01), X),
    "G-07 parametric relu, by its slope": (lambda a: leaky_relu(X, a), np.array([X[X < 0].sum()]), np.array([0.3])),
    "G-08 elu": (lambda x: elu(x, 0.1), np.where(X > 0, 1, 0.1 * np.exp(X)), X),
    "G-09 swish": (silu, S + X * S * (1 - S), X),
    "G-10 gelu": (gelu, PHI + X * DENSITY, X),
    "G-10 softplus": (softplus, S, X),
    "G-11 softmax": (lambda z: softmax(z)[:, 1], SZ[:, 1:2] * (np.eye(3)[1] - SZ), Z),
    "G-12 log-softmax": (lambda z: log_softmax(z)[:, 1], np.eye(3)[1] - SZ, Z),
    "G-13 softmax and cross-entropy": (lambda z: classification.cross_entropy(z, CLASSES), SZ - HOT, Z),
    "G-13 soft targets": (lambda z: classification.cross_entropy(z, SOFT), SZ - SOFT, Z),
    "G-14 binary cross-entropy, by the output": (
        lambda p: classification.binary_cross_entropy(jnp.log(p / (1 - p)), T), (P - T) / (P * (1 - P)), P
    ),
    "G-15 binary cross-entropy, by the logit": (lambda s: classification.binary_cross_entropy(s, T), S - T, X),
    "G-16 the slope in p": (lambda p: classification.binary_cross_entropy(jnp.log(p / (1 - p)), 1.0), -1 / P, P),
    "G-17 half the sum of squares": (lambda z: regression.half_sum_of_squares(z, T), X - T, X),
    "G-18 mean squared error": (lambda z: regression.mean_squared_error(z, T), 2 * (X - T) / 6, X),
    "G-19 squares through a sigmoid": (
        lambda s: regression.half_sum_of_squares(sigmoid(s), T), (S - T) * S * (1 - S), X
    ),
    "G-20 mean absolute error": (lambda z: regression.absolute_error(z, T) / 6, np.sign(X - T) / 6, X),
    "G-21 huber": (lambda z: regression.huber(z, T, 1.5), np.clip(X - T, -1.5, 1.5), X),
    "G-22 hinge": (lambda f: margin.hinge(Y * f), np.where(Y * X < 1, -Y, 0), X),
    "G-23 exponential": (lambda f: margin.exponential(Y * f), -Y * np.exp(-Y * X), X),
    "G-25 focal": (lambda s: robust.focal(s, 2.0), (1 - S) ** 2 * (2 * S * np.log(S) + S - 1), X),
    "G-26 L1 on probabilities": (
        lambda z: robust.probability_error(robust.true_log_odds(z, CLASSES)),
        -2 * SZ[[0, 1], CLASSES][:, None] * (HOT - SZ), Z,
    ),
    "G-27 normal of precision 4": (lambda z: regression.normal_nll(z, T, np.float64(0.5)), 4 * (X - T), X),
    "G-28 divergence": (lambda z: classification.kl_loss(z, SOFT), SZ - SOFT, Z),
    "G-29 label smoothing": (
        lambda z: classification.cross_entropy(z, CLASSES, 0.1), SZ - (0.9 * HOT + 0.1 / 3), Z
    ),
    "G-30 class weights": (
        lambda z: WEIGHTS * classification.cross_entropy(z, CLASSES), WEIGHTS[:, None] * (SZ - HOT), Z
    ),
    "G-31 labels": (lambda z: MultiLabel().bind(3).loss(z, HOT), sigmoid(Z) - HOT, Z),
    "G-31 labels, their mean": (
        lambda z: MultiLabel(reduction="mean").bind(3).loss(z, HOT), (sigmoid(Z) - HOT) / 3, Z
    ),
    "G-32 L2": (lambda w: l2_penalty(w, 0.3), 0.3 * X, X),
    "G-33 L1": (lambda w: l1_penalty(w, 0.3), 0.3 * np.sign(X), X),
    "G-34 posterior": (
        lambda w: NOISE**2 * (
            regression.normal_nll(ROWS @ w, LABELS, np.float64(NOISE)).sum() + l2_penalty(w, 1 / PRIOR**2)
        ),
        ROWS.T @ (ROWS @ THETA - LABELS) + NOISE**2 / PRIOR**2 * THETA, THETA,
    ),
    "G-35 logistic regression": (
        lambda w: classification.binary_cross_entropy(ROWS @ w, LABELS) / 3,
        ROWS.T @ (sigmoid(ROWS @ THETA) - LABELS) / 3, THETA,
    ),
    "G-45 dropout": (
        lambda x: Dropout(0.25).apply({}, {}, x, Context(True, 0.0, np.uint32(9)))[0], MASK / 0.75, X
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def by_autodiff():
    """The gradients of all of them, by one program."""
    with jax.enable_x64(True):
        slopes = jax.jit(
            lambda at: {n: jax.grad(lambda x, f=f: jnp.sum(f(x)))(at[n]) for n, (f, _, _) in GRADIENTS.items()}
        )
        return jax.tree.map(np.asarray, slopes({name: where for name, (_, _, where) in GRADIENTS.items()}))


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_are_autodiffs_and_differences(name, by_autodiff):
    """G-01 to G-35 and G-45, but for those of the step (0 everywhere) and 0-1 loss (none)."""
    function, formula, at = GRADIENTS[name]
    np.testing.assert_allclose(by_autodiff[name], formula, rtol=1e-12, atol=1e-14)
    h = 1e-6
    with jax.enable_x64(True):
        for place in np.ndindex(at.shape):
            step = np.zeros_like(at)
            step[place] = h
            difference = (np.sum(function(at + step)) - np.sum(function(at - step))) / (2 * h)
            assert float(difference) == pytest.approx(formula[place], rel=1e-7, abs=1e-8)


def test_shifting_all_raw_outputs_changes_nothing():  # G-46
    for loss in (lambda z: classification.cross_entropy(z, SOFT), lambda z: classification.kl_loss(z, SOFT)):
        np.testing.assert_allclose(loss(Z + 3.0), loss(Z), rtol=1e-12)
    np.testing.assert_allclose((SZ - SOFT).sum(axis=1), 0, atol=1e-15)
