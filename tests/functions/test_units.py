"""The neuron of McCulloch and Pitts, and what one of them can and cannot compute."""

from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wellfit.functions.units import logic_and, logic_not, logic_or, logic_xor, mcculloch_pitts

TABLE = np.array(list(product((0, 1), repeat=2)))


def test_logic_is_numpys():  # C-001, C-301, N-21
    a, b = TABLE.T.astype(bool)
    np.testing.assert_array_equal(logic_and(TABLE), a & b)
    np.testing.assert_array_equal(logic_or(TABLE), a | b)
    np.testing.assert_array_equal(logic_xor(TABLE), a ^ b)
    np.testing.assert_array_equal(logic_not(a.astype(int)), ~a)
    rows = np.random.default_rng(0).integers(0, 2, (50, 7))
    np.testing.assert_array_equal(logic_and(rows), rows.all(axis=1))
    np.testing.assert_array_equal(logic_or(rows), rows.any(axis=1))


def test_a_threshold_is_reached_not_exceeded():  # C-001
    assert mcculloch_pitts(np.array([1, 1]), np.array([0.5, 0.5]), 1.0) == 1
    assert mcculloch_pitts(np.array([1, 0]), np.array([0.5, 0.5]), 1.0) == 0


def test_any_inhibition_silences_whatever_the_sum():
    x = np.ones((3, 4), int)
    inhibitory = np.array([[0, 0], [0, 1], [1, 1]])
    np.testing.assert_array_equal(mcculloch_pitts(x, np.full(4, 100.0), 1, inhibitory), [1, 0, 0])


def test_the_concert():  # N-14, N-15, N-79, C-300
    assert mcculloch_pitts(np.array([1, 0, 1]), np.array([0.7, 0.6, 0.4]), 1.5) == 0  # 1.1, not 1.6
    assert mcculloch_pitts(np.array([1, 0, 1, 0, 1]), np.array([0.7, 0.6, 0.5, 0.3, 0.4]), 1.5) == 1


def test_no_single_neuron_is_xor():  # C-004
    numbers = np.linspace(-2, 2, 17)
    target = logic_xor(TABLE)
    for weights in product(numbers, repeat=2):
        sums = TABLE @ np.array(weights)
        for threshold in numbers:
            assert not np.array_equal(sums >= threshold, target)


def test_it_runs_in_a_program():
    np.testing.assert_array_equal(jax.jit(logic_xor)(jnp.asarray(TABLE)), [0, 1, 1, 0])


def test_inputs_are_0_or_1():
    with pytest.raises(
        ValueError, match=r"x of a McCulloch-Pitts neuron must hold only 0 and 1, got 0\.5; threshold it"
    ):
        mcculloch_pitts(np.array([0.5, 1]), np.ones(2), 1)
    with pytest.raises(ValueError, match="inhibitory of a McCulloch"):
        mcculloch_pitts(np.array([0, 1]), np.ones(2), 1, np.array([2]))
