"""Initializers: bounds and variances (theory C-212, E-01, N-45)."""

import numpy as np
import pytest

from wellfit.functions.initializers import INITIALIZERS, for_activation, initialize

FAN = (784, 300)
VARIANCE = {"glorot": 2 / sum(FAN), "he": 2 / FAN[0], "lecun": 1 / FAN[0]}


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name != "zeros"])
def test_variance_mean_and_bounds(name):
    w = initialize(name, np.random.default_rng(0), FAN, *FAN)
    variance = VARIANCE[name.split("_")[0]]
    assert w.var() == pytest.approx(variance, rel=0.01)
    assert abs(w.mean()) < 3 * np.sqrt(variance / w.size)
    if name.endswith("uniform"):
        assert np.sqrt(3 * variance) * 0.999 < abs(w).max() <= np.sqrt(3 * variance)


def test_glorots_bound_for_784_and_300_is_that_of_the_paper():
    w = initialize("glorot_uniform", np.random.default_rng(0), FAN, *FAN)
    assert abs(w).max() == pytest.approx(0.07440, abs=1e-5)
    assert w.var() == pytest.approx(0.001845, rel=0.01)


def test_constants_and_names():
    assert (initialize(1.0, np.random.default_rng(0), (2, 3), 2, 3) == 1).all()
    assert not initialize("zeros", np.random.default_rng(0), (2, 3), 2, 3).any()
    assert (for_activation("relu"), for_activation("tanh")) == ("he_uniform", "glorot_uniform")
    with pytest.raises(ValueError, match="did you mean 'he_normal'"):
        initialize("he_norml", np.random.default_rng(0), (2, 3), 2, 3)
