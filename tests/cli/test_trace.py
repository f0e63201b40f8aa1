"""``wellfit trace``: XOR by hand, rows of a table, JSON, and one sentence for what is wrong."""

import numpy as np
import pytest

pytestmark = pytest.mark.filterwarnings("default::wellfit.core.errors.WellfitWarning")


def test_xor_by_hand_and_solved(wellfit):
    """N-16 to N-20, E-11 to E-15: the numbers put right, and a network that solves it."""
    out = wellfit("trace")
    assert max(map(len, out.splitlines())) <= 80
    assert "weight[2,0]    1.0         4    -0.4      0.6" in out
    assert "from 4 to 1.68" in out
    assert out.rstrip().endswith("solved.")
    found = wellfit("trace", "--json")
    assert found["by_hand"]["steps"][0]["layers"][-1]["delta"] == [[4.0]]
    assert np.abs(np.array(found["probabilities"]) - [0, 1, 1, 0]).max() < 0.05
    assert found["network"]["optimizer"] == "SGD"


def test_a_network_that_cannot_learn_xor_is_said_to_fail(wellfit):
    """E-13: without hidden layers the probabilities stay at one half."""
    assert wellfit("trace", "--hidden", "none").rstrip().endswith("not solved from this start.")


def test_rows_of_a_table(wellfit):
    out = wellfit("trace", "iris", "--rows", "3", "--hidden", "2", "--activation", "relu", "--optimizer", "adam")
    assert "3 of 150 rows" in out
    assert "Step 1: Adam, learning rate 0.001, 3 rows" in out
    assert "2 relu" in out
    assert max(map(len, out.splitlines())) <= 80
    words = ["trace", "diabetes", "--rows", "2", "--hidden", "none", "--steps", "2", "--l2", "1", "--json"]
    found = wellfit(*words, "--learning-rate", "0.1")
    assert len(found["steps"]) == 2
    assert len(found["rows"]) == 2
    assert found["family"] == "Normal"
    layer = found["steps"][0]["layers"][-1]
    value, gradient, updated = (np.array(layer["parameters"][1][name]) for name in ("value", "gradient", "updated"))
    np.testing.assert_allclose(updated, value - 0.1 * gradient, rtol=1e-12)
    x, delta = (
        np.array(layer["input"]["numeric"] if isinstance(layer["input"], dict) else layer["input"]),
        layer["delta"],
    )
    np.testing.assert_allclose(gradient, x.T @ np.array(delta) + value / 2, rtol=1e-12)
    assert wellfit(*words, "--learning-rate", "0.1") == found


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--optimizer", "adm"], 2, "did you mean 'adam'"),
        (["--activation", "tan"], 2, "did you mean 'tanh'"),
        (["--hidden", "x"], 2, "--hidden must be"),
        (["--hidden", "auto"], 2, "got 'auto'"),
        (["--learning-rate", "-1"], 2, "learning_rate=-1"),
        (["--target", "x"], 2, "are about a table"),
        (["iris", "--family", "norml"], 2, "did you mean 'normal'"),
        (["nothing.csv"], 1, "there is no file"),
    ],
)
def test_errors(wellfit, words, code, sentence):
    line = wellfit("trace", *words, code=code)
    assert sentence in line
    assert line.count("\n") == 1
