"""Every layer: declared shape, gradients, rows that do not see each other, jit equal to eager, files."""

import jax
import numpy as np
import pytest

from wellfit.core.spec import numbers_as
from wellfit.files.specs import from_json, to_json
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Embedding, Tabular
from wellfit.layers.normalization import BatchNorm, LayerNorm, RMSNorm
from wellfit.layers.periodic import Periodic
from wellfit.layers.radial import Radial
from wellfit.layers.residual import Residual
from wellfit.layers.scaling import Scaling
from wellfit.layers.shared import Copies, Heads, SharedDense
from wellfit.layers.threshold import Threshold

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
    "periodic": (Periodic((0, 2), frequencies=5), NUMBERS),
    "radial": (Radial(5), NUMBERS),
    "radial of thin plates": (Radial(5, "thin_plate", learn_centres=False), NUMBERS),
    "batch norm": (BatchNorm(), NUMBERS),
    "batch norm of copies": (BatchNorm(), NUMBERS.reshape(6, 2, 2)),
    "layer norm": (LayerNorm(), NUMBERS),
    "rms norm": (RMSNorm(), NUMBERS),
    "residual": (Residual((BatchNorm(), Dense(3), Activation("tanh"), Dropout(0.2), Dense(4))), NUMBERS),
    "residual with a projection": (Residual((LayerNorm(), Dense(3))), NUMBERS),
    "threshold": (Threshold(0.1), NUMBERS),
    "straight-through threshold": (Threshold(straight_through=True), NUMBERS),
    "tabular with waves": (
        Tabular(Embedding((5, 7), (0, 3)), Periodic((3,))),
        {"numeric": NUMBERS, "codes": CODES},
    ),
    "tabular of numbers": (Tabular(), {"numeric": NUMBERS, "codes": CODES[:, :0]}),
}


def narrow(tree):
    """Arrays in float32."""
    return jax.tree.map(lambda leaf: np.asarray(leaf, np.float32), tree)


def flat(out):
    """The numbers of a layer's output (6, ...), of a table's blocks the floats, side by side."""
    parts = [leaf.reshape(6, -1) for leaf in jax.tree.leaves(out) if leaf.dtype.kind == "f"]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


@pytest.fixture(params=CASES, ids=str)
def case(request):
    layer, x = CASES[request.param]
    shape = jax.tree.map(lambda leaf: leaf.shape[1:], x)
    params = jax.tree.map(lambda a: a.astype(np.float32), layer.init(np.random.default_rng(0), shape))
    return layer, x, shape, params


def test_declared_shape_is_the_computed_one(case):
    layer, x, shape, params = case
    out, statistics = layer.apply(params, narrow(layer.statistics(shape)), x, Context())
    expected = jax.tree.map(lambda size: (6, *size), layer.output_shape(shape), is_leaf=lambda s: isinstance(s, tuple))
    assert jax.tree.map(np.shape, out) == expected
    assert {leaf.dtype for leaf in jax.tree.leaves(out)} <= {np.dtype(np.float32), np.dtype(np.int32)}
    assert flat(out).dtype == np.float32
    before = layer.statistics(shape)
    assert jax.tree.map(np.shape, params) == layer.parameters(shape)
    for context in (Context(), Context(training=True, seed=np.uint32(1))):
        _, statistics = layer.apply(params, jax.tree.map(lambda a: np.asarray(a, np.float32), before), x, context)
        assert jax.tree.map(np.shape, statistics) == jax.tree.map(np.shape, before)
        assert all(leaf.dtype == np.float32 for leaf in jax.tree.leaves(statistics))


def test_rows_do_not_see_each_other_at_prediction(case):
    layer, x, shape, params = case
    kept = narrow(layer.statistics(shape))
    whole, _ = layer.apply(params, kept, x, Context())
    turned, _ = layer.apply(params, kept, jax.tree.map(lambda leaf: leaf[::-1], x), Context())
    np.testing.assert_allclose(flat(whole)[::-1], flat(turned), rtol=1e-6)


def test_jit_equals_eager(case):
    layer, x, shape, params = case
    kept = narrow(layer.statistics(shape))
    for training in (False, True):
        eager = layer.apply(params, kept, x, Context(training, np.float32(0), np.uint32(7)))
        traced = jax.jit(lambda p, s, x, seed: layer.apply(p, s, x, Context(training, 0.0, seed)))(  # noqa: B023
            params, kept, x, np.uint32(7)
        )
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5), eager, traced)


def test_gradients_are_finite(case):
    layer, x, shape, params = case
    kept = narrow(layer.statistics(shape))
    gradient = jax.grad(lambda p: flat(layer.apply(p, kept, x, Context(True, 0.0, np.uint32(1)))[0]).sum())(params)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))


@pytest.mark.parametrize("name", [name for name in CASES if "threshold" not in name])
def test_gradients_are_finite_differences(name):
    layer, x = CASES[name]
    x = jax.tree.map(lambda leaf: leaf.astype(np.float64) if leaf.dtype.kind == "f" else leaf, x)
    shape = jax.tree.map(lambda leaf: leaf.shape[1:], x)
    rng = np.random.default_rng(3)
    params = jax.tree.map(lambda a: a + 0.1 * rng.normal(size=a.shape), layer.init(np.random.default_rng(0), shape))
    fixed = "centre" if name == "radial of thin plates" else None
    context = Context(True, 0.0, np.uint32(1), np.float64, np.array([1.0, 2, 1, 0, 1, 0.5]))
    kept = layer.statistics(shape)
    weights = rng.normal(size=flat(layer.apply(params, kept, x, context)[0]).shape)

    def total(params):
        h, _ = layer.apply(params, kept, x, context)
        return (weights * flat(h)).sum()

    with jax.enable_x64(True):
        gradient = jax.tree.map(np.asarray, jax.jit(jax.grad(total))(params))
    for path, leaf in jax.tree_util.tree_leaves_with_path(gradient):
        if path[-1].key == fixed:
            assert not leaf.any()
            continue
        place = rng.integers(leaf.size)
        move = np.zeros(leaf.size)
        move[place] = 1e-6
        up, down = (
            jax.tree_util.tree_map_with_path(lambda p, a, at=path, step=step: a + step if p == at else a, params)
            for step in (move.reshape(leaf.shape), -move.reshape(leaf.shape))
        )
        expected = (total(up) - total(down)) / 2e-6
        np.testing.assert_allclose(leaf.flat[place], expected, rtol=1e-5, atol=1e-8)


def test_they_go_to_files_and_their_numbers_are_leaves(case):
    layer, *_ = case
    assert from_json(to_json(layer)) == layer
    assert all(leaf.dtype == np.float32 for leaf in jax.tree.leaves(numbers_as(layer, np.float32)))


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
