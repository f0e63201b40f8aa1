"""Bagging, snapshots and varied numbers inside one crowd, and the choice among its members."""

import itertools

import jax
import numpy as np
import pytest
from scipy.stats import loguniform, uniform
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.metrics import accuracy_score, log_loss, r2_score
from sklearn.preprocessing import scale

from wellfit import NeuralClassifier, NeuralRegressor, load
from wellfit.core.errors import WellfitWarning
from wellfit.estimators.bootstrap import draw
from wellfit.estimators.ensembles import greedy
from wellfit.families.negative_binomial import NegativeBinomial
from wellfit.networks.presets import MLP
from wellfit.training.loop import train
from wellfit.training.members import history_length
from wellfit.training.programs import compilations
from wellfit.training.rows import arrays

SOME_ALWAYS_IN_A_BAG = pytest.mark.filterwarnings("ignore:.*lie in the bags of all members")


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return scale(X)[:300], y[:300]


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


def small(kind=NeuralClassifier, **more):
    return kind(**{"hidden": (8,), "max_epochs": 6, "dropout": None, "random_state": 0, **more})


def prepared(model, X, y, weights=None):
    twin = clone(model)
    return twin, twin._prepare(X, y, weights, None, None, None)


def alone(twin, task, member, plan, rows):
    """A single fit of one member to the rows ``rows`` and the held-out rows, which are all the data there is."""
    n, held = len(rows), task.split[1]
    index = np.concatenate([rows, held])
    x = {name: block[index] for name, block in task.x.items()}
    y, w = task.encoded[index], task.w_fit[index]
    split = (np.arange(n, dtype=np.int32), np.arange(n, len(index), dtype=np.int32))
    data, own = arrays(x, y, w, split, twin._dtype)
    epochs = history_length(plan.max_epochs)
    state = twin._start(plan, member, task.seed, x, y, w, split[0], task.validate, epochs, None)
    return train(plan, data, own, [state])


def same(params, member, trained):
    for one, other in zip(jax.tree.leaves(params), jax.tree.leaves(trained.params), strict=True):
        np.testing.assert_array_equal(one[member], other[0])


# -- two kinds of start -----------------------------------------------------------------------------------------------


def starts(diabetes, **settings):
    """The output weights of four members before training, and their raw outputs (4, n, 1)."""
    twin, task = prepared(NeuralRegressor(random_state=0, n_members=4, **settings), *diabetes)
    states = [
        twin._start(task.plan, m, task.seed, task.x, task.encoded, task.w, task.split[0], task.validate, 1024, None)
        for m in range(4)
    ]
    x = jax.tree.map(np.asarray, task.x)
    raw = [twin.network_.apply(s.moving.params, s.moving.statistics, x)[0] for s in states]
    return [s.moving.params[-1]["weight"] for s in states], np.array(raw)


def test_two_of_four_members_of_the_default_network_start_as_the_best_constant(diabetes):
    weights, raw = starts(diabetes)
    assert [bool(weight.any()) for weight in weights] == [True, True, False, False]
    # y is standardised by all rows: the constant is the mean of the training rows, which is near 0
    assert (np.ptp(raw, axis=1).ravel()[2:] == 0).all()
    assert abs(raw[2:]).max() < 0.1
    assert (np.std(raw, axis=1).ravel()[:2] > 0.3).all()


@pytest.mark.parametrize("settings", [{"hidden": (8,)}, {"network": MLP((8,))}], ids=["hidden", "preset"])
def test_layers_of_the_users_choice_start_as_their_initializer_says(diabetes, settings):
    weights, _ = starts(diabetes, **settings)
    assert all(weight.all() for weight in weights)


def test_where_an_output_says_how_much_y_varies_none_starts_as_the_constant(diabetes):
    """On cpu_act members of a negative binomial network that did kept an error three times the others'."""
    X, y = diabetes
    family = NegativeBinomial()
    weights, _ = starts((X, np.rint(y)), family=family)
    means = np.arange(weights[0].shape[-1])[: family.dispersions.start]
    assert all(weight[..., means].all() for weight in weights)


@pytest.mark.slow
def test_where_there_is_nothing_to_learn_members_from_the_constant_claim_less():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 4))
    model = NeuralRegressor(n_members=4, max_epochs=20, random_state=0).fit(X[:300], rng.normal(size=300))
    claimed = model._raw(model._encoded(X[300:])).std(axis=1).ravel()
    assert claimed[2:].mean() < 0.7 * claimed[:2].mean()


# -- bagging -------------------------------------------------------------------------------------------------------


@SOME_ALWAYS_IN_A_BAG
@pytest.mark.parametrize("weighted", [False, True])
def test_each_bagged_member_is_a_single_fit_to_its_rows_bit_for_bit(cancer, weighted):
    X, y = cancer
    weights = np.random.default_rng(0).integers(1, 4, len(y)) if weighted else None
    model = small(n_members=3, bootstrap=True, class_weight={0: 2.0} if weighted else None).fit(X, y, weights)
    twin, task = prepared(model, X, y, weights)
    assert len({tuple(bag) for bag in task.bags}) == 3
    for member, bag in enumerate(task.bags):
        same(model.params_, member, alone(twin, task, member, task.plan, bag))


def test_rows_are_drawn_by_their_weights_whatever_the_number_of_members():
    train = np.arange(100, 600, dtype=np.int32)
    frequencies = np.where(train < 200, 4.0, 1.0)
    bags = draw(train, frequencies, 200, seed=5)
    counts = np.bincount(bags.ravel(), minlength=700)[100:600] / 200
    expected = 500 * frequencies / frequencies.sum()
    # a count is binomial: its mean of 200 lies within 5 standard errors
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected / 200)).all()
    assert bags.min() >= 100
    assert bags.max() < 600
    np.testing.assert_array_equal(draw(train, frequencies, 3, seed=5), bags[:3])


@SOME_ALWAYS_IN_A_BAG
@pytest.mark.slow
def test_out_of_bag_probabilities_are_those_of_members_that_did_not_see_the_row(cancer):
    X, y = cancer
    weights = np.random.default_rng(1).integers(0, 3, len(y)).astype(float)
    model = small(n_members=5, bootstrap=True, calibrate=False).fit(X, y, weights)
    _, task = prepared(model, X, y, weights)
    used = np.flatnonzero(weights)
    p = [model.family_.mean(z) for z in model._raw(model._encoded(X[used]))]
    expected = np.full((len(y), 2), np.nan)
    for row in task.split[0]:
        own = [p[m][row] for m in range(5) if row not in task.bags[m]]
        if own:
            expected[used[row]] = np.mean(own, axis=0)
    np.testing.assert_allclose(model.oob_decision_function_, expected, rtol=1e-12)
    seen = ~np.isnan(expected[:, 0])
    assert np.isnan(model.oob_decision_function_[weights == 0]).all()
    assert np.isnan(model.oob_decision_function_[used[task.split[1]]]).all()
    accuracy = accuracy_score(y[seen], expected[seen].argmax(1), sample_weight=weights[seen])
    assert model.oob_score_ == pytest.approx(accuracy, abs=1e-12)


@SOME_ALWAYS_IN_A_BAG
@pytest.mark.slow
def test_out_of_bag_predictions_of_numbers_and_of_several_labels(diabetes):
    X, y = diabetes
    model = small(NeuralRegressor, n_members=4, bootstrap=True).fit(X, y)
    seen = ~np.isnan(model.oob_prediction_)
    assert 0.5 < seen.mean() < 0.95
    assert model.oob_score_ == pytest.approx(r2_score(y[seen], model.oob_prediction_[seen]), abs=1e-9)
    labels = np.column_stack([y > 100, y > 200]).astype(int)
    model = small(bootstrap=True).fit(X, labels)
    p = model.oob_decision_function_
    seen = ~np.isnan(p[:, 0])
    assert len(jax.tree.leaves(model.params_)[0]) == 10
    assert p.shape == labels.shape
    assert model.oob_score_ == pytest.approx(accuracy_score(labels[seen], p[seen] > 0.5), abs=1e-12)
    targets = small(NeuralRegressor, n_members=4, bootstrap=True).fit(X, np.column_stack([y, -y]))
    assert targets.oob_prediction_.shape == (len(y), 2)


@pytest.mark.slow
def test_one_warning_says_how_many_rows_have_no_out_of_bag_prediction(cancer):
    with pytest.warns(WellfitWarning, match="lie in the bags of all members") as told:
        model = small(n_members=1, bootstrap=True).fit(*cancer)
    assert len(told) == 1
    _, task = prepared(model, *cancer)
    missing = np.isnan(model.oob_decision_function_[task.split[0], 0]).sum()
    assert str(told[0].message).startswith(f"{missing} of {len(task.split[0])} training rows")
    assert told[0].filename == __file__


@pytest.mark.slow
def test_a_bagged_model_of_few_rows_is_still_cross_validated():
    X, y = load_iris(return_X_y=True)
    model = small(hidden=(4,), max_epochs=100, bootstrap=True).fit(X[::3], y[::3])
    assert model.figures_["rows"] == "cross-validated"
    assert not any("equal repeated rows" in reason for reason in model.reasons_)
    assert any("bagging" in reason for reason in model.reasons_)
    assert model.oob_score_ > 0.5


# -- snapshots -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_snapshots_are_trainings_one_after_another(cancer):
    X, y = cancer
    model = small(n_members=2, snapshots=3).fit(X, y)
    twin, task = prepared(model, X, y)
    assert int(np.max(task.plan.max_epochs)) == 2
    assert len(model.history_["loss"]) == model.n_iter_ == 6
    first = alone(twin, task, 1, task.plan, task.split[0])
    same(model.params_, 1, first)  # cycle after cycle: member 1 of the first is the second network
    networks = jax.tree.leaves(model.params_)[0]
    assert len(networks) == 6
    assert len({network.tobytes() for network in networks}) == 6
    p = [model.family_.mean(z) for z in model._raw(model._encoded(X))]
    plain = clone(model).set_params(calibrate=False).fit(X, y)
    np.testing.assert_allclose(plain.predict_proba(X), np.mean(p, axis=0), atol=1e-12)


@pytest.mark.slow
def test_snapshots_count_their_epochs_on_and_end_from_outside(cancer):
    epochs = []
    model = small(n_members=1, snapshots=3, callbacks=lambda p: epochs.append(int(p.epochs.max())) or len(epochs) == 5)
    model.fit(*cancer)
    assert epochs == [1, 2, 3, 4, 5]
    assert model.status_ == "stopped_by_callback"
    assert len(jax.tree.leaves(model.params_)[0]) == 3
    model = small(n_members=1, snapshots=50, max_epochs=10**6, patience=None, max_time=0.5).fit(*cancer)
    assert model.status_ == "timed_out"
    assert 1 <= len(jax.tree.leaves(model.params_)[0]) < 50


@pytest.mark.slow
def test_a_warm_start_goes_on_from_the_last_cycle(cancer):
    X, y = cancer
    model = small(n_members=2, snapshots=2, learning_rate=1e-12, warm_start=True).fit(X, y)
    before = jax.tree.map(np.copy, model.params_)
    model.fit(X, y)
    for old, new in zip(jax.tree.leaves(before), jax.tree.leaves(model.params_), strict=True):
        np.testing.assert_allclose(new[:2], old[2:], atol=1e-6)


# -- numbers that vary ---------------------------------------------------------------------------------------------


def test_varied_members_are_single_fits_with_their_numbers_bit_for_bit(cancer):
    X, y = cancer
    vary = {"learning_rate": loguniform(1e-3, 0.1), "l2": [0.5, 2.0], "weight_decay": uniform(0.01, 0.1)}
    model = small(n_members=3, vary=vary).fit(X, y)
    twin, task = prepared(model, X, y)
    rates = [numbers["learning_rate"] for numbers in model.members_]
    assert len(set(rates)) == 3
    for member, numbers in enumerate(model.members_):
        one, own = prepared(clone(model).set_params(vary=None, **numbers), X, y)
        same(model.params_, member, alone(one, own, member, own.plan, own.split[0]))
        same(model.params_, member, alone(twin, task, member, task.plans[member], task.split[0]))


@pytest.mark.slow
def test_numbers_that_vary_compile_nothing_anew(cancer):
    small(n_members=4, dropout=0.1).fit(*cancer)
    before = compilations()
    small(n_members=4, vary={"dropout": [0.1, 0.3, 0.5], "learning_rate": [1e-3, 1e-2]}).fit(*cancer)
    assert compilations() == before


def test_a_small_grid_is_gone_through_again():
    X, y = load_iris(return_X_y=True)
    model = small(vary={"l2": [0.1, 1.0]}, n_members=5).fit(X[::2], y[::2])
    values = [numbers["l2"] for numbers in model.members_]
    assert values[0] != values[1]
    assert values == [values[0], values[1], values[0], values[1], values[0]]
    weights = jax.tree.leaves(model.params_)[0]
    assert not np.array_equal(weights[0], weights[2])
    assert model.figures_["rows"] == "cross-validated"


# -- the choice ------------------------------------------------------------------------------------------------------


def test_greedy_choice_is_the_best_of_all_choices_one_at_a_time():
    rng = np.random.default_rng(0)
    y, parts = rng.normal(size=20), rng.normal(size=(6, 20))

    def loss(mean):
        return ((mean - y) ** 2).mean(axis=-1)

    found = greedy(parts, loss, 4)
    for count in range(1, 5):
        chosen = parts[found[:count]].mean(axis=0)
        others = [parts[[*found[: count - 1], m]].mean(axis=0) for m in range(6)]
        assert loss(chosen) == pytest.approx(min(loss(other) for other in others), rel=1e-12)


@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.slow
def test_the_selected_networks_are_the_best_on_the_held_out_rows(cancer, k):
    X, y = cancer
    vary = {"learning_rate": loguniform(1e-4, 0.1)}
    every = small(n_members=6, vary=vary, calibrate=False).fit(X, y)
    model = small(n_members=6, vary=vary, calibrate=False, select=k).fit(X, y)
    _, task = prepared(model, X, y)
    held = task.split[1]
    p = [every.family_.mean(z) for z in every._raw(every._encoded(X[held]))]
    losses = {
        chosen: log_loss(y[held], np.mean([p[m] for m in chosen], axis=0))
        for chosen in itertools.combinations_with_replacement(range(6), k)
    }
    own = log_loss(y[held], model.predict_proba(X[held]))
    assert len(jax.tree.leaves(model.params_)[0]) == len(model.members_) == k
    singles = sorted(log_loss(y[held], one) for one in p)
    assert own == pytest.approx(min(losses.values()), rel=0.05 if k > 1 else 1e-9)
    assert own <= singles[0] + 1e-9
    rates = [numbers["learning_rate"] for numbers in every.members_]
    assert all(numbers["learning_rate"] in rates for numbers in model.members_)


@SOME_ALWAYS_IN_A_BAG
@pytest.mark.parametrize("kind", [NeuralClassifier, NeuralRegressor])
@pytest.mark.slow
def test_all_of_it_together_is_saved_and_loaded(kind, cancer, diabetes, tmp_path):
    X, y = cancer if kind is NeuralClassifier else diabetes
    model = small(kind, n_members=4, bootstrap=True, snapshots=2, vary={"l2": loguniform(0.1, 10)}, select=3).fit(X, y)
    model.save(tmp_path / "model.wellfit")
    again = load(tmp_path / "model.wellfit")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.members_ == model.members_
    assert again.oob_score_ == model.oob_score_
    assert (again.bootstrap, again.snapshots, again.select, again.vary) == (True, 2, 3, None)
    assert len(again.reasons_) == len(model.reasons_)
    assert sum("best on the held-out rows" in reason for reason in again.reasons_) == 1
    if kind is NeuralRegressor:
        np.testing.assert_array_equal(again.predict_quantile(X, 0.9), model.predict_quantile(X, 0.9))


def test_plan_counts_members_and_all_cycles(cancer):
    plan = small(snapshots=3, n_members=4).plan(*cancer)
    assert (plan.members, plan.epochs) == (4, 6)
    assert small(bootstrap=True).plan(*cancer).members == 10


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"select": 2, "early_stopping": False}, "select=2 needs held-out rows"),
        ({"vary": {"hidden": [4, 8]}}, "'vary' parameter of NeuralClassifier must be None or a dict"),
        ({"vary": {"l2": []}}, "'vary' parameter"),
        ({"vary": {"l2": ["a"]}}, "'vary' parameter"),
        ({"vary": {}}, "'vary' parameter"),
        ({"vary": {"l2": [0, 1.0]}, "n_members": 2}, "give numbers > 0 for l2"),
        ({"vary": {"dropout": [0.5, 1.5]}, "n_members": 2}, "'dropout' parameter"),
        ({"vary": {"dropout": [0.1]}, "network": MLP((4,))}, "vary names 'dropout'"),
        ({"snapshots": 0}, "'snapshots' parameter"),
        ({"bootstrap": "yes"}, "'bootstrap' parameter"),
        ({"select": 0}, "'select' parameter"),
    ],
)
def test_one_sentence_for_what_cannot_be(cancer, settings, words):
    with pytest.raises(ValueError, match=words):
        small(**settings).fit(*cancer)


@pytest.mark.parametrize("settings", [{"bootstrap": True}, {"snapshots": 2}, {"vary": {"l2": [1.0]}}, {"select": 1}])
def test_partial_fit_refuses_what_only_fit_knows(cancer, settings):
    with pytest.raises(ValueError, match="partial_fit knows no bootstrap"):
        small(**settings).partial_fit(*cancer)
