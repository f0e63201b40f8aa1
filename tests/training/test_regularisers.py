"""Regularisers in the training program: what each adds, per layer, without a compilation for another value."""

import jax
import numpy as np
import pytest

from tests.helpers import tiny
from wellfit.core.spec import numbers_as
from wellfit.functions.penalties import Lp
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.networks.network import Network
from wellfit.optimizers.sgd import SGD
from wellfit.training.fit import fit
from wellfit.training.loop import train
from wellfit.training.objective import check_per_layer, data_loss, smooth_priors, sparsity, strengths
from wellfit.training.plan import Plan
from wellfit.training.programs import compilations

PARAMS = (
    {"weight": np.array([[1.0, -2.0]]), "bias": np.array([5.0, 5.0])},
    {},
    {"weight": np.array([[3.0], [0.0]]), "bias": np.array([7.0])},
)


def test_penalties_are_of_weights_alone():
    plan = tiny.plan(dtype=np.float64, l1=2.0, l2=0.5, lp=Lp(3.0, 0.3))
    assert smooth_priors(plan, PARAMS) == pytest.approx(0.25 * (1 + 4 + 9) + 0.1 * (1 + 8 + 27))
    assert sparsity(plan, PARAMS) == pytest.approx(2 * 6)
    none = tiny.plan()
    assert smooth_priors(none, PARAMS) == 0
    assert sparsity(none, PARAMS) == 0


def test_each_layer_may_have_a_penalty_of_its_own():
    plan = tiny.plan(dtype=np.float64, l1=(None, 2.0), l2=(1.0, 0.1))  # C-224
    assert smooth_priors(plan, PARAMS) == pytest.approx(0.5 * 5 + 0.05 * 9)
    assert sparsity(plan, PARAMS) == pytest.approx(6)


def test_embeddings_go_with_the_first_layer():
    network = Network((Tabular(Embedding((20,), (3,))), Dense(4), Dense(1)))
    shape = {"numeric": (2,), "codes": (1,)}
    params = network.init(np.random.default_rng(0), shape)
    own = {jax.tree_util.keystr(path): number for path, number in strengths((1.0, 2.0), params).items()}
    assert own == {"[0]['embedding0']": 1.0, "[1]['weight']": 1.0, "[2]['weight']": 2.0}
    check_per_layer(network, shape, l2=(1.0, 2.0), l1=3.0)
    with pytest.raises(ValueError, match=r"l2=.* has 3 entries, and the network has 2 layers with weights"):
        check_per_layer(network, shape, l2=(1.0, 2.0, 3.0))


def test_max_norm_holds_after_every_step_and_of_one_layer_alone():
    x, y = tiny.table()
    data, rows = tiny.arrays(x, 10 * y)
    plan = tiny.plan(max_norm=(0.5, None), max_epochs=20)
    after = train(plan, data, rows, tiny.states(plan)).params
    norms = np.linalg.norm(after[0]["weight"][0], axis=0)
    assert norms.max() <= 0.5 * (1 + 1e-6)
    assert (norms > 0.499).any()
    assert np.linalg.norm(after[2]["weight"]) > 0.5


def test_noise_of_weights_is_of_training_alone_and_differs_by_step_and_leaf():
    x, y = tiny.table(50)
    plan = tiny.plan(weight_noise=0.1)
    params = jax.tree.map(lambda leaf: np.asarray(leaf, np.float32), plan.network.init(np.random.default_rng(0), (5,)))
    x, y, w = (np.asarray(a, np.float32) for a in (x, y, np.ones(50)))

    def loss(plan, context):
        return float(data_loss(plan, params, ({}, {}, {}), x, y, w, context)[0])

    assert loss(plan, Context()) == pytest.approx(loss(tiny.plan(), Context(True)), rel=1e-6)
    seen = {loss(plan, Context(True, 0.0, np.uint32(seed))) for seed in range(5)}
    assert len(seen) == 5
    assert all(value != loss(plan, Context()) for value in seen)


def test_noise_of_weights_adds_what_it_should_to_the_loss_of_a_line():
    # E[½ Σ (x(w + ε) - y)²] = ½ Σ (xw - y)² + ½ s² Σ |x|²: no pull on the weights of a linear model
    x, y = tiny.table(50)
    plan = numbers_as(Plan(Network((Dense(1),)), tiny.Squares(), SGD(0.1), weight_noise=0.2), float)
    params = ({"weight": np.full((5, 1), 0.5), "bias": np.zeros(1)},)
    with jax.enable_x64(True):

        def loss(seed):
            return data_loss(plan, params, ({},), x, y, np.ones(50), Context(True, 0.0, seed, float))[0]

        losses = np.asarray(jax.lax.map(loss, np.arange(20_000, dtype=np.uint32)))
    expected = 0.5 * np.sum((x @ params[0]["weight"] - y) ** 2) + 0.5 * 0.2**2 * np.sum(x**2)
    assert losses.mean() == pytest.approx(expected, abs=4 * losses.std() / np.sqrt(len(losses)))


def test_repeated_rows_equal_weights_under_every_regulariser():
    x, y = tiny.table(40)
    counts = np.random.default_rng(1).integers(1, 4, 40)
    options = {"l1": (0.3, None), "l2": 0.1, "lp": Lp(1.5, 0.2), "max_norm": 1.0, "weight_noise": 0.05}
    results = []
    with jax.enable_x64(True):
        for a, b, w in ((x, y, counts), (x.repeat(counts, 0), y.repeat(counts, 0), None)):
            data, rows = tiny.arrays(a, b, w, dtype=np.float64)
            plan = tiny.plan(dtype=np.float64, full_batch=True, max_epochs=60, **options)
            results.append(train(plan, data, rows, tiny.states(plan, dtype=np.float64)).params)
    for one, other in zip(*map(jax.tree.leaves, results), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)


def test_a_member_with_noise_has_the_same_bits_alone_and_in_a_crowd():
    x, y = tiny.table()
    data, rows = tiny.arrays(x, y)
    plan = tiny.plan(weight_noise=0.1, max_norm=1.0, l1=0.1)
    crowd = train(plan, data, rows, tiny.states(plan, 4), threads=2)
    alone = train(plan, data, rows, tiny.states(plan, 1, first=2))
    for one, other in zip(jax.tree.leaves(alone.params), jax.tree.leaves(crowd.params), strict=True):
        np.testing.assert_array_equal(one[0], other[2])
    assert len({float(leaf) for leaf in crowd.params[0]["weight"][:, 0, 0]}) == 4


def test_another_value_compiles_nothing():
    x, y = tiny.table()
    data, rows = tiny.arrays(x, y)
    options = [
        {"l1": (a, None), "l2": (a, 2 * a), "lp": Lp(1 + a, a), "max_norm": a, "weight_noise": a} for a in (0.1, 0.7)
    ]
    counts = []
    for own in options:
        plan = tiny.plan(**own)
        train(plan, data, rows, tiny.states(plan))
        counts.append(compilations())
    assert counts[0] == counts[1]


def test_fit_takes_them_and_refuses_what_cannot_be():
    X = np.random.default_rng(0).normal(size=(60, 3))
    y = X[:, 0]
    network = Network((Dense(1),))
    found = fit(network, "normal", X, y, lp=Lp(1.2, 5.0), max_norm=0.3, weight_noise=0.01, max_epochs=20)
    assert np.linalg.norm(found.params[0]["weight"]) <= 0.3001
    with pytest.raises(ValueError, match=r"lp must be None or Lp\(p, strength\) with p >= 1"):
        fit(network, "normal", X, y, lp=Lp(0.5, 1.0))
    with pytest.raises(ValueError, match="max_norm must be None or a number >= 0, got -1"):
        fit(network, "normal", X, y, max_norm=-1)
    with pytest.raises(ValueError, match="max_norm=1 moves weights after the step"):
        fit(network, "normal", X, y, max_norm=1, optimizer="lbfgs")
