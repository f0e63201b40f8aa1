"""Penalties and what they do to weights, dropout as a crowd, crowds and their limit."""

import itertools

import jax
import numpy as np
import pytest
import scipy.stats

from wellfit.estimators.bootstrap import draw
from wellfit.families.predictive import Mixture
from wellfit.functions.links import log_softmax, softmax
from wellfit.functions.noise import keep_mask
from wellfit.functions.penalties import l1_penalty, l2_penalty, lp_penalty, soft_threshold
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.networks.network import Network
from wellfit.training.fit import fit


def test_the_elastic_net_on_independent_columns_is_known():  # C-222, C-220, C-221, C-233
    """With XᵀX = 1 each weight is soft(b, l1) / (1 + l2); a strength of 0 switches its part off."""
    x = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 4)))[0]
    b = np.array([2.0, -1.0, 0.3, 0.05])
    y = x @ b
    network = Network((Dense(1, "zeros", bias=False),))
    for l1, l2 in ((0.4, 1.5), (0.4, 0.0), (0.0, 1.5)):
        found = fit(network, "normal", x, y, optimizer="sgd", learning_rate=2.0, batch_size="full", max_epochs=400,
                    l1=l1, l2=l2, dtype=np.float64)  # fmt: skip
        np.testing.assert_allclose(found.params[0]["weight"][0, :, 0], soft_threshold(b, l1) / (1 + l2), atol=1e-9)


def norm(x, p):
    """‖x‖_p from the penalty (1/p) Σ |x|^p."""
    return (p * lp_penalty(x, p, 1.0)) ** (1 / p)


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 4.0])
def test_penalties_are_powers_of_norms(p):  # C-223
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 6))
    assert norm(a, p) == pytest.approx(np.linalg.norm(a, p))
    assert norm(-3 * a, p) == pytest.approx(3 * norm(a, p))
    assert norm(a + b, p) <= norm(a, p) + norm(b, p)
    assert norm(a, p) > 0 == norm(0 * a, p)
    if p == 1:
        assert norm(a, p) == pytest.approx(l1_penalty(a, 1.0))


def test_l2_is_a_spring():  # C-234, G-32, E-37, N-63
    """The force -λ w is proportional to the way out; with λ Σ w², as some libraries have it, it is twice that."""
    w = np.array([0.5, -1.0, 2.0])
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax.grad(l2_penalty)(w, 0.001), 0.001 * w)
        np.testing.assert_allclose(jax.grad(lambda w: 0.001 * (w * w).sum())(w), 0.002 * w)
    assert l2_penalty(w, 0.002) == pytest.approx(0.001 * (w**2).sum())


def test_neither_l1_nor_l2_is_always_better():  # E-45
    """Means of 200 numbers seen with noise: few of them large, or all of the same size; each with its best strength."""
    rng = np.random.default_rng(2)
    strengths = np.linspace(0, 5, 51)
    better = {}
    for kind, truth in (("few", np.where(np.arange(200) < 10, 6.0, 0.0)), ("all", np.full(200, 1.0))):
        seen = truth + rng.normal(size=200)
        risk = {
            "l1": min(((soft_threshold(seen, s) - truth) ** 2).mean() for s in strengths),
            "l2": min(((seen / (1 + s) - truth) ** 2).mean() for s in strengths),
        }
        better[kind] = min(risk, key=risk.get)
    assert better == {"few": "l1", "all": "l2"}


def test_dropouts_gradient_has_the_same_mask():  # C-225, G-45
    x = np.random.default_rng(3).normal(size=(20, 10))
    context = Context(True, 0.0, np.uint32(5))
    with jax.enable_x64(True):
        slope = np.asarray(jax.grad(lambda x: Dropout(0.25).apply({}, {}, x, context)[0].sum())(x))
    mask = keep_mask(np.uint32(5), x.shape, 0.25)
    assert mask.mean() == pytest.approx(0.75, abs=0.1)
    np.testing.assert_allclose(slope, mask / 0.75)
    np.testing.assert_allclose(Dropout(0.25).apply({}, {}, x, context)[0], x * mask / 0.75)
    other, _ = Dropout(0.25).apply({}, {}, x, context._replace(seed=np.uint32(6)))
    assert (other != x * mask / 0.75).any()  # a fresh mask every step


def test_one_pass_is_the_geometric_mean_of_all_thinned_networks():  # C-226, E-42, E-41
    """Every subset of five hidden units, behind them a softmax: a crowd that shares weights, exact for one layer."""
    rng, keep = np.random.default_rng(4), 0.5
    h, w = rng.normal(size=5), rng.normal(size=(5, 3))
    masks = np.array(list(itertools.product([0, 1], repeat=5)))
    logs = log_softmax((masks * h / keep) @ w)
    geometric = np.exp(logs.mean(axis=0))
    np.testing.assert_allclose(geometric / geometric.sum(), softmax(h @ w), rtol=1e-12)
    assert (masks.all(axis=1)).mean() == keep**5  # all at once does happen


def test_masks_without_scaling_shift_what_prediction_sees():  # E-41
    rng = np.random.default_rng(5)
    h, w = np.abs(rng.normal(size=(4000, 50))), np.full(50, 0.06)
    mask = keep_mask(np.uint32(1), h.shape, 0.5)
    plain, scaled, seen = ((values @ w).mean() for values in (h * mask, h * mask / 0.5, h))
    assert plain == pytest.approx(seen / 2, rel=0.01)
    assert scaled == pytest.approx(seen, rel=0.01)


def test_a_bag_holds_63_percent_of_the_rows():  # T-07, C-228, C-245
    """n draws with replacement out of n rows: 1 - (1 - 1/n)^n of them are there, 1 - 1/e in the end."""
    bags = draw(np.arange(2000, dtype=np.int32), np.ones(2000), 50, seed=0)
    assert bags.shape == (50, 2000)
    distinct = [len(np.unique(bag)) / 2000 for bag in bags]
    assert np.mean(distinct) == pytest.approx(1 - 1 / np.e, abs=0.003)
    assert np.mean(distinct) == pytest.approx(0.6321, abs=0.003)
    assert len({tuple(bag) for bag in bags}) == 50


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_the_error_of_a_crowd_has_a_floor(correlation):  # T-08, E-39, E-40, C-229, C-057
    """k members whose errors have variance 1 and covariance c: their mean has 1/k + (k - 1) c/k, not 0."""
    rng, k, n = np.random.default_rng(6), 100, 20_000
    errors = np.sqrt(correlation) * rng.normal(size=n) + np.sqrt(1 - correlation) * rng.normal(size=(k, n))
    mean = Mixture([scipy.stats.norm(e, 1.0) for e in errors]).mean()
    assert mean.var() == pytest.approx(1 / k + (k - 1) * correlation / k, rel=0.05)
    assert errors[0].var() == pytest.approx(1, rel=0.05)
