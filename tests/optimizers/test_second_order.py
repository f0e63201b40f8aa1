"""Conjugate gradients, L-BFGS and natural gradient: against scipy, on XOR, and where line searches fail."""

import dataclasses
import warnings

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import scipy.optimize

from tests.helpers import tiny
from wellfit import MLPClassifier, NeuralClassifier, NeuralRegressor, fit
from wellfit.core.spec import numbers_as
from wellfit.families.table import FAMILIES
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP
from wellfit.optimizers.conjugate_gradient import ConjugateGradient
from wellfit.optimizers.lbfgs import LBFGS
from wellfit.optimizers.line_search import falling_search
from wellfit.optimizers.natural_gradient import NaturalGradient
from wellfit.training.fit import Fitted

RNG = np.random.default_rng(0)
XOR = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]]), np.array([0, 1, 1, 0])
GTOL = 1e-5


def rosenbrock(x):
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def beale(x):
    a, b = x
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


ROWS = RNG.normal(size=(200, 10)) * np.geomspace(1, 30, 10)
LABELS = (ROWS @ RNG.normal(size=10) / 30 + RNG.normal(size=200) > 0) * 1.0
CURVES = np.geomspace(1, 100, 10)


def logistic(w):
    return jnp.mean(jnp.logaddexp(0, ROWS @ w) - LABELS * (ROWS @ w)) + 1e-3 * jnp.sum(w * w)


def quadratic(x):
    return jnp.sum(CURVES * (x - 1) ** 2)


PROBLEMS = {
    "rosenbrock": (rosenbrock, np.array([-1.2, 1.0])),
    "rosenbrock_10": (rosenbrock, np.full(10, -1.0)),
    "beale": (beale, np.array([1.0, 1.0])),
    "logistic": (logistic, np.zeros(10)),
    "quadratic": (quadratic, np.zeros(10)),
}


def iterations(optimizer, function, start, most=500):
    """Steps until no slope is larger than ``GTOL``, and the values on the way."""

    @jax.jit
    def run(optimizer, x):
        method = optimizer.direction()

        def step(carry, _):
            x, state = carry
            value, slope = jax.value_and_grad(function)(x)
            d, state = method.update(slope, state, x, value=value, grad=slope, value_fn=function)
            return (x - d, state), (value, jnp.max(jnp.abs(slope)))

        return jax.lax.scan(step, (x, method.init(x)), length=most)[1]

    with jax.enable_x64(True):
        values, slopes = map(np.asarray, run(numbers_as(optimizer, np.float64), jnp.asarray(start)))
    assert slopes.min() <= GTOL
    return int(np.argmax(slopes <= GTOL)), values


@pytest.mark.parametrize("name", PROBLEMS)
def test_conjugate_gradients_take_at_most_twice_scipys_iterations(name):
    function, start = PROBLEMS[name]
    found, values = iterations(ConjugateGradient(), function, start)
    with jax.enable_x64(True):
        both = jax.jit(jax.value_and_grad(function))
        theirs = scipy.optimize.minimize(
            lambda x: tuple(map(np.asarray, both(x))), start, jac=True, method="CG", options={"gtol": GTOL}
        )
    assert found <= 2 * theirs.nit
    assert np.all(np.diff(values) <= 0), "a step went up"


def test_n_steps_minimise_a_quadratic_of_n_numbers():
    """Theory C-193, E-58: no second derivatives, and n line searches, of which these are nearly exact."""
    found, _ = iterations(ConjugateGradient(), quadratic, np.zeros(10), 30)
    assert found <= 12


def test_a_line_search_never_ends_higher_than_it_began():
    """Optax's own takes its last try where none of those it may make goes down."""

    def hill(x):
        return jnp.sum(x * x)

    for search, length in (
        (optax.scale_by_zoom_linesearch(1, initial_guess_strategy="one"), 1),
        (falling_search(1, 0.9), 0),
    ):
        x = jnp.ones(1)
        asked = {"value": hill(x), "grad": 2 * x, "value_fn": hill}
        step, state = search.update(jnp.array([-100.0]), search.init(x), x, **asked)
        assert float(state.learning_rate) == length
        np.testing.assert_array_equal(step, -100.0 * length)


def test_a_failed_line_search_stays_where_it_is():
    def wall(x):  # the slope promises a fall that no step brings
        return jnp.sum(jnp.where(x < 1, jnp.inf, x))

    for optimizer in (ConjugateGradient(), LBFGS()):
        method = optimizer.direction()
        x = jnp.ones(2)
        d, state = method.update(jnp.ones(2), method.init(x), x, value=wall(x), grad=jnp.ones(2), value_fn=wall)
        np.testing.assert_array_equal(x - d, x)
        d, _ = method.update(jnp.ones(2), state, x, value=wall(x), grad=jnp.ones(2), value_fn=wall)
        np.testing.assert_array_equal(x - d, x)


def xor_fits(optimizer, seeds, **options):
    """Of each seed, whether XOR is solved by three tanh units, and the losses of its at most 200 iterations."""
    given = {"optimizer": optimizer, "l2": None, "max_epochs": 200, "calibrate": False, **options}
    fits = [NeuralClassifier(random_state=seed, **given).fit(*XOR) for seed in range(seeds)]
    return [((fit.predict(XOR[0]) == XOR[1]).all(), np.array(fit.history_["loss"])) for fit in fits]


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["conjugate_gradient", "lbfgs", "natural_gradient"])
def test_xor_to_a_loss_below_a_millionth_in_200_iterations(optimizer):
    """From at least 18 of 20 seeds, and from every one that is solved: columns of a large orthogonal matrix to begin.

    Three units have local minima, such as ½ log 2 nats; a start that bends at once is seldom near one.
    """
    fits = xor_fits(optimizer, 20, network=MLP((3,), "tanh", init="orthogonal", gain=2.0))
    assert sum(solved for solved, _ in fits) >= 18
    for solved, curve in fits:
        assert np.isfinite(curve).all()
        assert curve[-1] <= curve[0]
        assert len(curve) <= 200
        assert solved == (curve < 1e-6).any()


@pytest.mark.slow
@pytest.mark.parametrize(("optimizer", "least"), [("conjugate_gradient", 17), ("lbfgs", 16), ("natural_gradient", 18)])
def test_xor_from_twenty_seeds_of_the_usual_start(optimizer, least):
    fits = xor_fits(optimizer, 20, hidden=(3,), activation="tanh", schedule="constant")
    assert sum(solved for solved, _ in fits) >= least
    assert all(solved == (curve < 1e-6).any() for solved, curve in fits)


def test_scikit_learns_interface_solves_xor_from_eighteen_of_twenty_seeds():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        models = [
            MLPClassifier((3,), activation="tanh", solver="lbfgs", random_state=seed).fit(*XOR) for seed in range(20)
        ]
    assert sum((model.predict(XOR[0]) == XOR[1]).all() for model in models) >= 18


@pytest.mark.parametrize("solver", ["conjugate_gradient", ConjugateGradient()], ids=["name", "object"])
def test_scikit_learns_interface_has_one_line_search(solver):
    with pytest.raises(ValueError, match="needs all rows in every step; use solver='lbfgs'"):
        MLPClassifier((3,), solver=solver).fit(*XOR)


def test_natural_gradient_of_a_linear_model_is_newtons_method():
    """Theory C-194: with a normal likelihood of fixed scale one undamped step reaches the minimum."""
    x = RNG.normal(size=(60, 4)) * [1, 10, 100, 1000]
    y = x @ [1.0, -1, 0.5, 0.1] + RNG.normal(size=60)
    method = NaturalGradient(damping=1e-12, tolerance=1e-13, max_solve_steps=500)
    found = fit(
        Network((Dense(1),)), "normal", x, y,
        optimizer=method, batch_size="full", max_epochs=2, dtype=np.float64,
    )  # fmt: skip
    best = np.linalg.lstsq(np.column_stack([x, np.ones(60)]), y, rcond=None)[0]
    np.testing.assert_allclose(found.params[0]["weight"][0, :, 0], best[:4], rtol=1e-6)


def test_natural_gradient_never_goes_up_on_all_rows():
    x, y = tiny.table(80)
    for damping in (1e-8, 1.0, 1e4):
        model = NeuralRegressor(
            hidden=8, activation="tanh", optimizer=NaturalGradient(damping=damping), batch_size="full",
            schedule="constant", max_epochs=30, l2=None, random_state=0,
        ).fit(x, y[:, 0])  # fmt: skip
        assert np.all(np.diff(model.history_["loss"]) <= 1e-12)
        assert model.history_["loss"][-1] < model.history_["loss"][0]


def test_natural_gradient_of_batches():
    x, y = tiny.table(400)
    model = NeuralRegressor(
        hidden=16, activation="tanh", optimizer="natural_gradient", batch_size=128, max_epochs=20, random_state=0
    ).fit(x, y[:, 0])
    assert model.status_ in ("finished", "stopped_early")
    # A ratio of 0.73 to 0.82 over four seeds.
    assert min(model.history_["validation_loss"]) < 0.9 * model.history_["validation_loss"][0]


@pytest.mark.parametrize("family", ["laplace", "student_t", "quantile", "poisson", "gamma"])
def test_natural_gradient_of_losses_that_are_flat_or_not_convex(family):
    x = RNG.normal(size=(60, 3))
    y = np.exp(0.5 * x[:, 0] + 0.1 * RNG.normal(size=60))
    y = np.round(3 * y) if FAMILIES[family].target == "counts" else y
    outputs = 5 if family == "quantile" else 1  # as many levels
    found: Fitted = fit(
        Network((Dense(4), Activation("tanh"), Dense(outputs))), family, x, y,
        optimizer="natural_gradient", batch_size="full", max_epochs=30, dtype=np.float64,
    )  # fmt: skip
    losses = np.array(found.history["loss"])
    assert np.all(np.diff(losses) <= 1e-12)
    assert losses[-1] < losses[0] - 0.05


def test_decay_is_left_out_where_a_step_is_whole_unless_it_is_asked_for():
    x, y = tiny.table(120)
    options = {"hidden": 4, "max_epochs": 2, "batch_size": 32, "random_state": 0, "early_stopping": False}
    for method, expected in (
        ("natural_gradient", None),
        (NaturalGradient(weight_decay=0.01), 0.01),
    ):
        model = NeuralRegressor(optimizer=method, **options)
        decay = model._prepare(x, y[:, 0], None, None, None, None).plan.optimizer.weight_decay
        assert decay is None if expected is None else decay == pytest.approx(expected)


def test_the_methods_are_descriptions_with_numbers_that_can_be_set():
    model = NeuralRegressor(optimizer=NaturalGradient()).set_params(optimizer__damping=0.5)
    assert model.optimizer == dataclasses.replace(NaturalGradient(), damping=0.5)
