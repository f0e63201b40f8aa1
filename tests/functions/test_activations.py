"""Activations against jax's, torch's and scipy's definitions, worked values, and what the table says of each."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from wellfit.functions.activations.rectifiers import celu, elu, leaky_relu, leaky_relu_derivative, relu
from wellfit.functions.activations.sigmoids import linear, linear_derivative
from wellfit.functions.activations.smooth import gelu, gelu_tanh, silu, swish, swish_derivative
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.functions.links import log_sigmoid

X = np.array([-700.0, -67, -5, -2, -1.3, -0.5, 0.5, 1.2, 2, 4, 7, 700])
ELEMENTWISE = {name: f for name, f in ACTIVATIONS.items() if f.elementwise}
ROWS = {name: f for name, f in ACTIVATIONS.items() if not f.elementwise}
REFERENCE = {
    "identity": lambda x: x,
    "linear": lambda x: x,
    "relu": jax.nn.relu,
    "leaky_relu": lambda x: jax.nn.leaky_relu(x, 0.01),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "celu": jax.nn.celu,
    "gelu": lambda x: x * scipy.stats.norm.cdf(x),
    "gelu_tanh": lambda x: 0.5 * x * (1 + jnp.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    "silu": jax.nn.silu,
    "swish": jax.nn.silu,
    "hard_swish": jax.nn.hard_silu,
    "mish": jax.nn.mish,
    "softplus": jax.nn.softplus,
    "sigmoid": jax.nn.sigmoid,
    "hard_sigmoid": jax.nn.hard_sigmoid,
    "tanh": jnp.tanh,
    "hard_tanh": jax.nn.hard_tanh,
    "softsign": jax.nn.soft_sign,
    "step": lambda x: np.heaviside(x, 0.0),
}
TORCH = {
    "identity": "Identity", "relu": "ReLU", "leaky_relu": "LeakyReLU", "elu": "ELU", "selu": "SELU", "celu": "CELU",
    "gelu": "GELU", "silu": "SiLU", "hard_swish": "Hardswish", "mish": "Mish", "softplus": "Softplus",
    "sigmoid": "Sigmoid", "hard_sigmoid": "Hardsigmoid", "tanh": "Tanh", "hard_tanh": "Hardtanh",
    "softsign": "Softsign",
}  # fmt: skip


def exact(z):
    """Values and derivatives of every activation at 50 digits, rounded: the formulas as their papers print them."""
    mp = pytest.importorskip("mpmath")
    with mp.workdps(400):
        e = mp.exp
        tanh = lambda x: 1 - 2 / (e(2 * x) + 1)  # noqa: E731
        u = lambda x: mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)  # noqa: E731
        formulas = {
            "sigmoid": lambda x: 1 / (1 + e(-x)),
            "tanh": tanh,
            "softplus": lambda x: mp.log(1 + e(x)),
            "silu": lambda x: x / (1 + e(-x)),
            "mish": lambda x: x * tanh(mp.log(1 + e(x))),
            "gelu_tanh": lambda x: x / 2 * (1 + tanh(u(x))),
            "softsign": lambda x: x / (1 + abs(x)),
        }
        return {
            name: ([float(f(mp.mpf(x))) for x in z], [float(mp.diff(f, mp.mpf(x), h=mp.mpf(10) ** -40)) for x in z])
            for name, f in formulas.items()
        }


def test_every_activation_has_a_reference():
    assert set(REFERENCE) | set(ROWS) == set(ACTIVATIONS)


def test_values_on_the_host_and_in_a_program():
    with jax.enable_x64(True):
        traced = jax.tree.map(np.asarray, jax.jit(lambda x: {name: f(x) for name, f in ACTIVATIONS.items()})(X))
        expected = {name: np.asarray(reference(X)) for name, reference in REFERENCE.items()}
    for name, f in ACTIVATIONS.items():
        np.testing.assert_allclose(traced[name], f(X), rtol=1e-9, atol=1e-300, err_msg=name)
        if name in expected:
            near = 1e-8 if name == "gelu_tanh" else 1e-9  # 1 + tanh cancels in the lower tail; ours does not
            np.testing.assert_allclose(f(X), expected[name], rtol=near, atol=1e-300, err_msg=name)


def test_values_and_derivatives_are_torchs():
    torch = pytest.importorskip("torch")
    x = np.concatenate([X, [k for f in ELEMENTWISE.values() for k in f.kinks]])
    for name, their in TORCH.items():
        f, t = ACTIVATIONS[name], torch.tensor(x, requires_grad=True)
        value = getattr(torch.nn, their)()(t)
        value.sum().backward()
        np.testing.assert_allclose(f(x), value.detach().numpy(), rtol=1e-9, atol=1e-12, err_msg=name)
        away = np.abs(x[:, None] - np.array([*f.kinks, np.inf])).min(axis=1) > 0  # at a kink there is a choice (E-27)
        np.testing.assert_allclose(
            f.derivative(x)[away], t.grad.numpy()[away], rtol=4e-8, atol=1e-11, err_msg=name
        )  # its 1/6 is a float32
    t = torch.tensor(X.reshape(3, 4))
    np.testing.assert_allclose(ACTIVATIONS["softmax"](X.reshape(3, 4)), torch.softmax(t, -1).numpy(), rtol=1e-12)
    np.testing.assert_allclose(ACTIVATIONS["log_softmax"](X.reshape(3, 4)), torch.log_softmax(t, -1).numpy())


def test_derivatives_are_autodiffs_and_equal_differences():  # G-01 to G-10
    at = {name: np.array([*X, *f.kinks, 0.0]) for name, f in ELEMENTWISE.items()}
    with jax.enable_x64(True):
        slopes = jax.jit(lambda at: {name: jax.vmap(jax.grad(f))(at[name]) for name, f in ELEMENTWISE.items()})(at)
        slopes = jax.tree.map(np.asarray, slopes)
    for name, f in ELEMENTWISE.items():
        assert np.isfinite(slopes[name]).all(), name
        np.testing.assert_allclose(f.derivative(at[name]), slopes[name], rtol=1e-9, atol=1e-15, err_msg=name)
        inside, h = np.abs(X) < 10, 1e-6
        difference = (f(X[inside] + h) - f(X[inside] - h)) / (2 * h)
        np.testing.assert_allclose(f.derivative(X)[inside], difference, atol=2e-9, err_msg=name)


def test_jacobians_are_autodiffs():  # G-11, G-12, G-46
    z = np.array([[1.0, -2.0, 0.5], [700.0, 0.0, -700.0]])
    for name, f in ROWS.items():
        with jax.enable_x64(True):
            found = np.asarray(jax.vmap(jax.jacobian(f))(z))
        np.testing.assert_allclose(f.derivative(z), found, atol=1e-15, err_msg=name)
        assert f.derivative(z.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(ACTIVATIONS["softmax"].derivative(z).sum(axis=1), 0, atol=1e-15)


def test_extremes_at_full_precision():
    z = [-700.0, -67, -20, -5, -1e-9, 1e-9, 5, 20, 67, 700]
    for name, (values, slopes) in exact(z).items():
        tail = 1e-300  # below, float64 ends
        np.testing.assert_allclose(ACTIVATIONS[name](np.array(z)), values, rtol=4e-14, atol=tail, err_msg=name)
        np.testing.assert_allclose(
            ACTIVATIONS[name].derivative(np.array(z)), slopes, rtol=4e-13, atol=tail, err_msg=name
        )


def test_second_derivatives_at_exactly_zero():
    """A network whose last layer starts at 0 begins there: the kinks of |x| and max must cancel."""
    expected = {"sigmoid": 0, "tanh": 0, "softplus": 0.25, "silu": 0.5, "gelu": np.sqrt(2 / np.pi), "mish": 0.64}
    with jax.enable_x64(True):
        found = jax.jit(lambda x: {name: jax.grad(jax.grad(ACTIVATIONS[name]))(x) for name in expected})(0.0)
    for name, value in expected.items():
        assert float(found[name]) == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_what_the_table_says_holds(name):  # C-086, C-089, N-11, N-43
    f = ACTIVATIONS[name]
    x = np.sort(np.concatenate([np.linspace(-20, 20, 400_001), [-1e9, -1e4, -700, 700, 1e4, 1e9]]))
    if f.elementwise:
        values, slopes = f(x), f.derivative(x)
    else:  # one input moves, the others stay
        rows = np.stack([x, np.zeros_like(x), np.ones_like(x)], axis=-1)
        values, slopes = f(rows)[:, 0], f.derivative(rows)[:, 0, 0]
    assert values.min() == pytest.approx(f.lowest, abs=2e-9) or (values.min() < -1e6 and f.lowest == -np.inf)
    assert values.max() == pytest.approx(f.highest, abs=2e-9) or (values.max() > 1e6 and f.highest == np.inf)
    assert values.min() >= f.lowest
    assert values.max() <= f.highest
    assert (np.diff(values) >= 0).all() == f.monotone
    assert (slopes >= 0).all() == f.monotone
    assert (slopes == 0).all() == f.flat
    assert f.bounded == (name in ("sigmoid", "tanh", "hard_sigmoid", "hard_tanh", "softsign", "step", "softmax"))
    if f.elementwise:
        jump = max([np.abs(np.diff(f.derivative(k + np.array([-1e-9, 1e-9])))[0]) for k in f.kinks], default=1)
        assert jump > 0.1 or f.flat
        smooth = np.abs(x[:-1, None] + 5e-5 - np.array([*f.kinks, np.inf])).min(axis=1) > 1e-4
        assert np.abs(np.diff(slopes))[smooth & (np.diff(x) < 1e-3)].max() < 1e-3


def test_relu_has_slope_zero_at_zero_and_hides_no_failure():  # C-088
    assert float(jax.grad(relu)(0.0)) == 0  # as scikit-learn and torch; the mean 1/2 of jnp.maximum is not theirs
    for name in ACTIVATIONS:
        assert np.isnan(ACTIVATIONS[name](np.array([np.nan]))), name


def test_single_precision_stays():
    x = X.astype(np.float32)
    traced = jax.jit(lambda x: {name: (f(x), f.derivative(x)) for name, f in ACTIVATIONS.items()})(x)
    for name, f in ACTIVATIONS.items():
        with np.errstate(under="ignore"):
            found = f(x), f.derivative(x)
        assert [a.dtype for a in (*found, *traced[name])] == [np.float32] * 4, name


def test_parameters_of_the_functions():  # C-070, C-076 to C-078
    np.testing.assert_allclose(linear(X, 4.0), 4 * X)
    np.testing.assert_allclose(linear_derivative(X, 4.0), 4)
    np.testing.assert_allclose(leaky_relu(X, 0.01), ACTIVATIONS["leaky_relu"](X))  # N-44
    slopes = np.array([0.1, 0.5])
    np.testing.assert_allclose(leaky_relu(np.array([[-2.0, -2.0], [3.0, 3.0]]), slopes), [[-0.2, -1.0], [3.0, 3.0]])
    np.testing.assert_allclose(leaky_relu_derivative(np.array([[-2.0, 2.0]]), slopes), [[0.1, 1.0]])
    np.testing.assert_allclose(celu(X, 2.0), np.asarray(jax.nn.celu(X, 2.0)), rtol=1e-6)
    np.testing.assert_allclose(swish(X, 0.0), X / 2)
    np.testing.assert_allclose(swish(X, 1e3), relu(X), atol=1e-12)
    np.testing.assert_allclose(
        swish_derivative(X, 1.7), (swish(X + 1e-6, 1.7) - swish(X - 1e-6, 1.7)) / 2e-6, atol=1e-6
    )
    assert np.abs(gelu(X) - gelu_tanh(X)).max() < 5e-4
    with jax.enable_x64(True):
        by_slope = jax.grad(lambda a: leaky_relu(np.array([-2.0, 3.0]), a).sum())(0.3)  # G-07
        by_beta = jax.grad(lambda beta: swish(np.float64(1.5), beta))(0.7)
    assert float(by_slope) == -2
    assert float(by_beta) == pytest.approx((swish(1.5, 0.7 + 1e-6) - swish(1.5, 0.7 - 1e-6)) / 2e-6, rel=1e-8)


def test_worked_values():
    assert (relu(7.0), relu(-7.0)) == (7, 0)  # N-23
    assert float(leaky_relu(np.float64(-7))) == pytest.approx(-0.07)  # N-24
    assert float(elu(np.float64(-5), 0.1)) == -0.09932620530009145  # N-25
    assert float(silu(np.float64(-67))) == pytest.approx(-5.349885844610276e-28)  # N-26, E-24
    assert float(silu(np.float64(4))) == 3.928055160151634  # N-27, E-24
    low = np.linspace(-2, 0, 100_001)
    assert silu(low).min() == pytest.approx(-0.278465, abs=1e-6)  # N-43, E-25
    assert low[silu(low).argmin()] == pytest.approx(-1.278465, abs=1e-4)
    assert float(ACTIVATIONS["sigmoid"](0.0)) == 0.5  # N-22
    assert float(ACTIVATIONS["sigmoid"].derivative(0.0)) == 0.25  # N-11
    assert leaky_relu(-1.0) < 0 < leaky_relu_derivative(-1.0)  # E-23: a negative value, a positive slope


def test_no_activation_need_be_monotone_smooth_or_continuous():  # E-20
    assert ACTIVATIONS["relu"].kinks
    assert not ACTIVATIONS["silu"].monotone
    assert float(ACTIVATIONS["silu"].derivative(-1.2784)) > 0 > float(ACTIVATIONS["silu"].derivative(-1.2786))
    assert ACTIVATIONS["step"].flat


def test_tanh_saturates_earlier_than_the_sigmoid():  # E-26
    tanh, sigmoid = ACTIVATIONS["tanh"].derivative, ACTIVATIONS["sigmoid"].derivative
    assert tanh(1.662) > sigmoid(1.662)
    assert tanh(1.664) < sigmoid(1.664)
    assert (float(tanh(3.0)), float(sigmoid(3.0))) == pytest.approx((0.0099, 0.0452), abs=5e-5)


def test_softmax_is_not_a_row_of_sigmoids_and_sees_absolute_differences():  # E-54, E-66, C-084, N-41
    softmax, sigmoid, z = ACTIVATIONS["softmax"], ACTIVATIONS["sigmoid"], np.array([1.2, 0.9, 0.75])
    np.testing.assert_allclose(sigmoid(z) / sigmoid(z).sum(), [0.356, 0.329, 0.315], atol=5e-4)
    np.testing.assert_allclose(softmax(z), [0.420, 0.311, 0.268], atol=5e-4)
    np.testing.assert_allclose(softmax(np.array([1000.0, 1001.0])), softmax(np.array([0.0, 1.0])))
    np.testing.assert_allclose(softmax(np.array([0.0, 10.0])), [4.5e-5, 0.99995], atol=5e-6)
    assert (
        float(softmax(np.array([1.3, 0.0]))[0])
        == pytest.approx(float(sigmoid(1.3)))
        == pytest.approx(0.785835, abs=5e-7)
    )
    np.testing.assert_allclose(np.log(sigmoid(z)), log_sigmoid(z))
