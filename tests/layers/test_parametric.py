"""Activations with a learnt parameter: shapes, gradients, torch's numbers, and learning the right slope."""

import jax
import numpy as np
import pytest

from wellfit.core.spec import numbers_as
from wellfit.files.specs import from_json, to_json
from wellfit.layers.base import Context
from wellfit.layers.elementwise import Activation
from wellfit.layers.parametric import ACTIVATION_NAMES, LEARNT, LearntSwish, ParametricRelu, activation_layer

X = np.random.default_rng(0).normal(0, 2, (30, 4))


@pytest.mark.parametrize("name", LEARNT)
@pytest.mark.parametrize("shape", [(4,), (5, 5, 3)])
def test_shapes_precision_and_rows(name, shape):
    layer = LEARNT[name]()
    params = layer.init(np.random.default_rng(0), shape)
    units = 1 if name.startswith("shared") else shape[-1]
    assert {key: value.shape for key, value in params.items()} == layer.parameters(shape) == {"slope": (units,)}
    x = np.random.default_rng(1).normal(size=(6, *shape)).astype(np.float32)
    narrow = {"slope": params["slope"].astype(np.float32)}
    out, statistics = layer.apply(narrow, {}, x, Context())
    assert (out.shape, out.dtype, statistics) == (x.shape, np.float32, {})
    assert layer.output_shape(shape) == shape
    np.testing.assert_allclose(layer.apply(narrow, {}, x[::-1], Context())[0], out[::-1], rtol=1e-6)


@pytest.mark.parametrize("name", LEARNT)
def test_gradients_are_finite_differences_on_host_and_in_a_program(name):  # G-07
    layer = LEARNT[name]()
    slope = layer.init(np.random.default_rng(0), (4,))["slope"] + np.linspace(0, 0.3, 4 if "shared" not in name else 1)

    def total(slope, x=X):
        out, _ = layer.apply({"slope": slope}, {}, x, Context())
        return (out * np.arange(1.0, 5.0)).sum()

    with jax.enable_x64(True):
        value, gradient = (np.asarray(a) for a in jax.jit(jax.value_and_grad(total))(slope))
    np.testing.assert_allclose(value, total(slope), rtol=1e-12)
    steps = 1e-6 * np.eye(len(slope))
    expected = [(total(slope + step) - total(slope - step)) / 2e-6 for step in steps]
    np.testing.assert_allclose(gradient, expected, rtol=1e-7)


@pytest.mark.parametrize("units", [1, 4])
def test_parametric_relu_is_torchs(units):  # C-076
    torch = pytest.importorskip("torch")
    theirs = torch.nn.PReLU(units, dtype=torch.float64)
    expected = theirs(torch.tensor(X))
    expected.sum().backward()
    layer = ParametricRelu(shared=units == 1)
    params = layer.init(np.random.default_rng(0), (4,))
    np.testing.assert_allclose(layer.apply(params, {}, X, Context())[0], expected.detach().numpy(), rtol=1e-12)
    with jax.enable_x64(True):
        found = jax.grad(lambda params: layer.apply(params, {}, X, Context())[0].sum())(params)
        np.testing.assert_allclose(found["slope"], theirs.weight.grad.numpy(), rtol=1e-12)


def test_where_they_begin():
    at = lambda layer: layer.apply(layer.init(np.random.default_rng(0), (4,)), {}, X, Context())[0]  # noqa: E731
    np.testing.assert_allclose(at(LearntSwish()), Activation("silu").apply({}, {}, X, Context())[0])
    np.testing.assert_allclose(at(ParametricRelu(0.01)), Activation("leaky_relu").apply({}, {}, X, Context())[0])
    np.testing.assert_allclose(at(ParametricRelu(0.0)), np.maximum(X, 0), atol=1e-300)


@pytest.mark.parametrize(("layer", "f"), [(ParametricRelu(), lambda x, a: np.where(x > 0, x, a * x)),
                                          (LearntSwish(), lambda x, b: x / (1 + np.exp(-b * x)))])  # fmt: skip
def test_the_parameter_of_each_unit_is_learnt(layer, f):
    truth = np.array([0.05, 0.4, 0.9, 1.3])
    y, params = f(X, truth), layer.init(np.random.default_rng(0), (4,))
    loss = lambda params: ((layer.apply(params, {}, X, Context())[0] - y) ** 2).mean()  # noqa: E731
    with jax.enable_x64(True):
        step = jax.jit(lambda params: jax.tree.map(lambda p, g: p - 1.0 * g, params, jax.grad(loss)(params)))
        for _ in range(400):
            params = step(params)
        np.testing.assert_allclose(params["slope"], truth, atol=2e-2)


def test_names():
    assert activation_layer("prelu") == ParametricRelu()
    assert activation_layer("gelu") == Activation("gelu")
    assert [activation_layer(name) for name in ACTIVATION_NAMES]
    with pytest.raises(ValueError, match="did you mean 'prelu'"):
        activation_layer("prelu_")


@pytest.mark.parametrize("name", LEARNT)
def test_they_are_saved_and_their_start_is_a_number(name):
    layer = LEARNT[name]()
    assert from_json(to_json(layer)) == layer
    assert [leaf.dtype for leaf in jax.tree.leaves(numbers_as(layer, np.float32))] == [np.float32]
