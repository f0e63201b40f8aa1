"""Every layer: declared shape, gradients, rows that do not see each other, jit equal to eager."""

import jax
import numpy as np
import pytest

from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.scaling import Scaling
from wellfit.layers.shared import Copies, Heads, SharedDense

RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(size=(6, 4)).astype(np.float32)
CODES = RNG.integers(0, 5, (6, 2)).astype(np.int32)
CASES = {
    "dense": (Dense(3), NUMBERS),
    "dense without bias": (Dense(3, "glorot_normal", False), NUMBERS),
    "activation": (Activation("gelu"), NUMBERS),
    "dropout": (Dropout(0.3), NUMBERS),
    "scaling": (Scaling(), NUMBERS),
    "embedding": (Embedding((5, 7), (0, 3)), CODES),
    "tabular": (Tabular(Embedding((5, 7), (0, 3))), {"numeric": NUMBERS, "codes": CODES}),
    "copies": (Copies(5), NUMBERS),
    "shared dense": (SharedDense(3), NUMBERS.reshape(6, 2, 2)),
    "heads": (Heads(3), NUMBERS.reshape(6, 2, 2)),
    "tabular of numbers": (Tabular(), {"numeric": NUMBERS, "codes": CODES[:, :0]}),
}


@pytest.fixture(params=CASES, ids=str)
def case(request):
    layer, x = CASES[request.param]
    shape = jax.tree.map(lambda leaf: leaf.shape[1:], x)
    params = jax.tree.map(lambda a: a.astype(np.float32), layer.init(np.random.default_rng(0), shape))
    return layer, x, shape, params


def test_declared_shape_is_the_computed_one(case):
    layer, x, shape, params = case
    out, statistics = layer.apply(params, layer.statistics(shape), x, Context())
    assert out.shape == (6, *layer.output_shape(shape))
    assert out.dtype == np.float32
    assert statistics == {}


def test_rows_do_not_see_each_other_at_prediction(case):
    layer, x, _, params = case
    whole, _ = layer.apply(params, {}, x, Context())
    turned, _ = layer.apply(params, {}, jax.tree.map(lambda leaf: leaf[::-1], x), Context())
    np.testing.assert_allclose(whole[::-1], turned, rtol=1e-6)


def test_jit_equals_eager(case):
    layer, x, _, params = case
    for training in (False, True):
        context = Context(training, np.float32(0), np.uint32(7))
        eager, _ = layer.apply(params, {}, x, context)
        traced = jax.jit(lambda p, x, seed: layer.apply(p, {}, x, Context(training, 0.0, seed))[0])(  # noqa: B023
            params, x, np.uint32(7)
        )
        np.testing.assert_allclose(eager, traced, rtol=1e-5, atol=1e-6)


def test_gradients_are_finite(case):
    layer, x, _, params = case
    gradient = jax.grad(lambda p: layer.apply(p, {}, x, Context(True, 0.0, np.uint32(1)))[0].sum())(params)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))


def test_dropout_keeps_the_expectation_and_is_off_at_prediction():
    x = np.ones((400, 500), np.float32)
    out, _ = Dropout(0.2).apply({}, {}, x, Context(True, 0.0, np.uint32(3)))
    assert set(np.unique(out)) == {0, np.float32(1.25)}  # E-41: inverted
    assert out.mean() == pytest.approx(1, abs=0.005)
    np.testing.assert_array_equal(Dropout(0.2).apply({}, {}, x, Context())[0], x)


def test_shapes_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="flatten them first"):
        Dense(3).output_shape((2, 2))
    with pytest.raises(ValueError, match="did you mean 'relu'"):
        Activation("rellu")
