"""Waves of numbers: the formula, where frequencies start, and what is refused."""

import numpy as np
import pytest

from wellfit.layers.base import Context
from wellfit.layers.periodic import Periodic

RNG = np.random.default_rng(0)


def test_the_formula():
    layer = Periodic((2, 0), frequencies=5, mixtures=2)
    params = layer.init(RNG, (3,))
    x = RNG.normal(size=(7, 3))
    found, _ = layer.apply(params, {}, x, Context())
    np.testing.assert_array_equal(found[:, :3], x)
    for place, column in enumerate((2, 0)):
        w, b, v, c = (params[name][place] for name in ("frequency", "phase", "embedding", "bias"))
        expected = np.cos(2 * np.pi * (x[:, column, None] * w + b)) @ v + c
        np.testing.assert_allclose(found[:, 3 + 2 * place : 5 + 2 * place], expected, atol=1e-12)


def test_frequencies_start_evenly_over_octaves():
    waves = Periodic(tuple(range(200)), slowest=0.1, fastest=1.6).init(RNG, (200,))["frequency"]
    assert waves.min() >= 0.1
    assert waves.max() <= 1.6
    shares = np.histogram(np.log2(waves), bins=np.log2([0.1, 0.2, 0.4, 0.8, 1.6]))[0] / waves.size
    np.testing.assert_allclose(shares, 0.25, atol=0.04)


def test_what_is_refused():
    with pytest.raises(ValueError, match="0 < slowest <= fastest"):
        Periodic((0,), slowest=1.0, fastest=0.5)
    with pytest.raises(ValueError, match="positions from 0 to 2"):
        Periodic((3,)).output_shape((3,))
    with pytest.raises(ValueError, match="rows of numbers"):
        Periodic((0,)).output_shape((3, 3))
