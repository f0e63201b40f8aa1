"""Penalties, schedules and noise."""

import jax
import numpy as np
import optax
import pytest
import scipy.stats

from wellfit.functions.noise import fold, keep_mask, normal, shuffled
from wellfit.functions.penalties import (
    l1_penalty,
    l2_penalty,
    lp_penalty,
    orthant_step,
    pseudo_gradient,
    soft_threshold,
)
from wellfit.functions.schedules import SCHEDULES, Cosine, OneCycle, Plateau, WarmUp, value_at


def test_penalties_and_their_gradients():
    w = np.array([1.0, -2.0, 3.0])
    assert l2_penalty(w, 0.5) == 0.25 * 14
    assert l1_penalty(w, 0.5) == 3
    with jax.enable_x64(True):
        np.testing.assert_allclose(jax.grad(l2_penalty)(w, 0.5), 0.5 * w)  # G-32
        np.testing.assert_allclose(jax.grad(l1_penalty)(w, 0.5), 0.5 * np.sign(w))  # G-33


@pytest.mark.parametrize("p", [1.0, 1.3, 1.5, 2.0, 3.0])
def test_lp_penalty_is_a_norm_to_its_power(p):
    w = np.array([0.7, -2.0, 0.0, 1e-30, 3.0])  # C-223
    assert lp_penalty(w, p, 0.5) == pytest.approx(0.5 / p * np.linalg.norm(w, p) ** p)
    with jax.enable_x64(True):
        slope = np.asarray(jax.grad(lp_penalty)(w, p, 0.5))
        np.testing.assert_allclose(slope, 0.5 * np.sign(w) * np.abs(w) ** (p - 1), atol=1e-300)
        step = 1e-6 * np.eye(5)[4]
        difference = (lp_penalty(w + step, p, 0.5) - lp_penalty(w - step, p, 0.5)) / 2e-6
        assert slope[4] == pytest.approx(difference, rel=1e-7)
        assert np.isfinite(np.asarray(jax.grad(lp_penalty, argnums=1)(w, p, 0.5)))
    assert np.asarray(jax.grad(lp_penalty)(np.zeros(3, np.float32), np.float32(p), np.float32(1))).tolist() == [0] * 3


def test_lp_penalty_has_l1_and_l2_at_its_ends():
    w = np.array([1.0, -2.0, 3.0])
    assert lp_penalty(w, 1.0, 0.5) == l1_penalty(w, 0.5)
    assert lp_penalty(w, 2.0, 0.5) == pytest.approx(l2_penalty(w, 0.5))


def test_soft_threshold_minimises_its_problem():
    grid = np.linspace(-5, 5, 100_001)
    for w in (-2.0, -0.3, 0.0, 0.4, 3.0):
        best = grid[np.argmin(0.5 * (grid - w) ** 2 + 0.5 * abs(grid))]
        assert soft_threshold(np.float64(w), 0.5) == pytest.approx(best, abs=1e-4)


def test_orthant_steps():
    w = np.array([1.0, -1.0, 0.0, 0.0])
    g = pseudo_gradient(w, np.array([0.0, 0.0, 0.5, 3.0]), 1.0)
    np.testing.assert_array_equal(g, [1, -1, 0, 2])
    after = orthant_step(w, np.array([-0.5, -0.5, 0.7, -0.2]), g)
    np.testing.assert_array_equal(after, [0, -0.5, 0, -0.2])


def test_an_orthant_step_hides_no_failure():
    assert np.isnan(orthant_step(np.array([1.0]), np.array([np.nan]), np.array([1.0]))).all()


def test_cosine_equals_optax():
    theirs = optax.cosine_decay_schedule(0.1, 100)
    for step in (0, 13, 50, 99, 100):
        assert Cosine(0.1).at(np.float64(step / 100)) == pytest.approx(float(theirs(step)), rel=1e-5, abs=1e-7)


def test_warm_up_equals_optax():
    theirs = optax.warmup_cosine_decay_schedule(0.0, 0.1, 20, 100)
    for step in (0, 5, 20, 60, 100):
        assert WarmUp(0.1, 0.2).at(np.float64(step / 100)) == pytest.approx(float(theirs(step)), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_stay_between_zero_and_their_peak(name):
    schedule = SCHEDULES[name](peak=2.0)
    values = [float(value_at(schedule, np.float64(t), schedule.start())) for t in np.linspace(0, 1, 201)]
    assert max(values) == pytest.approx(2, rel=1e-3)
    assert min(values) >= -1e-12
    assert value_at(3.0, np.float64(0.5)) == 3.0


@pytest.mark.parametrize("edge", [0.0, 1.0])
@pytest.mark.parametrize("schedule", [WarmUp, OneCycle])
def test_a_rise_may_last_no_time_or_all_of_it(schedule, edge):
    values = [float(schedule(1.0, edge).at(np.float64(t))) for t in (0.0, 0.5, 1.0)]
    assert np.isfinite(values).all()
    assert max(values) == pytest.approx(1)


def test_one_cycle_equals_optax():
    theirs = optax.cosine_onecycle_schedule(100, 0.1, 0.3, 25, 1e4 / 25)
    for step in (0, 10, 30, 31, 70, 100):
        assert OneCycle(0.1).at(np.float64(step / 100)) == pytest.approx(float(theirs(step)), rel=1e-4, abs=1e-7)


def test_plateau_lowers_the_rate_after_its_patience():
    schedule, seen = Plateau(peak=1.0, factor=0.5, patience=2), []
    memory = schedule.start()
    for score in (3, 2, 2, 2, 2, 1, 1, 1, 1):
        memory = schedule.observe(memory, np.float32(score))
        seen.append(float(schedule.at(np.float32(0), memory)))
    assert seen == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("n", [1, 2, 3, 97, 1000, 1003])
def test_every_row_once_in_every_epoch(n):
    for epoch in range(3):
        order = shuffled(np.arange(n), n, fold(np.uint32(5), epoch))
        np.testing.assert_array_equal(np.sort(order), np.arange(n))


def test_orders_are_uniform_enough():
    n, epochs = 50, 4000
    orders = np.array([shuffled(np.arange(n), n, fold(np.uint32(1), e)) for e in range(epochs)])
    for place in (0, 25, 49):
        assert scipy.stats.chisquare(np.bincount(orders[:, place], minlength=n)).pvalue > 1e-4
    gaps = np.abs(np.diff(orders, axis=1))
    expected = np.array([2 * (n - k) / (n * (n - 1)) for k in range(1, n)])
    np.testing.assert_allclose(np.bincount(gaps.ravel(), minlength=n)[1:] / gaps.size, expected, atol=0.004)


def test_noise_is_the_same_on_the_host_and_in_a_program_and_has_its_rate():
    mask = keep_mask(np.uint32(3), (300, 200), np.float32(0.2))
    np.testing.assert_array_equal(
        mask, jax.jit(lambda s, r: keep_mask(s, (300, 200), r))(np.uint32(3), np.float32(0.2))
    )
    assert mask.mean() == pytest.approx(0.8, abs=0.008)
    other = keep_mask(fold(np.uint32(3), 1), (300, 200), np.float32(0.2))
    assert abs(np.corrcoef(mask.ravel(), other.ravel())[0, 1]) < 0.02


def test_normal_deviates_are_normal_independent_and_the_same_in_a_program():
    draws = normal(np.uint32(3), (300, 200))
    assert draws.dtype == np.float32
    assert scipy.stats.kstest(draws.ravel(), "norm").pvalue > 0.01
    assert scipy.stats.kstest(draws[:, 0], "norm").pvalue > 0.01
    in_a_program = jax.jit(lambda s: normal(s, (300, 200)))(np.uint32(3))
    np.testing.assert_allclose(draws, in_a_program, atol=1e-5)
    other = normal(fold(np.uint32(3), 1), (300, 200))
    assert abs(np.corrcoef(draws.ravel(), other.ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(draws.ravel()[:-1], draws.ravel()[1:])[0, 1]) < 0.02
    assert abs(np.corrcoef(draws.ravel()[:-200], draws.ravel()[200:])[0, 1]) < 0.02
