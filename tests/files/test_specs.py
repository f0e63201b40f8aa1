"""Descriptions as JSON: there and back to the bit, and no foreign code on the way."""

import json
import math
import sys

import numpy as np
import pytest

from wellfit.core.errors import ModelFileError
from wellfit.core.spec import spec, static
from wellfit.families.normal import Normal
from wellfit.families.quantile import Quantile
from wellfit.files.specs import from_json, to_json
from wellfit.layers.dense import Dense
from wellfit.layers.elementwise import Activation
from wellfit.networks.network import Network
from wellfit.optimizers.adam import Adam


def through(value, **options):
    return from_json(json.loads(json.dumps(to_json(value), allow_nan=False)), **options)


@spec
class Outside:
    """A class of somebody's own module."""

    rate: float = 0.1
    width: int = static(3)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, -1.5e-300, 0.1 + 0.2, math.inf, -math.inf, "text", "ü\"\\", (), (1, (2.0, None)), [1, [2]],
        {"a": (1, {"b": [True]}), "type": "x", "float": "1", "array": 2, "tuple": [], "dict": {}},
        Normal(), Quantile((0.1, 0.9)), Adam(learning_rate=0.01), Network((Dense(3), Activation("relu"), Dense(1))),
    ],
)  # fmt: skip
def test_a_value_goes_there_and_back(value):
    found = through(value)
    assert found == value
    assert type(found) is type(value)


def test_nan_and_arrays_go_there_and_back():
    assert math.isnan(through(math.nan))
    for array in (np.array([[1.5, -2.0]], np.float32), np.array([1, 2], np.int8), np.array([True]), np.zeros((0,))):
        found = through(array)
        assert np.array_equal(found, array)
        assert found.dtype == array.dtype


def test_scalars_of_numpy_become_plain_ones():
    for value in (np.float32(0.5), np.int64(7), np.bool_(True)):
        assert through(value) == value
        assert type(through(value)) in (bool, int, float)


@pytest.mark.parametrize("value", [{1: 2}, {1, 2}, object(), print, 1j, b"bytes"])
def test_what_cannot_travel_is_refused_at_save(value):
    with pytest.raises(ValueError, match="cannot be saved in a model file"):
        to_json(value)


def test_a_class_inside_a_function_is_refused_at_save():
    @spec
    class Local:
        rate: float = 0.1

    with pytest.raises(ValueError, match="Local cannot be saved: it is defined inside a function"):
        to_json(Local())


def test_a_class_of_a_script_is_refused_at_save(monkeypatch):
    monkeypatch.setattr(Outside, "__module__", "__main__")
    with pytest.raises(ValueError, match="Outside cannot be saved"):
        to_json(Outside())


def test_a_foreign_class_needs_trust():
    data = to_json(Outside(0.25, 7))
    with pytest.raises(ModelFileError, match=r"Outside, which is not wellfit's.*trusted=True"):
        from_json(data)
    assert from_json(data, trusted=True) == Outside(0.25, 7)


def test_an_untrusted_module_is_not_even_imported(tmp_path, monkeypatch):
    (tmp_path / "booby_trap.py").write_text("raise SystemExit('the trap went off')\n")
    monkeypatch.syspath_prepend(tmp_path)
    data = {"type": "booby_trap:Trap", "fields": {}}
    for nested in (data, [data], {"tuple": [data]}, {"dict": {"a": data}}):
        with pytest.raises(ModelFileError, match="trusted=True"):
            from_json(nested)
    assert "booby_trap" not in sys.modules
    with pytest.raises(SystemExit, match="the trap went off"):
        from_json(data, trusted=True)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("wellfit.nowhere:Class", "cannot be found"),
        ("wellfit.core.spec:Nothing", "cannot be found"),
        ("wellfit.core.spec:spec", "as a description, which it is not"),
        ("wellfit.core.spec:np.load", "as a description, which it is not"),
        ("wellfit.files.store:os.system", "as a description, which it is not"),
        ("wellfitting:Class", "not wellfit's"),
        ("wellfit:load", "not wellfit's"),
        ("os:system", "not wellfit's"),
        ("", "not wellfit's"),
    ],
)
def test_a_path_that_is_no_description_is_refused(path, words):
    with pytest.raises(ModelFileError, match=words):
        from_json({"type": path, "fields": {}})


def test_a_field_of_a_later_version_is_refused():
    data = to_json(Normal())
    data["fields"]["skewness"] = 1.0
    with pytest.raises(ModelFileError, match="no field 'skewness' in this version"):
        from_json(data)


def test_every_builtin_description_goes_there_and_back():
    from wellfit.families.table import FAMILIES
    from wellfit.functions.schedules import SCHEDULES
    from wellfit.optimizers.table import OPTIMIZERS

    for kind in [*FAMILIES.values(), *OPTIMIZERS.values(), *SCHEDULES.values()]:
        value = kind()
        assert through(value) == value
