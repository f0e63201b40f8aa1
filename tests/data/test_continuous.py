"""Columns of more than two values."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wellfit.data import continuous as module
from wellfit.data.continuous import continuous


def test_flags_and_constants_are_not(monkeypatch):
    rng = np.random.default_rng(0)
    block = np.column_stack([np.ones(50), rng.integers(0, 2, 50), rng.integers(0, 3, 50), rng.normal(size=50)])
    assert continuous(block.astype(np.float32)) == (2, 3)
    monkeypatch.setattr(module, "FIRST_ROWS", 7)
    monkeypatch.setattr(module, "NUMBERS", 14)
    late = np.zeros((50, 2))
    late[10:, 0], late[49, 0] = 1, 0.5
    assert continuous(late) == (0,)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(arrays(np.float32, (12, 3), elements=st.sampled_from([0.0, 1.0, 2.0, 3.0])), st.integers(1, 5))
def test_three_different_values_are_found_wherever_they_are(block, size):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST_ROWS", size)
        patch.setattr(module, "NUMBERS", 3 * size)
        assert continuous(block) == tuple(j for j in range(3) if len(np.unique(block[:, j])) > 2)


def test_nothing_to_say():
    assert continuous(scipy.sparse.csr_array(np.eye(3))) is None
    assert continuous(np.zeros((0, 3))) == ()
    assert continuous(np.zeros((5, 0))) == ()
