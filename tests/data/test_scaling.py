"""The scaler: exact in the weights, robust, and never a NaN or a warning from what people have."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from tests.helpers.kernels import instructions
from wellfit.core import weighted
from wellfit.data import scaling
from wellfit.data.scaling import Scaler
from wellfit.native import library
from wellfit.native.plain import taken

quick = settings(max_examples=40, deadline=None, derandomize=True)
KINDS = ("robust", "standard", "none")


@pytest.fixture
def X():
    return np.random.default_rng(0).normal(3.0, 5.0, (40, 3))


def test_standard_is_scikit_learns(X):
    found = Scaler.fit(X, np.ones(40), "standard", clip=None).transform(X, np.float64)
    np.testing.assert_allclose(found, StandardScaler().fit_transform(X), rtol=1e-12, atol=1e-12)


def test_robust_is_the_formula(X):
    low, centre, high = np.quantile(X, [0.25, 0.5, 0.75], axis=0, method="averaged_inverted_cdf")
    u = (X - centre) / ((high - low) / 1.349)
    found = Scaler.fit(X, np.ones(40)).transform(X, np.float64)
    np.testing.assert_allclose(found, u / np.sqrt(1 + (u / 3) ** 2), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_integer_weights_equal_repeats(X, kind):
    w = np.random.default_rng(1).integers(0, 4, 40)
    weighted, repeated = Scaler.fit(X, w.astype(float), kind), Scaler.fit(np.repeat(X, w, 0), np.ones(w.sum()), kind)
    np.testing.assert_allclose(weighted.centre, repeated.centre, rtol=1e-12)
    np.testing.assert_allclose(weighted.factor, repeated.factor, rtol=1e-12)


@quick
@given(arrays(np.float64, (6, 2), elements=st.floats(allow_nan=True, allow_infinity=False)), st.sampled_from(KINDS))
def test_any_finite_table_becomes_finite(X, kind):
    with np.errstate(all="raise", under="ignore"):
        scaler = Scaler.fit(X, np.ones(6), kind)
    for dtype in (np.float32, np.float64):
        assert np.isfinite(scaler.transform(X, dtype)).all()
        assert np.isfinite(scaler.transform(np.array([[1e308, -1e308], [5e-324, np.nan]]), dtype)).all()


def test_a_huge_value_in_a_column_of_tiny_ones_is_far_out_not_in_the_middle():
    tiny = 1e-200 * np.arange(1.0, 9.0)[:, None]
    found = Scaler.fit(tiny, np.ones(8)).transform(np.array([[1e150], [-1e150]]), np.float64)
    np.testing.assert_allclose(found.ravel(), [3.0, -3.0])


def test_an_outlier_stays_an_outlier():
    X = np.r_[np.arange(10.0), 3000.0][:, None]
    found = Scaler.fit(X, np.ones(11)).transform(X)
    assert 2.9 < found[-1, 0] <= 3.0
    assert np.ptp(found[:10]) > 1


@pytest.mark.parametrize("kind", ["robust", "standard"])
@pytest.mark.parametrize("value", [0.0, 7.3, 1e300, np.nan])
def test_a_column_that_carries_nothing_is_silenced(kind, value):
    X = np.full((5, 1), value)
    scaler = Scaler.fit(X, np.ones(5), kind)
    assert scaler.factor.tolist() == [0.0]
    assert not scaler.transform(np.array([[5.0], [np.nan], [-1e300]])).any()


def test_missing_becomes_the_centre_and_nothing_is_written_into_the_users_array(X):
    X[3, 1] = np.nan
    before = X.copy()
    X.flags.writeable = False
    scaler = Scaler.fit(X, np.ones(40))
    assert scaler.transform(X)[3, 1] == 0
    assert np.array_equal(X, before, equal_nan=True)


def test_a_flag_column_falls_back_to_the_standard_deviation():
    X = np.r_[np.zeros(9), 1.0][:, None]
    assert Scaler.fit(X, np.ones(10)).factor[0] == pytest.approx(1 / 0.3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_is_the_scaler(X, kind):
    scaler = Scaler.fit(X, np.ones(40), kind)
    again = Scaler.from_state(scaler.to_state())
    assert np.array_equal(again.transform(X), scaler.transform(X))


@pytest.mark.parametrize("kind", KINDS)
def test_float32_has_the_scaling_of_the_same_numbers_in_float64(X, kind):
    single = X.astype(np.float32)
    found, wanted = Scaler.fit(single, np.ones(40), kind), Scaler.fit(single.astype(np.float64), np.ones(40), kind)
    assert np.array_equal(found.centre, wanted.centre)
    assert np.array_equal(found.factor, wanted.factor)


def large(n=60_000, d=20):
    """A table whose quantiles come from some of its rows: normal columns, a rare flag, a constant, one with gaps."""
    rng = np.random.default_rng(2)
    X = rng.normal(np.arange(d), 1 + np.arange(d), (n, d)).astype(np.float32)
    X[:, 0] = 1e4 * (rng.random(n) < 0.001)
    X[:, 1] = 1.7e9
    X[1::3, 2] = np.nan
    return X, rng.uniform(0.5, 2.0, n)


@pytest.mark.parametrize("kind", ["robust", "standard"])
def test_a_large_table_is_scaled_by_a_sample_nearly_as_by_all_rows(monkeypatch, kind):
    X, w = large()
    assert X.size > scaling.EXACT_NUMBERS
    sampled = Scaler.fit(X, w, kind)
    monkeypatch.setattr(scaling, "EXACT_NUMBERS", X.size)
    exact = Scaler.fit(X, w, kind)
    used = exact.factor != 0
    assert np.array_equal(used, sampled.factor != 0)
    assert not used[1]
    near = 1e-6 if kind == "standard" else 0.05
    np.testing.assert_allclose(sampled.factor[used], exact.factor[used], rtol=near)
    assert (np.abs(sampled.centre - exact.centre) * exact.factor)[used].max() < near


def test_a_rare_flag_in_a_large_table_has_the_standard_deviation_of_all_rows():
    """A sample of some thousand rows would hardly see it."""
    X, w = large()
    assert Scaler.fit(X, w).factor[0] == pytest.approx(1 / weighted.std(X[:, 0], w), rel=1e-9)


@pytest.mark.parametrize("factor", [1e-200, 1e160])
def test_moments_of_a_large_table_stay_finite(monkeypatch, factor):
    monkeypatch.setattr(scaling, "EXACT_NUMBERS", 100)
    monkeypatch.setattr(scaling, "SAMPLED_NUMBERS", 50)
    X = factor * (np.arange(6000.0) % 50 == 0)[:, None]
    with np.errstate(all="raise", under="ignore"):
        found = Scaler.fit(X, np.ones(6000)).factor
    assert found[0] == pytest.approx(1 / (min(factor, 1e150) * np.sqrt(0.02 * 0.98)))


@quick
@given(arrays(np.float64, (5, 2), elements=st.floats(-1e150, 1e150)), st.sampled_from(KINDS))
def test_tame_numbers_are_scaled_to_the_same_bits_without_guards(X, kind):
    scaler = Scaler.fit(X, np.ones(5), kind)
    if scaler.tames(X.min(axis=0), X.max(axis=0)):
        for dtype in (np.float32, np.float64):
            assert np.array_equal(scaler.transform(X, dtype, tame=True), scaler.transform(X, dtype))


def test_single_precision_is_double_rounded(X):
    X = np.r_[X, 1e3 * X]
    scaler = Scaler.fit(X, np.ones(80))
    np.testing.assert_allclose(scaler.transform(X), scaler.transform(X, np.float64), rtol=4e-7)


def test_what_needs_guards_is_not_tame(X):
    robust, none = Scaler.fit(X, np.ones(40)), Scaler.fit(X, np.ones(40), "none")
    assert robust.tames(X.min(axis=0), X.max(axis=0))
    for value in (np.nan, np.inf, 1e200):
        assert not robust.tames(X.min(axis=0), np.full(3, value))
    assert not none.tames(X.min(axis=0), np.full(3, 1e39))
    assert not robust.tames(X.min(axis=0), np.full(3, 1e30))  # whose square is infinite in float32
    np.testing.assert_allclose(robust.transform(np.full((1, 3), 1e30)), 3, rtol=4e-7)
    wide = Scaler.fit(1e150 * (np.arange(8.0)[:, None] - 4), np.ones(8))
    assert wide.tames(np.array([-1e150]), np.array([1e150]))
    assert not wide.tames(np.array([-1e150]), np.array([1e160]))


@pytest.mark.skipif(not library.available(), reason=library.about())
@pytest.mark.parametrize("kind", library.INSTRUCTIONS)
@pytest.mark.parametrize("clip", [3.0, None])
@pytest.mark.parametrize("columns", [1, 3, 8, 65])
def test_the_kernel_scales_to_the_bits_of_numpy(columns, clip, kind):
    rng = np.random.default_rng(0)
    with instructions(kind):
        for dtype in (np.float32, np.float64):
            X = (rng.normal(size=(203, columns)) * rng.lognormal(size=columns)).astype(dtype)
            scaler = Scaler.fit(X, np.ones(203), "robust" if clip else "standard", clip=clip)
            for place in (np.float32, np.float64):
                wanted = scaler.transform(X, place, tame=True)
                for out in (np.zeros((203, columns), place), np.zeros((203, columns + 2), place)[:, :columns]):
                    scaler.transform_into(X, out, tame=True)
                    assert np.array_equal(out, wanted)


def test_what_the_kernel_does_not_take_is_numpys(X, monkeypatch):
    scaler, wide = Scaler.fit(X, np.ones(40)), np.zeros((40, 6))
    wanted = scaler.transform(X, np.float64)
    assert not taken(np.asfortranarray(X), wide[:, :3])
    assert not taken(X.astype(">f8"), wide[:, :3])
    assert not taken(X, wide[:, ::2])
    for given_X, out in ((np.asfortranarray(X), wide[:, :3]), (X, wide[:, ::2]), (X[::2], wide[::2, :3])):
        out[...] = 0
        scaler.transform_into(given_X, out, tame=True)
        assert np.array_equal(out, wanted[:: 40 // len(out)])
    monkeypatch.setattr(library, "available", lambda: False)
    assert not taken(X, wide[:, :3])
