"""``wellfit show``: numbers in the terminal, pictures in files that replace only pictures."""

import subprocess
import sys

import numpy as np
import pytest

from wellfit.cli import places
from wellfit.functions.activations.table import ACTIVATIONS
from wellfit.insight.surface import descend

pytestmark = pytest.mark.filterwarnings("default::wellfit.core.errors.WellfitWarning")


COMMANDS = {
    "gelu.png": ["activation", "gelu"],
    "hinge-log_loss.png": ["loss", "hinge", "log_loss"],
    "huber.png": ["loss", "huber"],
    "sgd-momentum-saddle.png": ["optimizer", "sgd", "momentum", "--surface", "saddle", "--steps", "60"],
    "sgd-ravine.png": ["optimizer", "sgd", "--relief"],
    "rates-sgd-ravine.png": ["rates", "0.02", "0.103"],
    "cosine-plateau.png": ["schedule", "cosine", "plateau", "--peak", "0.1"],
    "network.png": ["network", "--hidden", "4,3"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_picture_is_written_beside_its_numbers(wellfit, tmp_path, name):
    out = wellfit("show", *COMMANDS[name])
    assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")
    assert max(map(len, out.splitlines())) <= 80
    assert out.rstrip().endswith(f"Picture: {name}")
    assert out.count("\n") >= 5


def test_numbers_are_the_functions(wellfit):
    found = wellfit("show", "activation", "hard_tanh", "--json")
    f, x = ACTIVATIONS["hard_tanh"], np.array(found["x"])
    assert found["value"] == f(x).tolist()
    assert found["derivative"] == f.derivative(x).tolist()
    assert found["kinks"] == [-1, 1]
    found = wellfit("show", "loss", "log_loss", "--json")["losses"][0]
    np.testing.assert_allclose(found["loss"], np.log1p(np.exp(-np.array(found["z"]))))
    found = wellfit("show", "optimizer", "sgd", "--learning-rate", "0.09", "--steps", "20", "--json")
    np.testing.assert_allclose(
        found["paths"][0]["points"], descend("sgd", "ravine", learning_rate=0.09, steps=20).points
    )
    found = wellfit("show", "schedule", "cosine", "--peak", "2", "--json")
    assert (found["cosine"][0], found["cosine"][100]) == (2, pytest.approx(1))


def test_models(wellfit, tmp_path):
    wellfit("fit", "iris", "--hidden", "4", "--epochs", "3", "--members", "1", "--model", "iris.wellfit", "--json")
    found = wellfit("show", "history", "iris.wellfit", "--json")
    assert len(found["training"]) == 3
    assert (tmp_path / "iris-history.png").exists()
    assert "epoch" in wellfit("show", "history", "iris.wellfit")
    found = wellfit("show", "network", "iris.wellfit", "--json", "--output", "iris.svg")
    assert found["layers"][0]["shape"][0] >= 4
    assert b"<svg" in (tmp_path / "iris.svg").read_bytes()


@pytest.mark.parametrize("ending", [".png", ".svg", ".pdf"])
def test_only_pictures_of_wellfit_are_replaced(wellfit, tmp_path, ending):
    place = tmp_path / f"gelu{ending}"
    wellfit("show", "activation", "gelu", "--output", place)
    first = place.read_bytes()
    wellfit("show", "activation", "gelu", "--output", place)
    assert len(place.read_bytes()) == pytest.approx(len(first), abs=64)
    place.write_bytes(b"somebody's work")
    line = wellfit("show", "activation", "gelu", "--output", place, code=1)
    assert "no picture of wellfit, and is not replaced" in line
    assert place.read_bytes() == b"somebody's work"
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["activation", "gelo"], 2, "did you mean 'gelu'"),
        (["loss", "hing"], 2, "did you mean 'hinge'"),
        (["loss", "hinge", "huber"], 2, "no axis in common"),
        (["loss", "huber", "--over", "probability"], 2, "losses of classes"),
        (["optimizer", "sdg"], 2, "did you mean 'sgd'"),
        (["optimizer", "sgd", "--surface", "sadle"], 2, "did you mean 'saddle'"),
        (["schedule", "cosin"], 2, "did you mean 'cosine'"),
        (["rates", "-1"], 2, "learning_rate=-1"),
        (["network", "--hidden", "x"], 2, "--hidden must be"),
        (["network", "--activation", "tan"], 2, "did you mean 'tanh'"),
        (["activation", "gelu", "--output", "gelu.txt"], 2, "must end in .png, .svg or .pdf"),
        (["activation", "gelu", "--output", "no/gelu.png"], 1, "there is no folder"),
        (["history", "no.wellfit"], 1, "no.wellfit"),
    ],
)
def test_errors(wellfit, tmp_path, words, code, sentence):
    separated = ["--"] if words[1].startswith("-1") else []
    line = wellfit("show", words[0], *separated, *words[1:], code=code)
    assert sentence in line
    assert line.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_numbers_are_there_and_the_remedy(tmp_path):
    code = f"""
import sys
sys.modules["matplotlib"] = None
from wellfit.cli.main import main
sys.exit(main(["show", "activation", "relu", "--output", {str(tmp_path / "relu.png")!r}]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'wellfit[plots]'" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "f'(x)" in done.stdout
    assert not list(tmp_path.iterdir())


def test_pictures_say_who_made_them(tmp_path):
    place = tmp_path / "a.png"
    place.write_bytes(b"")
    places.check_picture(place)  # an empty file is nobody's work
    assert places.MADE_BY == "a picture of wellfit"
