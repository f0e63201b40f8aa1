"""What holds for every family, whatever it is."""

import dataclasses

import jax
import numpy as np
import pytest
import scipy.optimize

from tests.families.cases import CASES, ROWS
from wellfit.core.spec import numbers_as
from wellfit.families.bernoulli import Bernoulli
from wellfit.families.categorical import Categorical
from wellfit.families.table import FAMILIES

every = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
compiling = pytest.mark.parametrize(  # a program each: a few in the fast tests, all of them in the slow
    "case",
    [case if number % 4 == 0 else pytest.param(case, marks=pytest.mark.slow) for number, case in enumerate(CASES)],
    ids=lambda case: case.name,
)


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_the_cases_cover_the_table():
    assert {type(case.family) for case in CASES} == set(FAMILIES.values())


@compiling
def test_gradient_is_that_of_finite_differences_and_both_paths_agree(case, rng):
    y, z, w = case.y(rng), case.z(rng), rng.random(ROWS)
    family = numbers_as(case.family, np.float64)
    with jax.enable_x64(True):
        both = jax.jit(jax.value_and_grad(lambda family, z, y, w: (w * family.loss(z, y)).sum(), argnums=1))
        value, gradient = (np.asarray(a) for a in both(family, z, y, w))
    host = w * case.family.loss(z, y)
    assert host.dtype == np.float64
    np.testing.assert_allclose(value, host.sum(), rtol=1e-12)
    step = 1e-6
    for column in range(z.shape[1]):
        move = np.eye(z.shape[1])[column] * step
        slope = w * (case.family.loss(z + move, y) - case.family.loss(z - move, y)) / (2 * step)
        np.testing.assert_allclose(gradient[:, column], slope, rtol=1e-5, atol=1e-7)


@every
def test_no_constant_beats_the_intercept(case, rng):
    y, w = case.y(rng), rng.random(ROWS) + 0.1

    def loss(constant):
        return w @ case.family.loss(np.broadcast_to(constant, (ROWS, constant.size)), y) / w.sum()

    best = case.family.intercept(y, w)
    assert best.shape == (case.family.outputs,)
    assert best.dtype == np.float64
    for start in (best + 0.05, np.zeros_like(best), best - 1.0, rng.normal(size=best.size)):
        found = scipy.optimize.minimize(loss, start, method="Powell", options={"xtol": 1e-8, "ftol": 1e-12})
        assert loss(best) <= found.fun + 1e-9


@every
def test_weight_2_is_the_row_twice(case, rng):
    y, w = case.y(rng), rng.integers(0, 4, ROWS)
    often, once = np.repeat(np.arange(ROWS), w), np.ones(w.sum())
    family, z = case.family, case.z(rng)
    w = w.astype(float)
    np.testing.assert_allclose(family.intercept(y, w), family.intercept(y[often], once), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(family.score(z, y, w), family.score(z[often], y[often], once), rtol=1e-9)
    fitted, repeated = family.with_dispersion(z, y, w), family.with_dispersion(z[often], y[often], once)
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), fitted, repeated)


@every
def test_no_loss_is_below_the_floor(case, rng):
    y = case.y(rng)
    floor = case.family.floor(y)
    assert floor.shape == (ROWS,)
    for size in (0.1, 1.0, 5.0, 30.0):
        assert (case.family.loss(case.z(rng, size=size), y) >= floor - 1e-9).all()


@every
def test_the_truth_reaches_the_floor(case, rng):
    y = case.y(rng)
    rows = [case.family.intercept(y[i : i + 1], np.ones(1)) for i in range(ROWS)]
    np.testing.assert_allclose(case.family.loss(np.stack(rows), y), case.family.floor(y), atol=1e-9, rtol=1e-9)


@compiling
def test_finite_in_float32_out_to_80(case, rng):
    y = case.y(rng, np.float32)
    family = numbers_as(case.family, np.float32)
    few = min(case.family.outputs, 4)
    corners = np.stack(np.meshgrid(*[[80.0, 40.0, 0.0, -40.0, -80.0]] * few), axis=-1).reshape(-1, few)
    # At least as many rows as corners: every combination of far outputs meets some y.
    rows = max(ROWS, len(corners))
    y = np.resize(y, (rows, *y.shape[1:]))
    z = np.resize(corners, (rows, few)).astype(np.float32)[:, np.arange(case.family.outputs) % few]
    both = jax.jit(jax.vmap(jax.value_and_grad(lambda z, y: family.loss(z[None], y[None])[0])))
    loss, gradient = both(z, y)
    assert loss.dtype == gradient.dtype == np.float32
    assert np.isfinite(loss).all()
    assert np.isfinite(gradient).all()
    assert np.isfinite(case.family.loss(z, y)).all()


@compiling
def test_float32_stays_float32_on_host_and_in_a_program(case, rng):
    y, z = case.y(rng, np.float32), case.z(rng, np.float32)
    arguments = {"loss": (z, y), "mean": (z,), "floor": (y,), "log_mean": (z,)}
    if hasattr(case.family, "quantiles"):
        arguments["quantiles"] = (z,)

    def members(arguments):
        return {name: getattr(case.family, name)(*given) for name, given in arguments.items()}

    with jax.enable_x64(True):  # where a stray float64 would widen the result instead of being cut
        traced = jax.jit(members)(arguments)
    for name, host in members(arguments).items():
        assert traced[name].dtype == np.float32, name
        if not (name == "floor" and y.dtype == np.int32):  # class indices carry no precision of their own
            assert host.dtype == np.float32, name
        np.testing.assert_allclose(host, traced[name], rtol=1e-5, atol=1e-5, err_msg=name)


@every
def test_shapes_and_predictions(case, rng):
    y, z = case.y(rng), case.z(rng)
    predicted = case.family.predict(z)
    if case.family.target == "classes":
        assert predicted.shape == (ROWS,)
        p = case.family.mean(z)
        weighed = p if case.family.costs is None else p * case.family.costs
        np.testing.assert_array_equal(predicted, weighed.argmax(axis=1))
        np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-15)
        np.testing.assert_allclose(np.exp(case.family.log_mean(z)), p, rtol=1e-13)
    else:
        assert predicted.shape == y.shape == case.family.mean(z).shape
    assert case.family.loss(z, y).shape == (ROWS,)


@every
def test_the_best_constant_scores_about_nothing_and_a_perfect_fit_one(case, rng):
    y, w = case.y(rng), rng.random(ROWS) + 0.1
    rows = np.stack([case.family.intercept(y[i : i + 1], np.ones(1)) for i in range(ROWS)])
    assert case.family.score(rows, y, w) == pytest.approx(1.0, abs=1e-9)
    constant = np.broadcast_to(case.family.intercept(y, w), rows.shape)
    score = case.family.score(constant, y, w)
    if case.family.target not in ("classes", "flags"):
        assert -0.3 < score < 1e-9  # 0 where the score is that of the loss; a median is not a mean
    else:
        assert 0 <= score < 1


@every
def test_numbers_are_leaves_and_the_structure_can_be_compared(case):
    again = dataclasses.replace(case.family)
    one, other = jax.tree.structure(case.family), jax.tree.structure(again)
    assert one == other
    assert hash(one) == hash(other)
    narrow = numbers_as(case.family, np.float32)
    assert all(leaf.dtype == np.float32 for leaf in jax.tree.leaves(narrow))
    assert jax.tree.structure(narrow) == one


@every
def test_get_params_rebuilds_it(case):
    params = case.family.get_params(deep=False)
    assert jax.tree.structure(type(case.family)(**params)) == jax.tree.structure(case.family)


@every
def test_dispersions_are_what_the_mean_of_each_target_leaves(case):
    outputs = range(case.family.outputs)
    targets = getattr(case.family, "targets", None)
    expected = [] if targets is None or case.name.startswith("quantile") else list(outputs)[targets:]
    assert list(outputs[case.family.dispersions]) == expected


@every
def test_reason_is_one_sentence(case):
    text = case.family.reason(None)
    assert text.endswith(".")
    assert ". " not in text


def test_another_number_does_not_compile_again(rng):
    traces = []
    y, z = rng.normal(size=(5, 1)).astype(np.float32), rng.normal(size=(5, 1)).astype(np.float32)

    @jax.jit
    def loss(family, z, y):
        traces.append(family)
        return family.loss(z, y)

    for delta in (0.5, 1, np.float32(2)):
        loss(numbers_as(FAMILIES["huber"](delta=delta), np.float32), z, y)
    assert len(traces) == 1


@pytest.mark.parametrize("kind", [float, np.int32])
@pytest.mark.parametrize("smoothing", [None, 0.2])
def test_categorical_of_two_is_bernoulli(rng, smoothing, kind):
    z, y = rng.normal(0, 3, (50, 1)), rng.integers(0, 2, 50)
    two = np.concatenate([np.zeros_like(z), z], axis=1)
    one, many = Bernoulli(smoothing), Categorical(smoothing, classes=2)
    np.testing.assert_allclose(one.loss(z, y.astype(kind)), many.loss(two, y), rtol=1e-12)
    np.testing.assert_allclose(one.mean(z), many.mean(two), rtol=1e-12)
    np.testing.assert_allclose(one.log_mean(z), many.log_mean(two), rtol=1e-12)
    np.testing.assert_array_equal(one.predict(z), many.predict(two))
    np.testing.assert_allclose(one.floor(y.astype(kind)), many.floor(y), rtol=1e-12)
    w = rng.random(50)
    gap = np.diff(many.intercept(y, w))
    np.testing.assert_allclose(one.intercept(y.astype(kind), w), gap, rtol=1e-12)
