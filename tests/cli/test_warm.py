"""``wellfit warm``: the programs that it keeps are the very ones that fits ask for."""

import numpy as np
import pandas as pd
import pytest

import wellfit as library
from wellfit.cli import warming
from wellfit.core import cache_folder
from wellfit.training import programs

SMALL = ["--hidden", "4"]


@pytest.fixture
def fresh(folder, monkeypatch):
    """As in a fresh process with an empty folder of programs, beside a table of 40 rows."""
    monkeypatch.setenv("WELLFIT_CACHE", str(folder / "kept"))
    rng = np.random.default_rng(0)
    size = rng.normal(size=40)
    pd.DataFrame({"size": size, "town": rng.choice(list("ab"), 40), "price": 3 * size + rng.normal(size=40)}).to_csv(
        folder / "flats.csv", index=False
    )
    programs.forget()
    return folder


@pytest.fixture
def instead(monkeypatch):
    """Nothing is compiled; the fits that would be."""
    asked = []

    def compiled(fit):
        asked.append(fit)
        return {"compiled": 2, "seconds": 0.25}

    monkeypatch.setattr(warming, "_compiled", compiled)
    return asked


@pytest.mark.slow
def test_a_fit_after_it_compiles_nothing(fresh, wellfit, by_xla):
    by_xla()
    words = ["flats.csv", "--target", "price", *SMALL]
    found = wellfit("warm", *words, "--json")
    assert found["compiled"] == found["programs"] == cache_folder.contents().programs > 0
    assert sorted(path.name for path in fresh.iterdir()) == ["flats.csv", "kept"]
    programs.forget()
    before = programs.compilations()
    wellfit("fit", *words, "--epochs", "30")
    assert programs.compilations() == before
    assert "nothing to compile; " in wellfit("warm", *words)
    wellfit("fit", "flats.csv", "--target", "price", "--hidden", "5", "--epochs", "2")
    assert programs.compilations() > before


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_tables_of_a_size_then_start_with_both_estimators(fresh, wellfit, by_xla):
    by_xla()
    wellfit("warm", "--rows", "60", "--columns", "3", "--classes", "2")
    programs.forget()
    before = programs.compilations()
    rng = np.random.default_rng(1)
    X = rng.normal(size=(62, 3))
    y = np.where(X[:, 0] > 0, "yes", "no")
    library.MLPClassifier().fit(X[:60], y[:60])
    library.NeuralClassifier(max_epochs=20).fit(X, y)
    assert programs.compilations() == before


def test_alone_it_is_for_every_bundled_sample(fresh, wellfit, instead):
    found = wellfit("warm", "--json")
    assert [(fit["table"], fit["estimator"]) for fit in found["fits"]][:2] == [
        ("iris", "NeuralClassifier"), ("iris", "MLPClassifier"),
    ]  # fmt: skip
    assert {fit.table: len(fit.X) for fit in instead} == {
        "iris": 150, "wine": 178, "breast_cancer": 569, "diabetes": 442, "digits": 1797,
    }  # fmt: skip
    assert [type(fit.estimator).__name__ for fit in instead if fit.table == "diabetes"] == [
        "NeuralRegressor", "MLPRegressor",
    ]  # fmt: skip
    assert found["compiled"] == 20
    assert found["folder"] == str(fresh / "kept" / "programs")


def test_sizes_are_all_combined_and_lines_say_what_was_done(fresh, wellfit, instead):
    out = wellfit("warm", "--rows", "30,50", "--columns", "2", "--classes", "0,3")
    assert out.splitlines()[0] == "30 rows, 2 columns, numbers, NeuralRegressor: 2 programs compiled in 0.2 s"
    assert out.splitlines()[-1].startswith("16 programs compiled; 0 are kept in ")
    assert [(fit.X.shape, len(set(fit.y))) for fit in instead[2:4]] == [((30, 2), 3), ((30, 2), 3)]
    assert {len(fit.X) for fit in instead} == {30, 50}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--rows", "9"], 2, "--rows goes with --columns"),
        (["--columns", "9"], 2, "--columns and --classes go with --rows"),
        (["flats.csv", "--rows", "9", "--columns", "9"], 2, "DATA has its own rows"),
        (["--rows", "9.5", "--columns", "9"], 2, "--rows must be whole numbers from 1 on"),
        (["--rows", ",", "--columns", "9"], 2, "--rows must be whole numbers from 1 on"),
        (["--rows", "9", "--columns", "9", "--classes", "1"], 2, "--classes must be 2 or more, or 0"),
        (["--rows", "2", "--columns", "9"], 1, "2 rows cannot hold 3 classes"),
        (["--target", "price"], 2, "are about a table"),
        (["flats.csv", "--target", "price", "--test", "1"], 2, "--test must be a share"),
        (["flats.csv", "--target", "prize"], 1, "did you mean 'price'?"),
        (["flat.csv"], 1, "there is no file 'flat.csv'"),
    ],
)
def test_wrong_input_is_one_sentence(fresh, wellfit, instead, words, code, said):
    err = wellfit("warm", *words, code=code)
    assert said in err
    assert err.count("\n") == 1


def test_where_nothing_can_be_kept_nothing_is_compiled(fresh, wellfit, instead, monkeypatch):
    monkeypatch.setenv("WELLFIT_CACHE", "off")
    assert "WELLFIT_CACHE is off" in wellfit("warm", code=1)
    monkeypatch.setenv("WELLFIT_CACHE", str(fresh / "flats.csv"))
    assert "cannot be made" in wellfit("warm", code=1)
    monkeypatch.setenv("WELLFIT_CACHE", str(fresh))
    (fresh / "programs").mkdir()
    (fresh / "programs").chmod(0o777)
    assert "nobody else may write to it" in wellfit("warm", code=1)
    assert instead == []


def test_ctrl_c_ends_it(fresh, wellfit, monkeypatch):
    fitted = []

    def interrupted(self, X, y, **given):
        fitted.append(self)
        self.status_ = "interrupted"

    monkeypatch.setattr(library.NeuralClassifier, "fit", interrupted)
    wellfit("warm", code=130)
    assert len(fitted) == 1
