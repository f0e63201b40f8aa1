"""The door of weights: None is ones, and what cannot be a frequency is refused."""

import numpy as np
import pytest

from wellfit.data.weights import as_counts, check_weights


def test_no_weights_are_ones_and_a_number_is_for_every_row():
    assert check_weights(None, 3).tolist() == [1, 1, 1]
    assert check_weights(2, 3).tolist() == [2, 2, 2]
    assert check_weights([1, 0, 2], 3).dtype == np.float64


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (["a", "b", "c"], "must hold numbers"),
        ([1.0, 2.0], r"shape \(3,\).*got \(2,\)"),
        ([[1.0], [2.0], [3.0]], r"shape \(3,\)"),
        ([1.0, np.nan, 1.0], "nan at row 1"),
        ([1.0, 1.0, np.inf], "inf at row 2"),
        ([1.0, -0.5, 1.0], r"negative \(-0.5\) at row 1"),
        ([0.0, 0.0, 0.0], "zero for every row"),
    ],
)
def test_what_cannot_be_a_frequency_is_refused(weights, words):
    with pytest.raises(ValueError, match=words):
        check_weights(weights, 3)


def test_shares_become_counts_and_counts_stay():
    np.testing.assert_allclose(as_counts(np.array([0.1, 0.3])), [0.5, 1.5])
    assert as_counts(np.array([1.0, 3.0])).tolist() == [1, 3]
