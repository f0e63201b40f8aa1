"""What a kernel makes of rows beside what XLA does; each row by itself."""

import warnings

import jax
import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from tests.helpers.kernels import instructions
from tests.training.test_native_training import ENTRANCES, HIDDEN, network, of_a_table
from wellfit import MLPRegressor
from wellfit.layers.dense import Dense
from wellfit.layers.normalization import BatchNorm
from wellfit.native import library
from wellfit.training import native_forward
from wellfit.training.forward import crowd_outputs

pytestmark = pytest.mark.skipif(not library.available(), reason=library.about())


def crowd(entrance, hidden, dtype, n=300, members=3):
    """A network's members with weights everywhere, and rows."""
    made = network(3, *([ENTRANCES[entrance]] if entrance else []), *HIDDEN[hidden])
    X = np.random.default_rng(1).normal(size=(n, 7)).astype(dtype)
    x = of_a_table(X) if entrance else X
    shape = {"numeric": (7,), "codes": (4,)} if entrance else (7,)
    rng = np.random.default_rng(2)
    each = [made.init(np.random.default_rng(m), shape) for m in range(members)]
    params = jax.tree.map(
        lambda *leaves: np.stack([leaf + 0.1 * rng.normal(size=leaf.shape) for leaf in leaves]), *each
    )
    params = jax.tree.map(lambda leaf: leaf.astype(dtype), params)
    return made, params, ({},) * len(made.layers), x, dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("entrance", "hidden"),
    [(None, "three"), (None, "large"), ("all", "dropout"), ("many waves", "two"), ("all", "none")],
)
def test_outputs_are_those_of_xla(entrance, hidden, dtype, by_xla):
    made = crowd(entrance, hidden, dtype)
    assert native_forward.by_kernel(made[0], made[1], made[3])
    ours = crowd_outputs(*made)
    by_xla()
    tolerance = 1e-12 if dtype == np.float64 else 2e-5
    np.testing.assert_allclose(ours, crowd_outputs(*made), rtol=tolerance, atol=tolerance)


def test_no_bit_depends_on_other_rows_or_threads(monkeypatch):
    monkeypatch.setattr(native_forward, "ROWS", 100)
    made, params, statistics, x, dtype = crowd("all", "large", np.float32, n=333)
    alone = crowd_outputs(made, params, statistics, x, dtype)
    monkeypatch.setattr(native_forward, "WORTH_THREADS", 0)
    np.testing.assert_array_equal(crowd_outputs(made, params, statistics, x, dtype), alone)
    for rows in (slice(0, 1), slice(127, 129), slice(200, 260), slice(332, 333)):
        some = {name: block[rows] for name, block in x.items()}
        np.testing.assert_array_equal(crowd_outputs(made, params, statistics, some, dtype), alone[:, rows])


def test_rows_of_one_call_are_cut_among_cores(monkeypatch):
    made, params, statistics, x, dtype = crowd("all", "large", np.float32, n=333)
    alone = crowd_outputs(made, params, statistics, x, dtype)
    called, forward = [], library.forward
    monkeypatch.setattr(library, "forward", lambda task: (called.append(task.held_n), forward(task)))
    monkeypatch.setattr(native_forward, "cores", lambda: 9)
    for least in ("WORTH_THREADS", "WORTH_CUTTING"):
        monkeypatch.setattr(native_forward, least, 0)
    np.testing.assert_array_equal(crowd_outputs(made, params, statistics, x, dtype), alone)
    assert sorted(called) == 3 * [77] + 6 * [128]  # of three members, 333 rows each


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_row_depends_on_its_neighbours(dtype):
    made, params, _, x, _ = crowd(None, "large", dtype, n=333)
    together = native_forward.outputs_by_kernel(made, params, x)
    for part in (slice(5, 6), slice(7, 51), slice(1, 201)):
        np.testing.assert_array_equal(native_forward.outputs_by_kernel(made, params, x[part]), together[:, part])


@pytest.mark.parametrize("kind", library.INSTRUCTIONS)
def test_every_kind_of_instructions_has_the_same_numbers(kind):
    made = crowd("all", "three", np.float64)
    best = crowd_outputs(*made)
    with instructions(kind):
        np.testing.assert_allclose(crowd_outputs(*made), best, rtol=1e-11, atol=1e-12)


def test_rows_in_another_order_or_precision():
    made, params, _, x, _ = crowd(None, "relu", np.float32)
    ours = native_forward.outputs_by_kernel(made, params, x)
    np.testing.assert_array_equal(native_forward.outputs_by_kernel(made, params, np.asfortranarray(x)), ours)
    assert not native_forward.by_kernel(made, params, x.astype(np.float64))
    assert native_forward.outputs_by_kernel(made, params, x[:0]).shape == (3, 0, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mlp_pair_predicts_many_rows_by_it(dtype, by_xla):
    X = np.random.default_rng(0).normal(size=(500, 6)).astype(dtype)
    model = MLPRegressor(hidden_layer_sizes=(20, 9), activation="tanh", max_iter=30, tol=0.0, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X, np.sin(X[:, 0]) + X[:, 1])
    ours, alone = model.predict(X), model.predict(X[7:8])
    by_xla()
    tolerance = 1e-12 if dtype == np.float64 else 1e-5
    assert ours.dtype == dtype
    np.testing.assert_allclose(ours, model.predict(X), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(alone, ours[7:8], rtol=tolerance, atol=tolerance)


def test_other_networks_are_xlas():
    made = network(3, Dense(4), BatchNorm())
    params = jax.tree.map(lambda leaf: leaf[None].astype("f"), made.init(np.random.default_rng(0), (7,)))
    assert not native_forward.by_kernel(made, params, np.zeros((2, 7), np.float32))
