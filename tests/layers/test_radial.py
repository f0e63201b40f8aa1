"""Radial units: where their centres and widths start, and what training may move."""

import jax
import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from wellfit.layers.base import Context
from wellfit.layers.radial import Radial, nearest_centre

RNG = np.random.default_rng(0)
ROWS = np.concatenate([RNG.normal(centre, 0.1, (30, 2)) for centre in ((0, 0), (5, 0), (0, 5))])


def test_the_bell():  # C-019
    layer, params = Radial(2), {"centre": np.array([[0.0, 0], [3, 4]]), "log_width": np.log([1.0, 2.0])}
    h, _ = layer.apply(params, {}, np.array([[3.0, 4.0], [0.0, 0.0]]), Context())
    np.testing.assert_allclose(h, [[np.exp(-25 / 2), 1], [1, np.exp(-25 / (2 * 2**2))]])


def test_centres_start_where_k_means_puts_them():
    params = Radial(3).init(np.random.default_rng(1), (2,), ROWS)
    theirs = KMeans(3, n_init=10, random_state=0).fit(ROWS).cluster_centers_
    np.testing.assert_allclose(np.sort(params["centre"], axis=0), np.sort(theirs, axis=0), rtol=1e-6)
    gaps = cdist(params["centre"], params["centre"]) + np.diag([np.inf] * 3)
    np.testing.assert_allclose(np.exp(params["log_width"]), gaps.min(axis=1))


def test_as_many_centres_as_rows_are_the_rows_and_more_lie_about_them():
    params = Radial(90).init(np.random.default_rng(1), (2,), ROWS)
    np.testing.assert_array_equal(params["centre"], np.unique(ROWS, axis=0))
    few = np.repeat(ROWS[:2], 5, axis=0)
    params = Radial(6).init(np.random.default_rng(1), (2,), few)
    assert np.isfinite(params["centre"]).all()
    assert np.isfinite(params["log_width"]).all()
    assert len(np.unique(params["centre"], axis=0)) == 6


def test_widths():
    np.testing.assert_array_equal(
        Radial(3, start_width=0.5).init(np.random.default_rng(0), (2,))["log_width"], np.log([0.5] * 3)
    )
    np.testing.assert_array_equal(nearest_centre(np.zeros((1, 2))), [1])
    np.testing.assert_array_equal(nearest_centre(np.array([[0.0], [0.0], [2.0]])), [2, 2, 2])


@pytest.mark.parametrize(("centres", "widths"), [(True, True), (True, False), (False, True), (False, False)])
def test_what_is_not_learnt_has_no_gradient(centres, widths):
    layer = Radial(4, learn_centres=centres, learn_widths=widths)
    params = layer.init(np.random.default_rng(0), (2,))
    gradient = jax.grad(lambda p: layer.apply(p, {}, ROWS[:5], Context())[0].sum())(params)
    assert (bool(np.any(gradient["centre"])), bool(np.any(gradient["log_width"]))) == (centres, widths)


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="kernel 'gausian' is unknown; did you mean 'gaussian'"):
        Radial(3, "gausian")
    with pytest.raises(ValueError, match="units=0 of a radial layer must be an integer >= 1"):
        Radial(0)
    with pytest.raises(ValueError, match="start_width=-1 of a radial layer must be None or a number > 0"):
        Radial(3, start_width=-1).init(np.random.default_rng(0), (2,))
    with pytest.raises(ValueError, match="a radial layer needs rows of one axis"):
        Radial(3).output_shape((2, 2))
