"""The command line: what it prints, and one line for whatever is wrong: code 1 for data and models, 2 for options."""

import atexit
import gc
import json
import os
import pickle
import sys

import numpy as np
import pandas as pd
import pytest
import typer

from wellfit.cli.main import app, main

QUICK = ["--epochs", "2", "--hidden", "8"]
pytestmark = pytest.mark.filterwarnings("default::wellfit.core.errors.WellfitWarning")

TEXT = ["--delimiter", "--decimal", "--encoding"]
COMMANDS = {
    "fit": ["data", "--target", "--task", "--family", "--weight-column", "--group-column", "--time-column", "--drop",
            "--sample", "--test", "--hidden", "--epochs", "--time", "--members", "--seed", *TEXT, "--model", "--plan",
            "--json"],
    "predict": ["data", "--model", "--output", "--keep", "--proba", "--interval", *TEXT, "--json"],
    "evaluate": ["data", "--model", "--target", "--weight-column", *TEXT, "--json"],
    "explain": ["model", "data", "--target", "--weight-column", "--top", "--repeats", "--sample", "--seed", *TEXT,
                "--json"],
    "trace": ["data", "--target", "--task", "--family", "--drop", "--rows", "--hidden", "--activation", "--optimizer",
              "--learning-rate", "--l2", "--steps", "--seed", *TEXT, "--json"],
    "show activation": ["name", "--output", "--json"],
    "show loss": ["names", "--over", "--output", "--json"],
    "show optimizer": ["names", "--surface", "--learning-rate", "--steps", "--relief", "--output", "--json"],
    "show rates": ["rates", "--optimizer", "--surface", "--steps", "--output", "--json"],
    "show schedule": ["names", "--peak", "--output", "--json"],
    "show network": ["model", "--inputs", "--hidden", "--outputs", "--activation", "--output", "--json"],
    "show history": ["model", "--output", "--json"],
    "show boundary": ["model", "data", "--target", "--sample", "--seed", "--output", "--json"],
    "show calibration": ["model", "data", "--target", "--bins", "--seed", "--output", "--json"],
    "warm": [
        "data", "--target", "--task", "--family", "--weight-column", "--group-column", "--time-column", "--drop",
        "--test", "--hidden", "--delimiter", "--decimal", "--encoding", "--rows", "--columns", "--classes", "--json",
    ],
    "cache info": ["--json"],
    "cache clear": ["--json"],
}  # fmt: skip


def table(n=40):
    rng = np.random.default_rng(0)
    size, town = rng.normal(size=n), rng.choice(["Rome", "Oslo", "Lima"], n)
    return pd.DataFrame({
        "size": size, "town": town, "species": np.where(size > 0, "big", "small"),
        "price": 3 * size + (town == "Rome") + 0.1, "visits": rng.poisson(3, n) * 7,
    })  # fmt: skip


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A folder with tables and two fitted models."""
    folder = tmp_path_factory.mktemp("room")
    frame = table()
    frame.drop(columns=["price", "visits"]).to_csv(folder / "classes.csv", index=False)
    frame.drop(columns=["species", "visits"]).to_parquet(folder / "numbers.parquet")
    np.savez(folder / "arrays.npz", X=frame[["size", "visits"]].to_numpy(), y=frame["price"].to_numpy())
    assert main(["fit", str(folder / "classes.csv"), "--target", "species", "--model", str(folder / "classes.wellfit"),
                 *QUICK, "--json"]) == 0  # fmt: skip
    assert main(["fit", str(folder / "numbers.parquet"), "--target", "price", "--model",
                 str(folder / "numbers.wellfit"), *QUICK, "--json"]) == 0  # fmt: skip
    return folder


@pytest.fixture
def wellfit(room, capsys, monkeypatch, tmp_path):
    """Run a command in the room's folder: code, standard output, standard error."""
    monkeypatch.chdir(room)
    capsys.readouterr()

    def run(*words):
        code = main(list(map(str, words)))
        out, err = capsys.readouterr()
        assert "\x1b" not in out + err, "colours without a terminal"
        assert "Traceback" not in out + err
        return code, out, err

    return run


@pytest.fixture
def refused(wellfit):
    """Run a command that must be refused: its one line on standard error."""

    def run(*words, code=1):
        found, out, err = wellfit(*words)
        assert found == code, out + err
        lines = [line for line in err.splitlines() if not line.startswith("note: ")]
        assert len(lines) == 1, err
        assert lines[0].startswith("wellfit: ")
        assert len(lines[0]) < 500
        return lines[0]

    return run


# -- what is frozen --------------------------------------------------------------------------------------------------


def test_commands_and_options_are_frozen():
    def options(command, name=""):
        if hasattr(command, "commands"):
            return {k: v for inner, c in command.commands.items() for k, v in options(c, f"{name} {inner}").items()}
        return {name.strip(): [max(option.opts, key=len) for option in command.params]}

    assert options(typer.main.get_command(app)) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_option(wellfit, command):
    code, out, _ = wellfit(*command.split(), "--help")
    assert code == 0
    for option in COMMANDS[command]:
        assert option in out.lower()


# -- fit, predict, evaluate ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "options", "task"),
    [
        ("classes.csv", ["--target", "species"], "classification"),
        ("numbers.parquet", ["--target", "price", "--test", "0.25"], "regression"),
        ("arrays.npz", [], "regression"),
        ("iris", [], "classification"),
    ],
)
def test_fit_predict_evaluate(wellfit, tmp_path, data, options, task):
    model = tmp_path / "deep" / "model.wellfit"
    code, out, err = wellfit("fit", data, *options, "--model", model, *QUICK, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert out.count("\n") == 1
    assert found["task"] == task
    assert found["epochs"] == 2
    assert (found["test"] is not None) == ("--test" in options)
    assert model.exists()

    proba = ["--proba"] if task == "classification" else []
    code, out, err = wellfit("predict", data, "--model", model, "--json", *proba)
    assert code == 0, err
    assert out.count("\n") == 1
    predicted = json.loads(out)
    rows = predicted["rows"]
    assert all(len(values) == rows for values in predicted["predictions"].values())
    if task == "classification":
        chances = [values for name, values in predicted["predictions"].items() if name.startswith("p(")]
        np.testing.assert_allclose(np.sum(chances, axis=0), 1, atol=1e-6)

    code, out, err = wellfit("evaluate", data, "--model", model, "--json")
    assert code == 0, err
    assert out.count("\n") == 1
    assert json.loads(out)["figures"]["n"] == rows


def test_words_for_people(wellfit, tmp_path):
    code, out, _ = wellfit("fit", "classes.csv", "--target", "species", "--model", tmp_path / "m", *QUICK)
    assert code == 0
    for words in ("classes.csv: 40 rows, 3 columns", "classification", "log loss", "Why", "Saved", "2 epochs"):
        assert words in out
    code, out, _ = wellfit("predict", "classes.csv", "--model", tmp_path / "m")
    assert "--output FILE keeps them all" in out
    code, out, _ = wellfit("evaluate", "classes.csv", "--model", tmp_path / "m")
    assert "40 (all given)" in out


def test_the_same_seed_gives_the_same_file_of_predictions(wellfit, tmp_path):
    contents = []
    for name in ("a", "b"):
        wellfit("fit", "numbers.parquet", "--target", "price", "--model", tmp_path / name, *QUICK, "--seed", 3)
        code, _, err = wellfit("predict", "numbers.parquet", "--model", tmp_path / name, "--output", tmp_path / "p.csv")
        assert code == 0, err
        contents.append((tmp_path / "p.csv").read_bytes())
    assert contents[0] == contents[1]


def test_predictions_to_files_with_intervals(wellfit, tmp_path):
    for name, read in (("p.csv", pd.read_csv), ("p.parquet", pd.read_parquet)):
        options = ["--model", "numbers.wellfit", "--interval", 0.8, "--output", tmp_path / name]
        code, out, err = wellfit("predict", "numbers.parquet", *options)
        assert code == 0, err
        assert "40 predictions written" in out
        found = read(tmp_path / name)
        assert list(found.columns) == ["price", "price_low", "price_high"]
        assert (found["price_low"] < found["price_high"]).all()


def test_labels_of_truth_stay_booleans_in_json(wellfit, tmp_path):
    frame = table()[["size", "species"]]
    frame.assign(target=frame["species"] == "big").drop(columns="species").to_csv(tmp_path / "t.csv", index=False)
    code, _, err = wellfit("fit", tmp_path / "t.csv", "--model", tmp_path / "m", *QUICK, "--json")
    assert code == 0, err
    _, out, _ = wellfit("predict", tmp_path / "t.csv", "--model", tmp_path / "m", "--json")
    assert set(json.loads(out)["predictions"]["target"]) <= {True, False}


def test_warnings_go_back_to_what_they_were(wellfit):
    import warnings

    before = warnings.showwarning
    wellfit("fit", "nothing.csv")
    assert warnings.showwarning is before


# -- bad input -------------------------------------------------------------------------------------------------------


FILES = {
    "empty.csv": (b"", "is empty"),
    "header.csv": (b"a,target\n", "no rows"),
    "cut.parquet": (b"PAR1" + b"\0" * 30, "not a readable Parquet file"),
    "cut.npz": (b"PK\3\4" + b"\0" * 30, "not a readable NPZ file"),
    "one_class.csv": (b"a,target\n1,x\n2,x\n3,x\n", "holds only one value (x): there is nothing to learn"),
    "one_row.csv": (b"a,target\n1,2.5\n", "at least 2 rows"),
    "no_column.csv": (b"target\n1.5\n2.5\n", "zero columns"),
    "no_label.csv": (b"a,target\n1,x\n2,\n3,y\n4,y\n", "NaN at row 1"),
    "no_number.csv": (b"a,target\n1,0.5\n2,\n3,1.5\n4,2\n", "missing in 1 of 4 rows, NaN at row 1; leave out the rows"),
    "infinite.csv": (b"a,target\n1,0.5\ninf,2\n3,1.5\n4,2\n", "infinity in column 'a' at row 1"),
    "infinite_y.csv": (b"a,target\n1,0.5\n2,inf\n3,1.5\n4,2\n", "y contains infinity"),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_tables(refused, tmp_path, name):
    content, words = FILES[name]
    (tmp_path / name).write_bytes(content)
    assert words in refused("fit", tmp_path / name, "--model", tmp_path / "m", *QUICK)
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("code", "words", "message"),
    [
        (1, ["fit", "clases.csv"], "did you mean 'classes.csv'"),
        (1, ["fit", "."], "is a folder"),
        (1, ["fit", "classes.csv"], "which column is the target? Name it with --target"),
        (1, ["fit", "classes.csv", "--target", "specis"], "did you mean 'species'"),
        (2, ["fit", "classes.csv", "--target", "species", "--task", "clasification"], "did you mean 'classification'"),
        (2, ["fit", "numbers.parquet", "--target", "price", "--family", "poison"], "did you mean 'poisson'"),
        (1, ["fit", "numbers.parquet", "--target", "price", "--family", "poisson"], "non-negative integers"),
        (1, ["fit", "classes.csv", "--target", "species", "--family", "poisson"], "poisson"),
        (2, ["fit", "iris", "--hidden", "abc"], "--hidden must be widths separated by commas"),
        (2, ["fit", "iris", "--hidden", "8,0"], "--hidden must be widths"),
        (2, ["fit", "iris", "--hidden", "-3"], "--hidden must be widths"),
        (2, ["fit", "iris", "--epochs", "0"], "Invalid value for '--epochs'"),
        (2, ["fit", "iris", "--epochs", "x"], "Invalid value for '--epochs'"),
        (2, ["fit", "iris", "--members", "0"], "--members"),
        (2, ["fit", "iris", "--time", "-1"], "--time must be"),
        (2, ["fit", "iris", "--time", "nan"], "--time must be"),
        (2, ["fit", "iris", "--test", "2"], "--test must be a share in [0, 1), got 2.0"),
        (2, ["fit", "iris", "--test", "nan"], "--test must be a share"),
        (2, ["fit", "iris", "--seed", "-1"], "--seed"),
        (1, ["fit", "iris", "--model", "."], "is a folder"),
        (1, ["fit", "iris", "--model", "classes.csv/m"], "cannot be made"),
        (2, ["fit"], "Missing argument"),
        (2, ["fit", "iris", "--epoch", "2"], "No such option"),
        (2, ["fitt"], "No such command 'fitt'"),
        (2, ["predict", "classes.csv"], "Missing option '--model'"),
        (1, ["predict", "classes.csv", "--model", "nothing.wellfit"], "there is no model file 'nothing.wellfit'"),
        (1, ["predict", "classes.csv", "--model", "."], "Is a directory"),
        (1, ["predict", "classes.csv", "--model", "classes.csv"], "not a wellfit model file"),
        (2, ["predict", "classes.csv", "--model", "classes.wellfit", "--interval", "0.9"], "--interval is for numbers"),
        (2, ["predict", "numbers.parquet", "--model", "numbers.wellfit", "--interval", "2"], "in (0, 1), got 2.0"),
        (1, ["predict", "classes.csv", "--model", "classes.wellfit", "--output", "no/p.csv"], "no folder 'no'"),
        (1, ["predict", "classes.csv", "--model", "classes.wellfit", "--output", "."], "folder"),
        (2, ["predict", "classes.csv", "--model", "classes.wellfit", "--output", "p.xlsx"], "must end in .csv, .tsv"),
        (
            1,
            ["predict", "classes.csv", "--model", "classes.wellfit", "--output", "classes.csv"],
            "is the table that is",
        ),
        (1, ["predict", "classes.csv", "--model", "classes.wellfit", "--keep", "twon"], "--keep; did you mean 'town'?"),
        (2, ["predict", "numbers.parquet", "--model", "numbers.wellfit", "--proba"], "--proba is for classes"),
        (2, ["predict", "classes.csv", "--model", "classes.wellfit", "--output", "-", "--json"], "both want standard"),
        (1, ["fit", "classes.csv", "--model", "classes.csv"], "is the table that is fitted; name another"),
        (1, ["fit", "classes.csv", "--model", "numbers.parquet"], "no model of wellfit, and is not replaced"),
        (2, ["fit", "iris", "--delimiter", "::"], "--delimiter must be one character"),
        (2, ["fit", "iris", "--decimal", ";"], "--decimal must be '.' or ','"),
        (2, ["fit", "iris", "--encoding", "utf9"], "--encoding 'utf9' is unknown"),
        (2, ["fit", "iris", "--sample", "0"], "--sample"),
        (1, ["fit", "iris", "--drop", "petal_widht"], "for --drop; did you mean 'petal_width'?"),
        (1, ["fit", "iris", "--weight-column", "w"], "no column 'w' for --weight-column"),
        (1, ["fit", "classes.csv", "--target", "species", "--weight-column", "town"], "must hold numbers, and holds"),
        (
            1,
            ["fit", "iris", "--time-column", "target", "--target", "petal_width"],
            "does not sort by time; write times as",
        ),
        (2, ["fit", "iris", "--group-column", "a", "--time-column", "b"], "cannot both say which rows"),
        (2, ["fit", "iris", "--group-column", "a", "--weight-column", "a"], "'a' is named by two options"),
        (1, ["explain", "nothing.wellfit", "iris"], "there is no model file 'nothing.wellfit'"),
        (1, ["explain", "classes.wellfit", "iris"], "no column 'species' to be the target"),
        (2, ["explain", "classes.wellfit", "classes.csv", "--top", "-1"], "--top"),
        (1, ["predict", "iris", "--model", "classes.wellfit"], "lacks the column 'size'"),
        (1, ["evaluate", "iris", "--model", "classes.wellfit"], "no column 'species' to be the target"),
        (1, ["evaluate", "classes.csv", "--model", "classes.wellfit", "--target", "town"], "lacks the column 'town'"),
    ],
)
def test_bad_words(refused, tmp_path, code, words, message):
    more = ["--model", tmp_path / "m"] if words[0] == "fit" and "--model" not in words and len(words) > 1 else []
    assert message in refused(*words, *more, code=code)
    assert not (tmp_path / "m").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_files_without_rights(refused, tmp_path):
    for name in ("t.csv", "m.wellfit"):
        (tmp_path / name).write_text("a\n1\n")
        (tmp_path / name).chmod(0)
    assert "Permission denied" in refused("fit", tmp_path / "t.csv")
    assert "Permission denied" in refused("predict", "classes.csv", "--model", tmp_path / "m.wellfit")


def cut(content):
    return content[: len(content) // 2]


def flipped(content):
    return content[:-3] + bytes([content[-3] ^ 1]) + content[-2:]


@pytest.mark.parametrize("harm", [cut, flipped, pickle.dumps, lambda content: b""])
@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_a_harmed_model_file(refused, room, tmp_path, harm, command):
    (tmp_path / "m").write_bytes(harm((room / "classes.wellfit").read_bytes()))
    assert "m'" in refused(command, "classes.csv", "--model", tmp_path / "m")


def test_text_in_a_column_of_numbers(refused, tmp_path):
    pd.DataFrame({"size": ["1", "tall"], "town": ["Rome", "Oslo"]}).to_csv(tmp_path / "t.csv", index=False)
    line = refused("predict", tmp_path / "t.csv", "--model", "numbers.wellfit")
    assert "column 'size' mixes numbers and text ('tall' at row 1)" in line


def test_an_error_under_json_leaves_standard_output_empty(wellfit):
    code, out, err = wellfit("fit", "iris", "--epochs", "0", "--json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_a_process_of_its_own_ends_at_once_and_a_callers_as_it_likes(monkeypatch, capsys):
    """What is left needs no collecting at the end of ours; it may in a process that calls us."""
    asked = []
    monkeypatch.setattr(atexit, "register", lambda function, *_: asked.append(function))
    monkeypatch.setattr(sys, "argv", ["wellfit", "--help"])
    assert main(["--help"]) == 0
    assert not asked
    assert main() == 0
    assert asked == [gc.freeze]
    assert "Neural networks" in capsys.readouterr().out
