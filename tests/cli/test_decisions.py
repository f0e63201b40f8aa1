"""``wellfit show boundary`` and ``show calibration``: on two moons drawn there, and of a model on a table."""

import numpy as np
import pandas as pd
import pytest

from wellfit.estimators.files import load
from wellfit.plots.reliability import reliability

pytestmark = pytest.mark.filterwarnings("default::wellfit.core.errors.WellfitWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A table of two columns, ``petals.csv``, for all tests here."""
    from sklearn.datasets import load_iris

    place = tmp_path_factory.mktemp("decisions")
    iris = load_iris(as_frame=True)
    frame = iris.data.iloc[:, 2:].set_axis(["length", "width"], axis=1)
    frame.assign(target=iris.target_names[iris.target]).to_csv(place / "petals.csv", index=False)
    return place


def fitted(wellfit, folder):
    """A model of ``petals.csv``: its file's name."""
    if not (folder / "petals.wellfit").exists():
        few = ("--hidden", "4", "--epochs", "30", "--members", "1")
        wellfit("fit", "petals.csv", *few, "--model", "petals.wellfit", "--json")
    return "petals.wellfit"


def test_a_models_boundary_on_a_table(wellfit, folder):
    model = fitted(wellfit, folder)
    out = wellfit("show", "boundary", model, "petals.csv")
    assert out.rstrip().endswith("Picture: petals-boundary.png")
    assert max(map(len, out.splitlines())) <= 80
    assert (folder / "petals-boundary.png").read_bytes().startswith(b"\x89PNG")
    found = wellfit("show", "boundary", model, "petals.csv", "--json")
    frame = pd.read_csv(folder / "petals.csv")
    right = load(folder / model).predict(frame[["length", "width"]]) == frame["target"]
    assert found["accuracy"] == pytest.approx(right.mean())
    assert found["classes"]["class"] == ["setosa", "versicolor", "virginica"]
    np.testing.assert_allclose(found["classes"]["right"], right.groupby(frame["target"]).mean())
    assert found["classes"]["rows"] == [50, 50, 50]
    assert wellfit("show", "boundary", model, "petals.csv", "--sample", "30", "--json")["rows"] == 30


def test_a_models_calibration_on_a_table(wellfit, folder):
    model = fitted(wellfit, folder)
    found = wellfit("show", "calibration", model, "petals.csv", "--bins", "5", "--output", "r.svg", "--json")
    frame = pd.read_csv(folder / "petals.csv")
    expected = reliability(load(folder / model), frame[["length", "width"]], frame["target"], 5)
    np.testing.assert_allclose(found["said"], expected.said)
    np.testing.assert_allclose(found["happened"], expected.happened)
    assert found["error"] == pytest.approx(expected.error)
    assert b"<svg" in (folder / "r.svg").read_bytes()
    assert "came true" in wellfit("show", "calibration", model, "petals.csv")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["boundary", "calibration"])
def test_two_moons_are_there_without_a_table(wellfit, folder, name):
    out = wellfit("show", name)
    assert "Two moons" in out
    assert (folder / f"moons-{name}.png").read_bytes().startswith(b"\x89PNG")
    found = wellfit("show", name, "--json")
    assert found["error"] < 0.15 if name == "calibration" else found["accuracy"] > 0.8


def test_what_cannot_be_shown_is_said_in_one_sentence(wellfit, folder):
    model = fitted(wellfit, folder)
    before = sorted(folder.iterdir())
    wellfit("fit", "diabetes", "--hidden", "2", "--epochs", "1", "--members", "1", "--model", "d.wellfit", "--json")
    for words, code, sentence in [
        (["boundary", model], 2, "name a table after the model"),
        (["boundary", "d.wellfit", "diabetes"], 1, "needs a classifier of one target"),
        (["calibration", "d.wellfit", "diabetes"], 1, "needs a classifier of one target"),
        (["boundary", "no.wellfit", "petals.csv"], 1, "no.wellfit"),
        (["calibration", model, "petals.csv", "--output", "petals.txt"], 2, "must end in .png, .svg or .pdf"),
    ]:
        line = wellfit("show", *words, code=code)
        assert sentence in line
        assert line.count("\n") == 1
    assert sorted({*folder.iterdir()} - {*before}) == [folder / "d.wellfit"]


def test_a_boundary_needs_two_columns(wellfit):
    wellfit("fit", "iris", "--hidden", "2", "--epochs", "1", "--members", "1", "--model", "four.wellfit", "--json")
    assert "two columns, and this one has 4" in wellfit("show", "boundary", "four.wellfit", "iris", code=1)
