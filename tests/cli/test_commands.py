"""Columns in their roles, samples, plans, what predictions hold and where they go, explanations, Ctrl-C."""

import gzip
import io
import stat
import subprocess
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from wellfit.cli import places, show, work
from wellfit.cli.main import main
from wellfit.cli.options import WrongUse
from wellfit.cli.rows import Roles, read_rows
from wellfit.data.layout import TextFormat
from wellfit.training.interrupt import Interrupt

QUICK = ["--epochs", "2", "--hidden", "8"]
FITTED = ["--hidden", "8", "--epochs", "80"]
pytestmark = pytest.mark.filterwarnings("default::wellfit.core.errors.WellfitWarning")


def table(n=120):
    rng = np.random.default_rng(0)
    size = rng.normal(size=n)
    return pd.DataFrame({
        "id": [f"flat {j}" for j in range(n)], "size": size, "noise": rng.normal(size=n), "w": rng.integers(1, 3, n),
        "house": np.arange(n) % 12, "day": pd.date_range("2020-01-01", periods=n).strftime("%Y-%m-%d"),
        "one": "same", "price": 3 * size + 5 + 0.1 * rng.normal(size=n),
        "kind": np.where(size > 0, "big", "small"),
    })  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A folder with a table, a model of its numbers and one of its classes."""
    folder = tmp_path_factory.mktemp("room")
    table().to_csv(folder / "flats.csv", index=False, sep=";", decimal=",")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        for target, other in (("price", "kind"), ("kind", "price")):
            words = ["fit", folder / "flats.csv", "--target", target, "--drop", f"id,day,one,w,house,{other}", *FITTED]
            assert main([*map(str, words), "--model", str(folder / f"{target}.wellfit"), "--json"]) == 0
    return folder


@pytest.fixture
def folder(room):
    """Where ``wellfit`` runs."""
    return room


def roles(**columns):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on decimal commas
        return read_rows("flats.csv", TextFormat(), Roles(target="price", **columns))


# -- fit -------------------------------------------------------------------------------------------------------------


def test_columns_with_a_role_are_no_features(room, monkeypatch):
    monkeypatch.chdir(room)
    rows = roles(weight="w", group="house", drop="id,one")
    assert list(rows.X.columns) == ["size", "noise", "day", "kind"]
    assert rows.weights.tolist() == table()["w"].tolist()
    assert rows.groups.tolist() == table()["house"].tolist()
    assert "day" not in roles(time="day").X.columns


def test_test_rows_are_whole_groups_or_the_latest(room, monkeypatch):
    monkeypatch.chdir(room)
    train, test = work.split_test(roles(group="house"), "regression", 0.25, 0)
    assert len(test) == 30
    assert not set(train.groups) & set(test.groups)
    train, test = work.split_test(roles(time="day"), "regression", 0.25, 0)
    assert train.times.max() < test.times.min()


def test_integer_weights_equal_repeated_rows(wellfit, tmp_path):
    frame = table(40)[["size", "noise", "w", "price"]]
    frame.to_parquet(tmp_path / "w.parquet")
    frame.loc[frame.index.repeat(frame["w"])].drop(columns="w").to_parquet(tmp_path / "r.parquet")
    for name, more in (("w", ["--weight-column", "w"]), ("r", [])):
        words = ["--target", "price", *more, *QUICK, "--model", tmp_path / f"{name}.wellfit", "--json"]
        wellfit("fit", tmp_path / f"{name}.parquet", *words)
    found = [
        wellfit("predict", tmp_path / "w.parquet", "--model", tmp_path / f"{name}.wellfit", "--json") for name in "wr"
    ]
    np.testing.assert_allclose(found[0]["predictions"]["price"], found[1]["predictions"]["price"], rtol=1e-6)


@pytest.mark.parametrize(
    ("option", "words"), [("--group-column", "groups has only one group"), ("--time-column", "time has only one value")]
)
def test_groups_and_times_reach_the_fit(wellfit, tmp_path, option, words):
    frame = table()[["size", "price"]].assign(only=2020)
    frame.to_parquet(tmp_path / "t.parquet")
    line = wellfit("fit", tmp_path / "t.parquet", "--target", "price", option, "only", "--plan", code=1)
    assert words in line


ROWS = b"a,b,t,w\n1,x,0.5,1\n2,y,1.5,2\n3,x,2.5,3\n"
REFUSED = {
    "no target at all": (b"a,t\n1,\n2,\n", "t", [], "the target 't' has no value in any row"),
    "some targets missing": (b"a,t\n1,x\n2,\n3,y\n", "t", [], "missing in 1 of 3 rows, NaN at row 1"),
    "one number": (b"a,t\n1,2.5\n2,2.5\n", "t", [], "holds only one value (2.5)"),
    "a date to predict": (b"a,t\n1,2020-01-01\n2,2020-01-02\n", "t", [], "holds dates or times; turn it into a number"),
    "a name to predict": (b"a,t\n1,Bob\n2,Ann\n3,Eve\n", "t", [], "has another label in every row"),
    "numbers and a word": (b"a,t\n1,2.5\n2,3.5\n3,many\n", "t", [], "mixes numbers and text ('many' at row 2)"),
    "an infinite target": (b"a,t\n1,2.5\n2,inf\n3,1\n", "t", [], "y contains infinity"),
    "an infinite feature": (b"a,t\n1,2.5\ninf,3\n3,1\n", "t", [], "infinity in column 'a' at row 1"),
    "words asked to be numbers": (b"a,t\n1,x\n2,y\n3,x\n", "t", ["--task", "regression"], "'x' at row 0, which is no"),
    "fractions asked to be classes": (ROWS, "t", ["--task", "classification"], "another label in every row"),
    "nothing left": (ROWS, "t", ["--drop", "a,b,w"], "no columns left to predict the target from"),
    "a weight of text": (ROWS, "t", ["--weight-column", "b"], "--weight-column 'b' must hold numbers, and holds 'x'"),
    "a weight below nought": (b"a,t,w\n1,2.5,1\n2,3,-1\n", "t", ["--weight-column", "w"], "holds -1 at row 1"),
    "an infinite weight": (b"a,t,w\n1,2.5,1\n2,3,inf\n", "t", ["--weight-column", "w"], "holds inf at row 1"),
    "a missing weight": (b"a,t,w\n1,2.5,\n2,3,1\n", "t", ["--weight-column", "w"], "'w' is missing at row 0"),
    "a missing group": (b"a,t,w\n1,2.5,x\n2,3,\n", "t", ["--group-column", "w"], "'w' is missing at row 1"),
    "times that do not sort": (b"a,t,w\n1,2.5,May\n2,3,June\n", "t", ["--time-column", "w"], "holds 'May', which"),
    "days or months": (b"a,t,w\n1,2.5,1/2/2020\n2,3,3/4/2020\n", "t", ["--time-column", "w"], "write times as 2020-12"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_cannot_be_used_is_one_sentence(wellfit, tmp_path, name):
    content, target, more, words = REFUSED[name]
    (tmp_path / "t.csv").write_bytes(content)
    err = wellfit("fit", tmp_path / "t.csv", "--target", target, *more, "--model", tmp_path / "m", code=1)
    (line,) = [line for line in err.splitlines() if not line.startswith("note: ")]
    assert words in line
    assert not (tmp_path / "m").exists()


def test_an_ill_made_table_gives_the_model_of_the_well_made_one(wellfit, tmp_path):
    frame = table(40)[["size", "day", "one", "kind"]].assign(share=np.arange(40) * 25)
    frame.to_csv(tmp_path / "well.csv", index=False)
    days = pd.to_datetime(frame["day"]).dt.strftime("%d.%m.%Y")
    share = (frame["share"] / 1).map(lambda value: f"{value:,.0f}".replace(",", ".") + ",00 €")
    text = frame.assign(day=days, share=share, one="Größe").to_csv(index=False, sep=";", decimal=",")
    ill = ("Flats of 2020\r\n\r\n" + text.replace("\n", "\r\n")).encode("utf-16")
    (tmp_path / "ill.csv").write_bytes(ill)
    predicted = []
    for name in ("well", "ill"):
        model = tmp_path / f"{name}.wellfit"
        wellfit("fit", tmp_path / f"{name}.csv", "--target", "kind", "--drop", "one", *QUICK, "--model", model)
        predicted.append(wellfit("predict", tmp_path / f"{name}.csv", "--model", model, "--proba", "--json"))
    assert predicted[0] == predicted[1]


def test_a_sample_is_some_of_the_rows(wellfit, tmp_path):
    out = wellfit("fit", "iris", "--sample", "60", *QUICK, "--model", tmp_path / "m")
    assert "60 of 150 rows, drawn at random." in out
    assert "\n60 (" in out
    assert "drawn" not in wellfit("fit", "iris", "--sample", "1000", "--plan")


def test_a_plan_saves_nothing(wellfit, tmp_path):
    out = wellfit("fit", "iris", "--plan", "--model", tmp_path / "m")
    for words in ("family    Categorical", "members   4", "rows      150", "memory", "time", "Why"):
        assert words in out
    found = wellfit("fit", "iris", "--plan", "--json", "--epochs", "7")
    assert (found["epochs"], found["task"], found["rows"]) == (7, "classification", 150)
    assert not (tmp_path / "m").exists()


def test_the_json_of_a_fit_holds_its_whole_history(wellfit, tmp_path):
    found = wellfit("fit", "iris", *QUICK, "--model", tmp_path / "m", "--json")
    assert len(found["history"]["loss"]) == len(found["history"]["validation_loss"]) == 2
    assert set(found["history"]["calibration"]) >= {"n"}


def test_a_model_replaces_a_model_and_nothing_else(wellfit, tmp_path):
    (tmp_path / "notes").write_text("mine")
    assert "not replaced" in wellfit("fit", "iris", *QUICK, "--model", tmp_path / "notes", code=1)
    assert (tmp_path / "notes").read_text() == "mine"
    (tmp_path / "new").touch()
    for _ in range(2):
        wellfit("fit", "iris", *QUICK, "--model", tmp_path / "new", "--json")
    assert wellfit("evaluate", "iris", "--model", tmp_path / "new", "--json")["figures"]["n"] == 150


def test_the_models_default_name(wellfit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = table(40)[["size", "kind"]].to_csv(index=False).encode()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    wellfit("fit", tmp_path / "a.csv.gz", "--target", "kind", *QUICK, "--json")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    wellfit("fit", "-", "--target", "kind", *QUICK, "--json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv.gz", "a.wellfit", "model.wellfit"]
    assert (tmp_path / "a.wellfit").read_bytes()[-100:] == (tmp_path / "model.wellfit").read_bytes()[-100:]


# -- predict ---------------------------------------------------------------------------------------------------------


def test_identifiers_are_kept_beside_the_predictions(wellfit, tmp_path):
    out = tmp_path / "p.csv"
    wellfit(
        "predict", "flats.csv", "--model", "price.wellfit", "--keep", "id,price", "--interval", "0.8", "--output", out
    )
    found = pd.read_csv(out)
    assert list(found.columns) == ["id", "price", "predicted_price", "price_low", "price_high"]
    assert found["id"].tolist() == table()["id"].tolist()
    np.testing.assert_allclose(found["price"], table()["price"])
    assert np.corrcoef(found["price"], found["predicted_price"])[0, 1] > 0.9
    assert (found["price_low"] < found["predicted_price"]).all()


def test_several_targets(wellfit, tmp_path):
    frame = table(40)[["size", "noise"]]
    frame.assign(a=frame["size"] + 0.5, b=-frame["noise"]).to_csv(tmp_path / "reals.csv", index=False)
    frame.assign(a=frame["size"] > 0, b=frame["noise"] > 0).astype({"a": int, "b": int}).to_csv(
        tmp_path / "flags.csv", index=False
    )
    words = ["--target", "a,b", "--model", tmp_path / "m", *QUICK, "--json"]
    assert wellfit("fit", tmp_path / "reals.csv", *words)["task"] == "regression"
    found = wellfit("predict", tmp_path / "reals.csv", "--model", tmp_path / "m", "--interval", "0.5", "--json")
    assert list(found["predictions"]) == ["a", "b", "a_low", "a_high", "b_low", "b_high"]
    explained = wellfit("explain", tmp_path / "m", tmp_path / "reals.csv", "--top", "1", "--json")
    assert explained["dependence"][0]["outputs"] == ["a", "b"]
    assert wellfit("fit", tmp_path / "flags.csv", *words)["task"] == "classification"
    found = wellfit("predict", tmp_path / "flags.csv", "--model", tmp_path / "m", "--proba", "--json")
    assert list(found["predictions"]) == ["a", "b", "p(a)", "p(b)"]
    assert "p(b)" in wellfit("explain", tmp_path / "m", tmp_path / "flags.csv", "--top", "1", "--repeats", "1")


def test_a_kept_feature_is_still_a_feature(wellfit):
    words = ["predict", "flats.csv", "--model", "price.wellfit", "--json"]
    plain, kept = (wellfit(*words, *more)["predictions"] for more in ([], ["--keep", "size"]))
    assert plain["price"] == kept["price"]
    np.testing.assert_allclose(kept["size"], table()["size"])


def test_labels_come_with_their_probability_or_with_all(wellfit):
    words = ["predict", "flats.csv", "--model", "kind.wellfit", "--json"]
    one, all_ = (wellfit(*words, *more)["predictions"] for more in ([], ["--proba"]))
    assert list(one) == ["kind", "probability"]
    assert list(all_) == ["kind", "p(big)", "p(small)"]
    assert one["probability"] == [max(pair) for pair in zip(all_["p(big)"], all_["p(small)"], strict=True)]
    assert min(one["probability"]) >= 0.5


@pytest.mark.parametrize(
    ("name", "read"),
    [("p.csv", pd.read_csv), ("p.tsv", lambda p: pd.read_csv(p, sep="\t")), ("p.parquet", pd.read_parquet),
     ("p.PQ", pd.read_parquet)],
)  # fmt: skip
def test_predictions_by_the_names_ending(wellfit, tmp_path, name, read):
    out = wellfit("predict", "flats.csv", "--model", "price.wellfit", "--keep", "id", "--output", tmp_path / name)
    assert "120 predictions written to" in out
    assert list(read(tmp_path / name).columns) == ["id", "price"]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_predictions_to_standard_output(wellfit):
    out = wellfit("predict", "flats.csv", "--model", "price.wellfit", "--keep", "id", "--output", "-")
    assert out.splitlines()[0] == "id,price"
    assert len(out.splitlines()) == 121


def test_the_terminal_shows_the_first_rows_in_columns(wellfit):
    lines = wellfit("predict", "flats.csv", "--model", "kind.wellfit", "--keep", "id,day").splitlines()
    assert lines[0].split() == ["row", "id", "day", "kind", "probability"]
    assert lines[-1] == "... and 110 rows more; --output FILE keeps them all."
    assert len(lines) == 12
    assert len({line.index("2020-") for line in lines[1:-1]}) == 1


def test_what_cannot_be_written_whole_leaves_what_was_there(tmp_path, monkeypatch):
    class Full:
        def to_csv(self, file, **_):
            file.write(b"half")
            raise OSError(28, "No space left on device")

    (tmp_path / "p.csv").write_text("before")
    (tmp_path / "p.csv").chmod(0o640)
    with pytest.raises(OSError, match="No space left on device; nothing that was there was changed"):
        places.write_table(Full(), tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["p.csv"]
    places.write_table(pd.DataFrame({"a": [1]}), tmp_path / "p.csv")
    assert (tmp_path / "p.csv").read_text() == "a\n1\n"
    assert stat.S_IMODE((tmp_path / "p.csv").stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    places.write_table(pd.DataFrame({"a": [1]}), tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "a\n1\n"


# -- evaluate and explain --------------------------------------------------------------------------------------------


def test_weights_count_in_an_evaluation(wellfit, tmp_path):
    frame = table()
    frame.to_parquet(tmp_path / "w.parquet")
    frame.loc[frame.index.repeat(frame["w"])].to_parquet(tmp_path / "r.parquet")
    words = ["--model", "price.wellfit", "--json"]
    weighted = wellfit("evaluate", tmp_path / "w.parquet", "--weight-column", "w", *words)["figures"]
    repeated = wellfit("evaluate", tmp_path / "r.parquet", *words)["figures"]
    assert weighted["rmse"] == pytest.approx(repeated["rmse"], rel=1e-6)


def test_an_explanation_names_the_column_that_matters(wellfit):
    found = wellfit("explain", "price.wellfit", "flats.csv", "--json", "--sample", "100", "--top", "1")
    assert [row["column"] for row in found["importance"]] == ["size", "noise"]
    assert found["rows"] == 100
    (curve,) = found["dependence"]
    assert (curve["column"], curve["outputs"]) == ("size", ["price"])
    slope = np.polyfit(curve["grid"], np.ravel(curve["mean"]), 1)[0]
    assert slope > 1


def test_an_explanation_in_words(wellfit):
    out = wellfit("explain", "kind.wellfit", "flats.csv", "--top", "1")
    assert "Loss per row" in out
    assert "p(small)" in out
    assert "p(big)" not in out, "of two classes one says it all"
    assert "█" * show.BAR in out
    assert "Mean prediction" not in wellfit("explain", "kind.wellfit", "flats.csv", "--top", "0", "--repeats", "1")


# -- numbers for people ----------------------------------------------------------------------------------------------


def test_numbers_of_a_column_have_as_many_decimals():
    assert show.numbers([1.0, 22.5, 3.25]) == ["1.00", "22.50", "3.25"]
    assert show.numbers([0.2, 0.4]) == ["0.2", "0.4"]
    assert show.numbers([1990.0, 2020.0]) == ["1990", "2020"]
    assert show.numbers([158125.4, 900.0]) == ["158,125", "900"]
    assert show.numbers([1e-9, 5.0]) == ["1e-09", "5"]
    assert show.numbers(["a", "b"]) == ["a", "b"]
    assert show.numbers([float("nan"), 2.5]) == ["nan", "2.5"]


def test_more_classes_than_a_line_holds(capsys):
    names = [f"p({k})" for k in range(8)]
    one = pd.DataFrame([["a", *[0.05] * 7, 0.65]], columns=["kind", *names])
    show.table(show.console(False), one)
    assert capsys.readouterr().out.split() == ["row", "kind", "probability", "0", "a", "0.6500"]
    show.table(show.console(False), one.assign(**{"p(0)": 0.9}))  # labels that hold together
    assert capsys.readouterr().out.split() == ["row", "kind", "0", "a"]


def test_a_curve_of_anything():
    assert show.spark([3.0, 2.0, 1.0]) == "█▅▁"
    assert show.spark([float("nan"), float("inf"), 1.0]) == "××▁"
    assert show.spark([float("nan")]) == ""


def test_a_note_is_told_once_in_one_line(capsys):
    told = show.notes()
    for message, category in (
        ("a\n b", UserWarning),
        ("a b", UserWarning),
        ("c", DeprecationWarning),
        ("d", UserWarning),
    ):
        told(message, category, "file.py", 3)
    assert capsys.readouterr().err == "note: a b\nnote: d\n"


def test_json_knows_no_missing_values():
    found = work.plain({"a": [np.float64("nan"), np.int64(3), None, pd.NaT], "b": np.array([1.5]), 3: pd.NA, "t": True})
    assert found == {"a": [None, 3, None, None], "b": [1.5], "3": None, "t": True}


# -- how a command ends ----------------------------------------------------------------------------------------------


def test_a_fault_of_our_own_is_a_sentence_too(wellfit, monkeypatch):
    monkeypatch.setattr(work, "settings", lambda **_: {}["nothing"])
    line = wellfit("fit", "iris", code=1)
    assert line.startswith("wellfit: KeyError: 'nothing': this should not happen; WELLFIT_TRACEBACK=1")
    monkeypatch.setenv("WELLFIT_TRACEBACK", "1")
    with pytest.raises(KeyError):
        main(["fit", "iris"])


def test_wrong_options_are_told_before_the_table_is_read(wellfit):
    assert "--hidden" in wellfit("fit", "nothing.csv", "--hidden", "x", code=2)
    with pytest.raises(WrongUse):
        Roles(group="a", time="b")


def test_ctrl_c_before_training_saves_nothing(wellfit, monkeypatch, tmp_path):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("wellfit.cli.rows.read_table", stopped)
    assert wellfit("fit", "iris", "--model", tmp_path / "m", code=130) == "wellfit: stopped; nothing was saved.\n"
    assert not (tmp_path / "m").exists()


def test_ctrl_c_while_training_saves_the_best_so_far(wellfit, tmp_path, monkeypatch):
    monkeypatch.setattr(Interrupt, "asked", property(lambda self: True, lambda self, value: None), raising=False)
    err = wellfit("fit", "iris", *QUICK, "--model", tmp_path / "m", "--json", code=130)
    assert "best model so far is kept" in err
    assert (tmp_path / "m").exists()


def test_help_and_version_need_neither_jax_nor_scikit_learn():
    code = """
import sys
from wellfit.cli.main import main
for words in (["--version"], ["-h"], ["predict", "--help"], ["explain", "--help"], ["evaluate", "--help"]):
    assert main(words) == 0
print("loaded:", [name for name in ("jax", "sklearn", "numpy", "pandas", "pyarrow") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.endswith("loaded: []\n"), done.stdout + done.stderr
    assert done.stdout.startswith("wellfit 0")
