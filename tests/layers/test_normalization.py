"""Normalisation: torch's numbers, weights as frequencies, and rows that only pad."""

import jax
import numpy as np
import pytest

from wellfit.layers.base import Context
from wellfit.layers.normalization import BatchNorm, LayerNorm, RMSNorm, moments_of_rows

RNG = np.random.default_rng(0)
X = RNG.normal(2.0, 3.0, (20, 5))
PARAMS = {"scale": RNG.normal(size=5), "bias": RNG.normal(size=5)}
TRAINING = Context(training=True)


def theirs(torch, layer):
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(PARAMS["scale"]))
        if getattr(layer, "bias", None) is not None:
            layer.bias.copy_(torch.tensor(PARAMS["bias"]))
    return layer


@pytest.mark.parametrize("shape", [(20, 5), (4, 5, 5)])
def test_layer_and_rms_norm_are_torchs(shape):
    torch = pytest.importorskip("torch")
    x = X.ravel()[: np.prod(shape)].reshape(shape)
    layer = theirs(torch, torch.nn.LayerNorm(5, dtype=torch.float64))
    found, _ = LayerNorm().apply(PARAMS, {}, x, Context())
    np.testing.assert_allclose(found, layer(torch.tensor(x)).detach().numpy(), rtol=1e-12)
    layer = theirs(torch, torch.nn.RMSNorm(5, eps=1e-6, dtype=torch.float64))
    found, _ = RMSNorm().apply({"scale": PARAMS["scale"]}, {}, x, Context())
    np.testing.assert_allclose(found, layer(torch.tensor(x)).detach().numpy(), rtol=1e-12)


def test_batch_norm_is_torchs_in_training_and_at_prediction():
    torch = pytest.importorskip("torch")
    layer = theirs(torch, torch.nn.BatchNorm1d(5, dtype=torch.float64))
    ours, kept = BatchNorm(), {**BatchNorm().statistics((5,)), "weight": np.asarray(20.0)}  # as if it had run for long
    for step in range(3):
        x = X + step
        found, kept = ours.apply(PARAMS, kept, x, TRAINING)
        np.testing.assert_allclose(found, layer(torch.tensor(x)).detach().numpy(), rtol=1e-10)
    np.testing.assert_allclose(kept["mean"], layer.running_mean.numpy(), rtol=1e-12)
    # torch's batches have the variance n/(n - 1), what it started from has not
    start = 0.9**3
    np.testing.assert_allclose((kept["variance"] - start) * 20 / 19 + start, layer.running_var.numpy(), rtol=1e-12)
    layer.running_var.copy_(torch.tensor(kept["variance"]))
    expected = layer.eval()(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(ours.apply(PARAMS, kept, X, Context())[0], expected, rtol=1e-10)


def test_torchs_gradients():
    torch = pytest.importorskip("torch")
    x = torch.tensor(X, requires_grad=True)
    weights = RNG.normal(size=X.shape)
    layer = theirs(torch, torch.nn.BatchNorm1d(5, dtype=torch.float64))
    (layer(x) * torch.tensor(weights)).sum().backward()
    kept = BatchNorm().statistics((5,))
    with jax.enable_x64(True):
        found = jax.grad(lambda x: (BatchNorm().apply(PARAMS, kept, x, TRAINING)[0] * weights).sum())(X)
        np.testing.assert_allclose(found, x.grad.numpy(), rtol=1e-8, atol=1e-10)


def test_the_first_batch_replaces_the_start_and_later_ones_are_averaged():
    layer, kept = BatchNorm(momentum=0.25), BatchNorm().statistics((5,))
    batches = [X, X + 1, X[:4]]
    for batch in batches:
        _, kept = layer.apply(PARAMS, kept, batch, TRAINING)
        if batch is X:
            np.testing.assert_allclose(kept["mean"], X.mean(axis=0))
            np.testing.assert_allclose(kept["variance"], X.var(axis=0))
    shares = np.array([20 * 0.75**2, 20 * 0.75, 4])
    expected = np.average([batch.mean(axis=0) for batch in batches], axis=0, weights=shares)
    np.testing.assert_allclose(kept["mean"], expected, rtol=1e-12)


def test_weights_are_frequencies_and_padding_is_not_there():
    w = np.r_[RNG.integers(1, 4, 17).astype(float), 0, 0, 0]
    x = X.copy()
    x[17:] = 1e30
    twice = np.repeat(x, w.astype(int), axis=0)
    layer, kept = BatchNorm(), BatchNorm().statistics((5,))
    weighted, after = layer.apply(PARAMS, kept, x, TRAINING._replace(weight=w))
    repeated, expected = layer.apply(PARAMS, kept, twice, TRAINING)
    np.testing.assert_allclose(np.repeat(weighted, w.astype(int), axis=0), repeated, rtol=1e-10)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), after, expected)
    mean, variance, total = moments_of_rows(x, w)
    np.testing.assert_allclose(mean, np.average(x[:17], axis=0, weights=w[:17]))
    np.testing.assert_allclose(variance, np.average((x[:17] - mean) ** 2, axis=0, weights=w[:17]))
    assert total == w.sum()


def test_a_batch_without_weight_changes_nothing():
    kept = {"mean": X[0], "variance": X[1] ** 2, "weight": np.asarray(7.0)}
    _, after = BatchNorm().apply(PARAMS, kept, X, TRAINING._replace(weight=np.zeros(20)))
    np.testing.assert_array_equal(after["mean"], kept["mean"])
    np.testing.assert_array_equal(after["variance"], kept["variance"])


def test_without_scale_and_bias():
    h, _ = BatchNorm(learn=False).apply({}, BatchNorm().statistics((5,)), X, TRAINING)
    np.testing.assert_allclose(h.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(h.std(axis=0), 1, rtol=1e-5)
    assert BatchNorm(learn=False).parameters((5,)) == LayerNorm(learn=False).parameters((5,)) == {}
