"""One worked step: deltas are autodiff's, the update is the training program's, the walk-through has its numbers."""

import json

import jax
import numpy as np
import pytest

import wellfit
from wellfit.functions.noise import fold
from wellfit.insight import walk_through
from wellfit.insight.trace import trace, trace_model
from wellfit.layers.base import Context
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.parametric import LearntSwish, ParametricRelu
from wellfit.layers.scaling import Scaling
from wellfit.networks.network import Network
from wellfit.networks.presets import MLP, TabM
from wellfit.optimizers.sgd import SGD
from wellfit.training.encoded import bound as bound_to
from wellfit.training.objective import mean_loss
from wellfit.training.program import STEP
from wellfit.training.state import seed_of

RNG = np.random.default_rng(0)
N = 7
X = RNG.normal(size=(N, 3))
TABLE = {"numeric": X, "codes": RNG.integers(0, 20, size=(N, 1)).astype(np.int32)}
CLASSES, NUMBERS = np.array([0, 1, 2, 1, 0, 2, 1]), RNG.normal(size=(N, 2))
W = np.array([1.0, 2, 1, 3, 1, 1, 0.5])

CASES = {
    "tanh": (Network((Dense(4), Activation("tanh"), Dense(3))), "categorical", X, CLASSES),
    "deep": (Network((Dense(4), Activation("gelu"), Dense(3), Activation("elu"), Dense(1))), "hinge", X, CLASSES % 2),
    "dropout": (Network((Dense(6), Activation("relu"), Dropout(0.5), Dense(2))), "normal", X, NUMBERS),
    "learnt": (
        Network((Scaling(), Dense(3), ParametricRelu(), Dense(3), LearntSwish(), Dense(1))), "poisson", X, CLASSES,
    ),
    "table": (MLP((5,), "tanh").build((20,), 3), "categorical", TABLE, CLASSES),
    "shared": (TabM((4,), k=3).build((20,), 2), "laplace", TABLE, NUMBERS),
}  # fmt: skip


def objective(network, family, params, x, y, w, l2, noise=None):
    """J by the network's own ``apply`` and one formula; ``noise`` is the seed of dropout."""
    context = Context(noise is not None, 0.0, np.uint32(0) if noise is None else noise, w.dtype, w)
    z, _ = network.apply(params, network.statistics(jax.tree.map(lambda a: a.shape[1:], x)), x, context)
    prior = sum(0.5 * l2 * (leaf**2).sum() for path, leaf in jax.tree_util.tree_leaves_with_path(params)
                if str(path[-1].key).startswith(("weight", "embedding")))  # fmt: skip
    return (w * mean_loss(family, z, y)).sum() / w.sum() + prior / w.sum()


@pytest.mark.parametrize("case", CASES)
def test_gradients_and_deltas_are_those_of_the_whole_objective(case):
    """G-37, G-39: layer by layer equals autodiff of everything at once, to 1e-12 in float64."""
    network, family, x, y = CASES[case]
    found = trace(network, family, x, y, weights=W, l2=0.3, learning_rate=0.1, seed=3)
    bound = bound_to(family, y)
    y = y if bound.target == "classes" else np.asarray(y, float).reshape(N, -1)
    noise = fold(fold(seed_of(3, 0), STEP), 0)
    params = [{p.name: p.value for p in layer.parameters} for layer in found.layers]
    with jax.enable_x64(True):
        value, slopes = jax.jit(jax.value_and_grad(lambda p: objective(network, bound, p, x, y, W, 0.3, noise)))(params)
        assert found.steps[0].objective == pytest.approx(float(value), abs=1e-12)
        for layer, slope in zip(found.layers, slopes, strict=True):
            for parameter in layer.parameters:
                np.testing.assert_allclose(parameter.gradient, slope[parameter.name], rtol=0, atol=1e-12)
        for index, layer in enumerate(found.layers):
            if index == 0 and isinstance(x, dict):
                continue  # the entrance of a table
            rest = Network(network.layers[index + 1 :])

            def above(h, index=index, rest=rest):
                for place, part in enumerate(rest.layers, index + 1):
                    context = Context(True, 0.0, noise, W.dtype, W).at_layer(place)
                    h, _ = part.apply({k: np.asarray(v) for k, v in params[place].items()}, {}, h, context)
                return (W * mean_loss(bound, h, y)).sum() / W.sum()

            np.testing.assert_allclose(layer.delta, jax.jit(jax.grad(above))(layer.output), rtol=0, atol=1e-12)


COMPILED = [pytest.param(name, marks=pytest.mark.slow) for name in ("lbfgs", "natural_gradient")]


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adamw", "rmsprop", *COMPILED])
def test_the_update_is_that_of_a_fit(optimizer):
    """Three steps: the same bits as ``wellfit.fit`` on all rows in float64."""
    network, _, _, _ = CASES["tanh"]
    found = trace(network, "categorical", X, CLASSES, weights=W, optimizer=optimizer, l2=0.1, steps=3, seed=5)
    fitted = wellfit.fit(network, "categorical", X, CLASSES, weights=W, optimizer=optimizer, l2=0.1, seed=5,
                         batch_size="full", max_epochs=3, dtype=np.float64)  # fmt: skip
    for ours, theirs in zip(jax.tree.leaves(found.params), jax.tree.leaves(fitted.params), strict=True):
        np.testing.assert_array_equal(ours, theirs[0])
    for before, after in zip(found.steps, found.steps[1:], strict=False):
        assert before.after == pytest.approx(after.objective, abs=1e-12)
        for layer, following in zip(before.layers, after.layers, strict=True):
            for one, other in zip(layer.parameters, following.parameters, strict=True):
                np.testing.assert_array_equal(one.updated, other.value)


def test_dropout_has_the_masks_of_the_fit():
    network, family, x, y = CASES["dropout"]
    found = trace(network, family, x, y, steps=2, seed=1)
    fitted = wellfit.fit(
        network, family, x, y, optimizer="sgd", seed=1, batch_size="full", max_epochs=2, dtype=np.float64
    )
    for ours, theirs in zip(jax.tree.leaves(found.params), jax.tree.leaves(fitted.params), strict=True):
        np.testing.assert_array_equal(ours, theirs[0])
    masks = [step.layers[2].output == 0 for step in found.steps]
    assert masks[0].any()
    assert (masks[0] != masks[1]).any()


def test_gradients_agree_with_finite_differences():
    network, family, x, y = CASES["learnt"]
    found = trace(network, family, x, y, seed=2)
    for index, layer in enumerate(found.layers):
        for parameter in layer.parameters:
            place = tuple(0 for _ in parameter.value.shape)
            values = []
            for move in (1e-6, -1e-6):
                moved = [{p.name: p.value.copy() for p in each.parameters} for each in found.layers]
                moved[index][parameter.name][place] += move
                values.append(trace(network, family, x, y, tuple(moved)).steps[0].objective)
            assert (values[0] - values[1]) / 2e-6 == pytest.approx(parameter.gradient[place], rel=1e-6, abs=1e-9)


def test_loss_and_delta_of_each_row():
    """delta of a matched output is w (p - t) / Σ w; the mean of the losses is J."""
    step = trace(*CASES["tanh"], weights=W).steps[0]
    p = step.prediction
    np.testing.assert_allclose(step.layers[-1].delta, W[:, None] * (p - np.eye(3)[CLASSES]) / W.sum(), atol=1e-14)
    np.testing.assert_allclose(step.loss, -np.log(p[np.arange(N), CLASSES]), rtol=1e-12)
    assert step.objective == pytest.approx(np.average(step.loss, weights=W), abs=1e-14)
    assert (step.floor == 0).all()


# -- the walk-through of XOR -----------------------------------------------------------------------------------------


def test_the_walk_through_put_right():
    """N-16 to N-20, E-11, E-12, E-15, G-40: z = 1, output 4, loss 8, delta +4, seven numbers to 0.6, then 1.68."""
    first, second = walk_through.by_hand(steps=2).steps
    hidden, output = first.layers
    assert hidden.output.tolist() == [[1.0, 1.0, 1.0]]
    assert output.output.tolist() == [[4.0]]
    np.testing.assert_allclose(first.loss - first.floor, [8.0], atol=1e-12)
    assert output.delta.tolist() == [[4.0]]
    assert hidden.delta.tolist() == [[4.0, 4.0, 4.0]]
    values = np.concatenate([p.updated.ravel() for layer in first.layers for p in layer.parameters])
    assert sorted(values.round(12).tolist()) == [0.6] * 7 + [1.0] * 6
    assert hidden.parameters[1].updated.tolist() == np.ones((2, 3)).tolist()
    np.testing.assert_allclose(second.layers[-1].output, [[1.68]], atol=1e-12)
    np.testing.assert_allclose(second.loss - second.floor, [1.4112], atol=1e-12)


def test_the_printed_sign_climbs():
    """E-11: with delta = target - prediction every step goes up: output 4 to 7.28."""
    _, second = walk_through.by_hand(steps=2, learning_rate=0.1).steps
    up = [{p.name: 2 * p.value - p.updated for p in layer.parameters} for layer in walk_through.by_hand().layers]
    assert up[1]["weight"].ravel().tolist() == [1.4] * 3
    wrong = trace(Network((Dense(3), Dense(1))), "normal", [[0.0, 0.0]], [0.0], tuple(up)).steps[0]
    np.testing.assert_allclose(wrong.layers[-1].output, [[7.28]], atol=1e-12)
    assert wrong.loss > walk_through.by_hand().steps[0].loss > second.loss


@pytest.mark.slow
def test_units_that_start_alike_stay_alike_and_never_solve_xor():
    """E-13, E-14, T-02: all four rows, no activation: the best is ½ everywhere, and the hidden units are one."""
    network = Network((Dense(3), Dense(1)))
    fitted = trace(network, "normal", np.array(walk_through.XOR_X), [0.0, 1, 1, 0], walk_through.ones(),
                   optimizer="nesterov", learning_rate=0.03, steps=150)  # fmt: skip
    np.testing.assert_allclose(fitted.steps[-1].layers[-1].output, 0.5, atol=1e-3)
    weight = fitted.params[0]["weight"]
    assert np.ptp(weight, axis=1).max() == 0


def test_the_second_network_solves_xor():
    found = walk_through.learnt(walk_through.network(), 1000, SGD(1.0))
    assert (np.abs(found - walk_through.XOR_Y) < 0.05).all()


# -- models, tables, JSON, errors ------------------------------------------------------------------------------------


def test_a_fitted_model_goes_on_from_where_it_is():
    labels = np.array(["a", "b", "c"])[CLASSES]
    model = wellfit.NeuralClassifier(hidden=(4,), max_epochs=5, random_state=0).fit(
        np.tile(X, (4, 1)), np.tile(labels, 4)
    )
    found = trace_model(model, X, labels, learning_rate=0.1)
    raw = model._raw(model._encoded(X))[0]
    np.testing.assert_allclose(found.layers[-1].output, raw, atol=1e-5)
    np.testing.assert_allclose(found.steps[0].prediction, model.family_.mean(raw), atol=1e-5)
    with pytest.raises(ValueError, match="member=9"):
        trace_model(model, X, labels, member=9)
    with pytest.raises(ValueError, match="trace_model needs a fitted"):
        trace_model(wellfit.MLPClassifier(), X, labels)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("width", [60, 80])
def test_the_table_fits_its_width_and_names_everything(case, width):
    found = trace(*CASES[case], optimizer="adam", steps=2)
    text = found.table(width, most=5)
    assert max(map(len, text.splitlines())) <= width
    assert "Step 2 of 2: Adam" in text
    for layer in found.layers[1:]:
        assert f"{layer.index} {layer.name}" in text
    assert "... and 2 more rows" in text


def test_the_table_shows_the_numbers():
    lines = walk_through.by_hand().table().splitlines()
    assert "weight[2,0]    1.0         4    -0.4      0.6" in lines
    assert "0         0           4  8.919                8" in lines
    assert lines[-1] == "J 8.91894 -> 2.33014 on the same rows after the update"


@pytest.mark.parametrize("case", CASES)
def test_json_leaves_nothing_out(case):
    found = trace(*CASES[case])
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    for layer, written in zip(found.layers, document["steps"][0]["layers"], strict=True):
        assert written["name"] == layer.name
        for parameter, entry in zip(layer.parameters, written["parameters"], strict=True):
            np.testing.assert_array_equal(np.array(entry["gradient"]), parameter.gradient)
    assert len(document["params"]) == len(found.layers)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"steps": 0}, "steps must be"),
        ({"seed": -1}, "seed must be"),
        ({"l2": -1}, "l2 must be"),
        ({"X": X[:3]}, r"y must have shape \(3,\)"),
        ({"params": ({}, {}, {})}, "params must have the shapes"),
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"family": "norml"}, "did you mean 'normal'"),
        ({"X": np.zeros((1001, 3)), "y": np.arange(1001) % 3}, "at most 1000"),
        ({"network": Network((Dense(2),))}, r"end it with Dense\(3\)"),
        ({"learning_rate": 1e300, "steps": 3, "family": "normal", "y": NUMBERS, "network": Network((Dense(2),))},
         "not finite in step"),
    ],
)  # fmt: skip
def test_errors_are_one_sentence(change, words):
    given = dict(zip(("network", "family", "X", "y"), CASES["tanh"], strict=True)) | change
    with pytest.raises(ValueError, match=words), np.errstate(all="ignore"):
        trace(**given)
