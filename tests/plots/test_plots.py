"""Pictures hold the numbers they say: lines, marks and contours are read back from the axis."""

import subprocess
import sys
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from sklearn.datasets import load_iris, make_moons

import wellfit
from wellfit import plots
from wellfit.core.names import did_you_mean
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.functions.metrics import calibration_error
from wellfit.functions.schedules import SCHEDULES, Cosine, values
from wellfit.insight.loss_profile import loss_profile
from wellfit.insight.surface import SURFACES, descend
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.networks.presets import TabM
from wellfit.plots import style
from wellfit.plots.reliability import reliability, wilson


@pytest.fixture(autouse=True)
def closed():
    """Nothing is left open, and the user's settings are as they were."""
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
    for number in pyplot.get_fignums():
        pyplot.figure(number).canvas.draw()  # layout and text, where matplotlib warns
    pyplot.close("all")


@pytest.fixture(scope="module")
def moons():
    X, y = make_moons(300, noise=0.25, random_state=0)
    return X, y, wellfit.NeuralClassifier(hidden=(8,), max_epochs=20, n_members=1, random_state=0).fit(X, y)


def line(ax, label):
    return next(found for found in ax.lines if found.get_label() == label)


# -- functions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_are_drawn_as_they_are(name):
    """C-331: the lines are f and its derivative, with no line across a jump."""
    f = ACTIVATIONS[name]
    ax = plots.activation(name)
    x, drawn = line(ax, "f").get_data()
    slope = line(ax, "f'").get_ydata()
    rows = x if f.elementwise else np.stack([x, np.zeros_like(x)], axis=1)
    value = f(rows) if f.elementwise else f(rows)[:, 0]
    there = np.isfinite(drawn)
    np.testing.assert_array_equal(drawn[there], value[there])
    inside = [kink for kink in f.kinks if -5 < kink < 5]
    assert np.isnan(slope).sum() == len(inside)
    assert np.isnan(slope[np.isin(x, inside)]).all()
    if f.elementwise:
        np.testing.assert_array_equal(slope[np.isfinite(slope)], f.derivative(x)[np.isfinite(slope)])
    assert name in ax.get_title(loc="left")


def test_a_loss_and_its_gradient():
    """C-333: both lines are the profile's."""
    ax = plots.loss("huber")
    found = loss_profile("huber", above_floor=True)
    np.testing.assert_array_equal(line(ax, "huber").get_data(), (found.z, found.loss))
    np.testing.assert_array_equal(line(ax, "huber, gradient").get_ydata(), found.gradient)


def test_losses_compared_share_an_axis():
    """C-334; over the probability log loss is -log p (C-332)."""
    names = ("zero_one", "hinge", "log_loss", "exponential")
    ax = plots.loss(*names)
    assert [found.get_label() for found in ax.lines[-4:]] == list(names)
    assert len({str(found.get_linestyle()) + str(found._dash_pattern) for found in ax.lines[-4:]}) == 4
    p, loss = line(plots.loss("log_loss", over="probability"), "log_loss").get_data()
    np.testing.assert_allclose(loss, -np.log(p))
    gradient = line(plots.loss("log_loss", "hinge", show="gradient"), "log_loss, gradient").get_data()
    np.testing.assert_allclose(gradient[1], 1 / (1 + np.exp(-gradient[0])) - 1)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name):
    t, drawn = line(plots.schedule(name, peak=0.3), name).get_data()
    if name != "plateau":
        np.testing.assert_allclose(drawn, values(SCHEDULES[name](peak=0.3), len(t)), rtol=1e-6)
    else:
        assert drawn[t < 0.4] == pytest.approx(0.3)
        assert drawn[-1] == pytest.approx(0.3e-3)
    assert line(plots.schedule(Cosine(2.0)), "Cosine").get_ydata()[0] == 2


# -- optimizers ------------------------------------------------------------------------------------------------------


def test_paths_are_the_optimizers():
    """C-335 to C-337."""
    ax = plots.optimizer_path(["sgd", "momentum"], "ravine", learning_rates={"sgd": 0.09}, steps=20)
    path = descend("sgd", "ravine", learning_rate=0.09, steps=20)
    np.testing.assert_array_equal(np.transpose(line(ax, "sgd").get_data()), path.points)
    other = descend("momentum", "ravine", steps=20)
    np.testing.assert_array_equal(np.transpose(line(ax, "momentum").get_data()), other.points)
    relief = plots.optimizer_surface("sgd", "ravine", learning_rates={"sgd": 0.09}, steps=20)
    a, b, height = line(relief, "sgd").get_data_3d()
    np.testing.assert_array_equal(np.stack([a, b], axis=1), path.points)
    assert (height > path.heights).all()


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_contours_are_heights(surface):
    ax = plots.optimizer_path("sgd", surface, steps=20)
    contours = next(found for found in ax.collections if hasattr(found, "levels"))
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        if len(path.vertices) and surface.name != "rosenbrock":  # whose valley is narrower than the grid
            heights = surface(*path.vertices.T)
            np.testing.assert_allclose(heights, level, atol=0.02 * float(np.ptp(contours.levels)))


def test_learning_rates_compared():
    """C-338: curves are heights above the minimum, too large a rate rises."""
    ax = plots.learning_rates([0.02, 0.103], steps=20)
    for rate in (0.02, 0.103):
        path = descend("sgd", "ravine", learning_rate=rate, steps=20)
        np.testing.assert_array_equal(line(ax, f"{rate:g}").get_ydata(), path.heights)
    assert ax.get_yscale() == "log"


# -- models ----------------------------------------------------------------------------------------------------------


def test_history_marks_the_best_epoch(moons):
    """C-340, C-341."""
    model = moons[2]
    ax = plots.history(model)
    assert line(ax, "training").get_ydata().tolist() == model.history_["loss"]
    epoch, value = (values[0] for values in line(ax, "best epoch").get_data())
    assert epoch == model.best_epoch_
    assert value == min(model.history_["validation_loss"])
    found = wellfit.fit(Network((Dense(1),)), "normal", np.ones((9, 2)), np.arange(9.0), max_epochs=3)
    assert line(plots.history(found), "training").get_ydata().tolist() == found.history["loss"]
    with pytest.raises(ValueError, match="needs a fitted model"):
        plots.history(wellfit.NeuralClassifier())


def test_the_boundary_is_where_both_classes_are_equally_probable(moons):
    """C-343: the model itself says one half all along the line."""
    X, y, model = moons
    ax = plots.decision_boundary(model, X, y)
    contours = [found for found in ax.collections if getattr(found, "levels", np.zeros(2)).tolist() == [0]]
    places = np.concatenate([path.vertices for found in contours for path in found.get_paths()])
    assert len(places) > 50
    assert np.abs(model.predict_proba(places)[:, 1] - 0.5).max() < 0.01
    points = line(ax, "1")
    np.testing.assert_array_equal(np.transpose(points.get_data()), X[y == 1])


def test_boundaries_of_three_classes_and_frames():
    data = load_iris(as_frame=True)
    frame = data.data.iloc[:, 2:]
    model = wellfit.MLPClassifier((6,), solver="lbfgs", max_iter=300, random_state=0).fit(frame, data.target)
    ax = plots.decision_boundary(model, frame, data.target)
    assert ax.get_xlabel() == "petal length (cm)"
    contours = [found for found in ax.collections if getattr(found, "levels", np.zeros(2)).tolist() == [0]]
    assert len(contours) == 3
    for found in contours:
        for path in found.get_paths():
            rows = type(frame)(path.vertices, columns=frame.columns)
            best = np.sort(model.predict_proba(rows), axis=1)
            assert np.median(best[:, -1] - best[:, -2]) < 0.1


def test_reliability_is_shares_in_bins(moons):
    """C-263: means, shares and Wilson's intervals of bins of equally many rows."""
    X, y, model = moons
    ax = plots.calibration(model, X, y, bins=6)
    said, happened = ax.containers[0].lines[0].get_data()
    p = model.predict_proba(X)[:, 1]
    order = np.argsort(p, kind="stable").reshape(6, 50)
    np.testing.assert_allclose(said, p[order].mean(axis=1))
    np.testing.assert_allclose(happened, y[order].mean(axis=1))
    found = reliability(model, X, y)
    assert found.error == calibration_error(p, y, np.ones(300))
    assert ((found.low <= found.happened) & (found.happened <= found.high)).all()
    np.testing.assert_allclose(wilson(np.array([0.1]), np.array([100])), [[0.05523], [0.17437]], atol=1e-5)


def test_diagrams_have_the_networks_units_and_weights(moons):
    """C-330: as many circles as units, as many lines as weights, as thick as these are large."""
    X, y, _ = moons
    model = wellfit.MLPClassifier((4, 3), max_iter=9, random_state=0, tol=10, n_iter_no_change=1).fit(X, y)
    ax = plots.network_diagram(model)
    circles = [len(found.get_xdata()) for found in ax.lines if found.get_marker() == "o"]
    assert circles == [2, 4, 3, 1]
    links = [found for found in ax.lines if found.get_marker() != "o"]
    assert len(links) == 2 * 4 + 4 * 3 + 3
    weights = np.abs(model.coefs_[0]).ravel()
    widths = np.array([found.get_linewidth() for found in links[:8]])
    assert (np.argsort(widths) == np.argsort(weights)).all()
    dashed = [found.get_linestyle() == "--" for found in links[:8]]
    assert dashed == (model.coefs_[0].ravel() < 0).tolist()


def test_diagrams_of_descriptions():
    ax = plots.network_diagram(Network((Dense(50), Activation("tanh"), Dense(2))), 4)
    assert [len(found.get_xdata()) for found in ax.lines if found.get_marker() == "o"] == [4, 7, 2]
    texts = [found.get_text() for found in ax.texts]
    assert "Dense(50)\ntanh" in texts
    assert "⋮" in texts
    ax = plots.network_diagram(TabM((8,), k=3).build((), 2), {"numeric": (5,), "codes": (0,)})
    assert {"3 x 8", "3 x 2", "5 inputs"} <= {found.get_text() for found in ax.texts}


def test_range_tests_mark_the_proposal():
    rates = np.geomspace(1e-4, 1, 9)
    found = SimpleNamespace(rates=rates, losses=np.r_[np.linspace(2, 1, 7), 3, np.nan], proposal=rates[4])
    ax = plots.range_test(found)
    assert ax.get_xscale() == "log"
    np.testing.assert_array_equal(line(ax, "smoothed").get_ydata(), found.losses[:8])
    marks = [found.get_xdata()[0] for found in ax.lines if len(found.get_xdata()) == 1]
    assert marks == [rates[4]]


# -- the house -------------------------------------------------------------------------------------------------------


def test_a_given_axis_is_drawn_on_and_returned():
    _, ax = pyplot.subplots()
    assert plots.activation("relu", ax) is ax
    assert plots.schedule("cosine", ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1


def test_lines_are_told_apart_without_colours():
    """In one grey all lines differ: eight looks, and no two share dashes."""
    looks = [style.look(place) for place in range(8)]
    assert len({str(look["linestyle"]) for look in looks}) == 8
    assert len(set(style.MARKERS)) == 8


def test_lines_that_end_together_have_a_legend():
    assert plots.loss("hinge", "log_loss", "exponential").get_legend() is not None
    assert plots.activation("relu").get_legend() is None


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: plots.activation("relo"), "did you mean 'relu'"),
        (lambda: plots.loss("hing"), "did you mean 'hinge'"),
        (lambda: plots.loss("hinge", "huber"), "no axis in common"),
        (lambda: plots.loss("huber", over="probability"), "is for losses of classes"),
        (lambda: plots.loss("huber", over="z"), "over='z'"),
        (lambda: plots.loss("huber", show="all"), "show='all'"),
        (lambda: plots.loss(), "at least one loss"),
        (lambda: plots.schedule("cosin"), "did you mean 'cosine'"),
        (lambda: plots.schedule(), "at least one name"),
        (lambda: plots.optimizer_path("sgd", "sadle"), "did you mean 'saddle'"),
        (lambda: plots.optimizer_path(["sgd"], learning_rates={"adam": 1}), "not among the optimizers"),
        (lambda: plots.optimizer_surface("sgd", ax=pyplot.gca()), "projection"),
        (lambda: plots.learning_rates([]), "give 1 to 8 learning rates"),
        (lambda: plots.network_diagram(Network((Dense(1),))), "needs inputs="),
        (lambda: plots.network_diagram(3), "needs a Network or a fitted model"),
        (lambda: plots.decision_boundary(3, [[1, 2]], [1]), "needs a fitted classifier"),
        (lambda: plots.calibration(3, [[1, 2]], [1]), "needs a fitted classifier"),
    ],
)
def test_errors_are_one_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_without_matplotlib_one_sentence_says_what_to_install():
    code = """
import sys
sys.modules["matplotlib"] = None
from wellfit import plots
try:
    plots.activation("relu")
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "pip install 'wellfit[plots]'" in done.stdout, done.stderr


def test_unknown_functions_are_named():
    assert "history" in dir(plots)
    with pytest.raises(AttributeError, match="histori"):
        plots.histori
    assert did_you_mean("histori", plots.__all__).startswith("did you mean 'history'")
