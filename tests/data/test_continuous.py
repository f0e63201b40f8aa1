"""Columns of more than two values."""

import numpy as np
import scipy.sparse

from wellfit.data import continuous as module
from wellfit.data.continuous import continuous


def test_flags_and_constants_are_not(monkeypatch):
    rng = np.random.default_rng(0)
    block = np.column_stack([np.ones(50), rng.integers(0, 2, 50), rng.integers(0, 3, 50), rng.normal(size=50)])
    assert continuous(block.astype(np.float32)) == (2, 3)
    monkeypatch.setattr(module, "CHUNK", 7)
    late = np.zeros((50, 2))
    late[10:, 0], late[49, 0] = 1, 0.5
    assert continuous(late) == (0,)


def test_nothing_to_say():
    assert continuous(scipy.sparse.csr_array(np.eye(3))) is None
    assert continuous(np.zeros((0, 3))) == ()
    assert continuous(np.zeros((5, 0))) == ()
