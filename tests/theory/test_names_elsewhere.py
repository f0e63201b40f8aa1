"""The table of other libraries' names: what it names is there, and computes what torch computes."""

import numpy as np
import pytest

from tests.test_theory import exists
from tests.theory.table import PAGE
from wellfit.functions.links import log_softmax
from wellfit.functions.losses import classification, regression


def table():
    """Keras, PyTorch and wellfit: the cells of every row of the page's table."""
    text = PAGE.read_text().partition("## Names elsewhere")[2].partition("| id |")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_name_of_the_table_is_there():  # C-360, C-361
    assert len(table()) >= 20
    for keras, torch, own in table():
        assert keras != "-" or torch != "-"
        if own.startswith("`"):
            assert exists(own.split("`")[1]), own


def test_losses_are_torchs():  # C-361
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    z, y, t = rng.normal(size=(9, 4)), rng.integers(0, 4, 9), rng.normal(size=(9, 4))
    tensors = [torch.tensor(a) for a in (z, y, t)]
    flags = 1.0 * (t > 0)
    nn = torch.nn
    pairs = [
        (classification.cross_entropy(z, y).mean(), nn.CrossEntropyLoss()(tensors[0], tensors[1])),
        (classification.cross_entropy(z, y).mean(), nn.NLLLoss()(torch.tensor(log_softmax(z)), tensors[1])),
        (classification.binary_cross_entropy(z, flags).mean(), nn.BCEWithLogitsLoss()(tensors[0], torch.tensor(flags))),
        (regression.mean_squared_error(z, t), nn.MSELoss()(tensors[0], tensors[2])),
        (regression.absolute_error(z, t).mean(), nn.L1Loss()(tensors[0], tensors[2])),
        (regression.huber(z, t, 1.5).mean(), nn.HuberLoss(delta=1.5)(tensors[0], tensors[2])),
    ]  # fmt: skip
    for own, theirs in pairs:
        assert float(own) == pytest.approx(float(theirs), rel=1e-12)
