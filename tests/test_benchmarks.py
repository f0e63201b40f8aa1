"""The benchmarks run, their peers solve the same problem, and their tables say what was measured. Never how long."""

import argparse
import time
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
from benchmarks import (
    counts,
    crowds,
    folds,
    fresh,
    meter,
    options,
    pictures,
    predictions,
    report,
    rounds,
    scaling,
    sparse,
    tables,
)  # fmt: skip
from benchmarks.floor import Floor
from benchmarks.peers.table import PEERS, Entry, missing, present, softmax
from benchmarks.workloads import WORKLOADS, Workload, named
from sklearn.metrics import log_loss, mean_poisson_deviance
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

from wellfit import NeuralClassifier, NeuralRegressor

TINY = Workload("tiny", 6, (16,), 3, 32, 150, 12, 150, 12, learning_rate=0.01)
EVERYWHERE = ("wellfit", "wellfit MLPClassifier", "scikit-learn", "plain JAX loop")
quiet = pytest.mark.filterwarnings("ignore")  # of libraries that are not ours


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """No rest before a measurement, nor is anything collected: in a process of many tests that takes a second."""
    monkeypatch.setattr(meter, "gc", SimpleNamespace(collect=lambda: 0))
    monkeypatch.setattr(meter, "time", SimpleNamespace(sleep=lambda rest: None, perf_counter=time.perf_counter))


def loss_of(entry: Entry, workload: Workload, seeds: int = 4) -> float:
    """The mean loss that a peer reaches; of one seed it varies by a tenth."""
    X, y = workload.data()
    peer, losses = entry.at(workload), []
    for seed in range(seeds):
        peer.fit(X, y, seed)
        p = peer.probabilities(X)
        np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-5)
        losses.append(log_loss(y, p / p.sum(axis=1, keepdims=True), labels=range(workload.classes)))
    return float(np.mean(losses))


@quiet
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda own: own.name)
def test_every_workload_runs_and_scikit_learn_reaches_the_same_loss(workload):
    small = workload.sized(rows=256 + 2 * workload.batch, epochs=2, dropout=0.0)
    ours, theirs = (loss_of(entry, small, seeds=1) for entry in PEERS if entry.name in ("wellfit", "scikit-learn"))
    assert ours < 1.5 * np.log(small.classes)
    assert ours == pytest.approx(theirs, rel=0.3)


def check_alike(losses: dict[str, float]) -> None:
    """They learnt something, and the same."""
    assert losses["wellfit"] < 0.6 * np.log(TINY.classes)
    assert max(losses.values()) < 1.2 * min(losses.values()), losses


@quiet
def test_the_peers_that_every_installation_has_reach_the_same_loss():
    losses = {entry.name: loss_of(entry, TINY) for entry in PEERS if entry.name in EVERYWHERE}
    check_alike(losses)
    assert losses["wellfit MLPClassifier"] == pytest.approx(losses["scikit-learn"], rel=1e-3)


@quiet
@pytest.mark.slow
def test_dropout_is_the_same_in_ours_and_a_plain_loop():
    dropped = TINY.sized(dropout=0.1)
    check_alike({entry.name: loss_of(entry, dropped) for entry in PEERS if entry.name in ("wellfit", "plain JAX loop")})


@quiet
@pytest.mark.slow  # torch and Keras take seconds to import
@pytest.mark.parametrize("dropout", [0.0, 0.1])
def test_all_installed_peers_reach_the_same_loss(dropout):
    with threadpool_limits(1):  # OpenMP's threads wait for each other: on a busy machine for minutes
        check_alike({
            entry.name: loss_of(entry, TINY.sized(dropout=dropout))
            for entry in present()
            if not (dropout and entry.name == "scikit-learn")
        })  # fmt: skip


def test_a_library_that_is_not_there_is_named_and_one_that_fails_costs_the_others_nothing(monkeypatch):
    absent = Entry("nobody", "nobody", ("no_such_module",), "pip install nobody")
    broken = Entry("broken", "no_adapter", ("sys",), "pip install broken")
    monkeypatch.setattr("benchmarks.peers.table.PEERS", (*PEERS, absent, broken))
    assert missing()["nobody"] == "pip install nobody"
    assert absent not in present()
    theirs = next(entry for entry in PEERS if entry.name == "scikit-learn")
    found = rounds.run(TINY.sized(epochs=1), [broken, theirs], 1, say=lambda line: None, rest=0)
    assert "no_adapter" in found["peers"]["broken"]["error"]
    assert len(found["peers"]["scikit-learn"]["later"]) == 1


def test_the_work_of_a_step_is_counted():
    mnist, deep = named(["mnist", "deep"])
    assert mnist.flop == pytest.approx(36.06e6, rel=1e-3)
    assert deep.flop == pytest.approx(865.6e6, rel=1e-3)
    assert mnist.steps == 60_000 // 32
    assert TINY.parameters == 6 * 16 + 16 + 16 * 3 + 3
    assert TINY.steps == 12 * 5  # the last short batch too
    assert set(TINY.data()[1]) == {0, 1, 2}


def test_the_floor_is_measured_by_every_way():
    found = Floor(TINY).measure()
    assert set(found) == set(report.FLOORS)
    assert all(seconds > 0 for seconds in found.values())


def made_up() -> dict:
    """A run's results with figures that are easily checked."""
    peer = {"first": 2.0, "compiled_first": 3, "compiled_later": 0, "loss": [0.5, 0.7]}
    single = {
        "workload": "tiny", "label": "6-16-3", "remark": "", "rows": 150, "epochs": 2, "steps": 10, "mflop": 0.1,
        "peers": {"wellfit": {**peer, "later": [0.01, 0.03, 0.02]}, "slow": {**peer, "later": [0.08, 0.09, 0.04]},
                  "lost": {"error": "ImportError: no"}},
        "floor": dict.fromkeys(report.FLOORS, 0.0015),
    }  # fmt: skip
    crowd = {"kind": "search", "size": 40, "rows": 1000, "table": None, "peers": {
        "wellfit, cold": [{"first": 2.0, "second": 1.0, "score": 0.9, "rows": 1000, "columns": 20}],
        "scikit-learn": [{"first": 9.0, "second": 7.0, "score": 0.9, "rows": 1000, "columns": 20}],
        "gone": [{"error": "killed"}],
    }}  # fmt: skip
    axis = {"axis": "rows", "values": [1000, 10_000, 20_000, 40_000], "epochs": 1, "peers": {"wellfit": [1, 1, 2, 5.5]}}
    machine = {
        "date": "d", "processor": "c", "cores": 2, "memory_gb": 8, "system": "s", "python": "3", "load_before": 2,
        "kernels": "none", "versions": {"wellfit": "0"}, "threads_by_environment": {"OMP_NUM_THREADS": "1"},
    }  # fmt: skip
    return {
        "machine": machine, "size": "quick", "rounds": 3, "missing": {"torch": "pip install torch"},
        "workloads": [single], "search": crowd,
        "starts": {"iris: scikit-learn MLP": [2.0, 1.0, 3.0], "other": [3.0]},
        "options": {"l1": {"kernel": [[0.2, 0.01, 0.02, 0.03]], "XLA": [[2.0, 0.08, 0.08, 0.09]]}},
        "sparse": {"5000": {"kernel": [{"wellfit": [0.2, 0.1], "scikit-learn": [0.8, 0.8]}],
                            "XLA": [{"wellfit": [2.0, 0.5], "scikit-learn": [0.8, 0.8]}]}},
        "predictions": {"20": {"kernel": [{"array": {"NeuralClassifier": [0.2, 0.3], "MLPClassifier": [0.1, 0.1],
                                                     "scikit-learn": [0.5, 0.5]}}],
                               "XLA": [{"array": {"NeuralClassifier": [0.75, 0.75]}}]}},
        "memory": [{"workload": "w", "peer": "p", "data": 4.0, "parameters": 1.0, "imports": 100.0, "ready": 110.0,
                    "peak": 130.0},
                   {"workload": "w", "peer": "q", "error": "killed"}],
        "scaling": {"axes": [axis], "repeated": {"fits": 9, "first_tenth": 1.0, "last_tenth": 1.0, "kept_mb": 2.0}},
    }  # fmt: skip


def test_medians_and_ratios_are_right():
    assert report.ratio([0.08, 0.09, 0.04], [0.01, 0.03, 0.02]) == pytest.approx((4.0, 2.0, 8.0))
    assert np.isnan(report.ratio([], [])[0])
    assert [report.seconds(value) for value in (2e-5, 0.012, 3.0, np.nan)] == ["20 µs", "12 ms", "3 s", "-"]


def test_the_page_says_what_was_measured():
    text = report.page(made_up())
    assert "| wellfit | 2 s | 20 ms | 2 ms | 1 | 1 - 1 | 3, 0 | 0.6000 |" in text
    assert "| slow | 2 s | 80 ms | 8 ms | 4 | 2 - 8 | 3, 0 | 0.6000 |" in text
    assert "lost failed: ImportError: no" in text
    assert "| the step's products, one JAX program | 1.5 ms | 75% |" in text
    assert "| other | 3 s | 1.5 |" in text
    assert "| l1 | 200 ms | 2 s | 20 ms | 80 ms | 4 |" in text
    assert "| 5,000 | 200 ms | 100 ms | 2 s | 500 ms | 800 ms | 4 |" in text
    assert "| 20 | array | 250 ms | 750 ms | 100 ms | 500 ms | 2 | 5 |" in text
    assert "| w | p | 4 | 1 | 100 | 130 | 30 | 20 |" in text
    assert "| wellfit, cold | 2 s | 1 s | 4.5 | 0.9000 |" in text
    assert "| gone | failed: killed |" in text
    assert "seconds a row at the most rows 1.38 times those at 10,000" in text
    assert "Not installed: torch (`pip install torch`)." in text
    assert "not idle" in text
    assert "convolution" in text


@quiet
def test_sparse_rows_are_fitted_by_both(monkeypatch):
    monkeypatch.setitem(sparse.TABLES, 1000, (200, 20, 50, 3))
    found = sparse.fits(1000)
    assert [len(found[name]) for name in ("wellfit", "scikit-learn", "scores")] == [2, 2, 4]
    assert min(found["scores"]) > 0.4


@quiet
def test_all_predict_the_rows_of_every_container(monkeypatch):
    monkeypatch.setitem(predictions.TABLES, 20, 300)
    found = predictions.predictions(20)
    assert list(found) == ["array", "pandas", "polars"]
    for own in found.values():
        assert {name: len(spent) for name, spent in own.items()} == dict.fromkeys(report.PREDICTING, predictions.ROUNDS)


def test_every_option_is_one_of_the_estimators():
    for own in options.OPTIONS.values():
        assert own.keys() <= NeuralClassifier().get_params().keys()
    assert len(options.fits("none")) == 1 + options.LATER


def test_the_page_of_a_part_is_a_page():
    results = made_up()
    for part in ("workloads", "search", "starts", "options", "sparse", "predictions", "memory", "scaling"):
        del results[part]
    assert report.page(results).startswith("# Benchmarks of d")


@quiet
def test_the_plots_are_drawn(tmp_path):
    pytest.importorskip("matplotlib")
    assert [path.name for path in pictures.draw(made_up(), tmp_path)] == ["rows.png", "peers.png", "floor.png"]
    assert all(path.stat().st_size > 1000 for path in tmp_path.iterdir())


def test_straightness_in_rows():
    rows = [1000, 10_000, 20_000, 40_000]
    assert scaling.linearity(rows, [9, 1, 2, 4]) == pytest.approx(0)
    assert scaling.growth(rows, [9, 1, 2, 4]) == pytest.approx(1)
    assert scaling.linearity(rows, [9, 1, 3, 4]) == pytest.approx(0.5)
    assert scaling.growth(rows, [9, 1, 3, 8]) == pytest.approx(2)


def test_the_candidates_of_a_search_are_parameters_of_its_estimators():
    for peer in crowds.PEERS:
        pairs = crowds.candidates(peer, 40)
        assert len({str(pair) for pair in pairs}) == 40
        for pair in pairs:
            crowds.estimator(peer).set_params(**{name: values[0] for name, values in pair.items()})


def test_memory_is_taken_in_order():
    theirs = next(entry for entry in PEERS if entry.name == "scikit-learn")
    found = fresh.peak(TINY.sized(epochs=1), theirs)
    assert 0 < found["imports"] <= found["ready"] <= found["peak"]
    assert found["data"] == round((150 * 6 * 4 + 150 * 8) / 1e6, 1)


# -- accuracy ----------------------------------------------------------------------------------------------------------


def test_folds_are_repeated_and_the_same_for_all():
    y = np.arange(20) % 2
    found = list(folds.folds(y, 5, 2, classes=True))
    assert [name for name, *_ in found] == [f"{repeat}.{fold}" for repeat in range(5) for fold in range(2)]
    assert all(y[held].mean() == 0.5 for _, _, held in found)
    again = list(folds.folds(y, 5, 2, classes=True))
    assert all((a[2] == b[2]).all() for a, b in zip(found, again, strict=True))
    for text in ("5", "5x1", "0x2", "axb"):
        with pytest.raises(ValueError, match="REPEATSxFOLDS"):
            folds.parse(text)


def test_a_ledger_is_read_again_and_a_torn_line_left_out(tmp_path):
    path = tmp_path / "out" / "a.csv"
    folds.Ledger(path, ("loss",)).add(table="t", fold="0.0", model="m", loss=0.5)
    with path.open("a") as file:
        file.write("t,0.1")
    again = folds.Ledger(path, ("loss",))
    assert again.has("t", "0.0", "m")
    assert not again.has("t", "0.1", "m")
    again.add(table="t", fold="0.1", model="m", loss=0.7)
    assert folds.figures(folds.read([path]), "t", "m", "loss") == {"0.0": 0.5, "0.1": 0.7}
    with pytest.raises(ValueError, match="other columns"):
        folds.Ledger(path, ("ece",))


def rows_of(table: str, ours: list[float], theirs: list[float], ece: tuple[str, str] = ("", "")) -> list[dict]:
    """Lines of a table as a ledger holds them."""
    found = []
    for model, losses, error in (("wellfit", ours, ece[0]), ("scikit-learn", theirs, ece[1])):
        for fold, loss in enumerate(losses):
            own = {"table": table, "fold": str(fold), "model": model, "loss": str(loss), "deviance": "1", "ece": error}
            found.append(own)
    return found


def test_the_summary_of_tables_counts_better_worse_and_calibrated():
    rows = rows_of("good", [1, 1, 1.1], [2, 2, 2.2], ("0.1", "0.2"))
    rows += rows_of("bad", [2, 2, 2.2], [1, 1, 1.1], ("0.2", "0.1"))
    rows += rows_of("unsure", [1, 5, 1], [2, 2, 2])  # its mean is worse, its standard error as large
    text = tables.summary(rows)
    assert "smaller loss on 33% of 3 tables" in text
    assert text.splitlines()[-2].endswith("standard errors: bad")
    assert "calibration error at most scikit-learn's on 50% of 2 tables" in text
    ours, theirs, difference, error = folds.paired({"0": 1, "1": 3, "2": 9}, {"0": 0, "1": 1})
    assert (ours, theirs, difference, error) == pytest.approx((2, 0.5, 1.5, 0.5))


def test_figures_of_counts_are_poissons_deviance_and_the_log_probability():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 2))
    y = rng.poisson(np.exp(X[:, 0])).astype(float)
    mean = np.r_[-1.0, np.ones(119)]
    expected = mean_poisson_deviance(y, np.r_[1e-3, np.ones(119)])
    assert counts.deviance(y, mean) == pytest.approx(expected)
    assert counts.log_score(np.array([0.5, 0.0])) == pytest.approx((np.log(2) + 300 * np.log(10)) / 2)
    model = NeuralRegressor(family="normal", hidden=(4,), max_epochs=2, n_members=2, random_state=0).fit(X, y)
    every = np.array([counts.probabilities(model, X[:1], np.array([float(k)]))[0] for k in range(60)])
    assert every.sum() == pytest.approx(1, abs=1e-12)
    assert (every > 0).sum() > 5
    mixture = [scipy.stats.norm(*pair) for pair in normal_of(model, X[:1])]
    third = np.mean([own.cdf(3.5) - own.cdf(2.5) for own in mixture])
    assert every[3] == pytest.approx(third, rel=1e-6)


def normal_of(model: NeuralRegressor, X: np.ndarray) -> list[tuple[float, float]]:
    """Mean and standard deviation of each member's Normal, in units of y."""
    found = []
    for family, z in zip(model._families, model._raw(model._encoded(X)), strict=True):
        own = family.distribution(z)
        edges = model._target.decode(own.mean()), model._target.decode(own.mean() + own.std())
        found.append((float(np.ravel(edges[0])[0]), float(np.ravel(edges[1])[0] - np.ravel(edges[0])[0])))
    return found


@quiet
def test_a_run_over_folds_goes_on_where_it_stopped(tmp_path, monkeypatch):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    rng = np.random.default_rng(0)
    frame = pandas.DataFrame({"a": rng.normal(size=40), "target": rng.poisson(1.0, 40)})
    frame.to_parquet(tmp_path / "doctor_visits.parquet")
    frame[["a"]].to_parquet(tmp_path / "no_target.parquet")
    made = []

    def fitted(model, X, y, regression, seed):
        made.append(model)
        return make_pipeline(tables.encoder(X), tables.MLPRegressor(hidden_layer_sizes=(2,), max_iter=2)).fit(X, y)

    monkeypatch.setattr(tables, "fitted", fitted)
    options = argparse.Namespace(
        folder=tmp_path, tables=[], folds="1x2", rows=1000, out=tmp_path / "found.csv", part="1/2"
    )
    for part, expected in (("1/2", 2), ("1/2", 2), ("2/2", 4), ("1/1", 4)):
        options.part = part
        tables.over_folds(options)
        assert len(made) == expected
    assert {row["task"] for row in folds.read([options.out])} == {"counts"}
    assert softmax(np.zeros((1, 2))).tolist() == [[0.5, 0.5]]
