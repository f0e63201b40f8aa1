"""``wellfit cache``: where programs are kept, how many, and how they go."""

import json
import os
import subprocess
import sys

import pytest

from wellfit.cli.main import main
from wellfit.core import cache_folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with two programs, what a killed process left, and a file that is none of wellfit's business."""
    monkeypatch.setenv("WELLFIT_CACHE", str(tmp_path))
    place = tmp_path / "programs"
    place.mkdir()
    (place / "a.program").write_bytes(b"x" * 1500)
    (place / "b.program").write_bytes(b"x" * 500)
    (place / "c.partial").write_bytes(b"x" * 48)
    (place / "notes.txt").write_bytes(b"mine")
    return place


def run(capsys, *words):
    capsys.readouterr()
    code = main(["cache", *words])
    out, err = capsys.readouterr()
    return code, out, err


def test_info_counts_and_deletes_nothing(place, capsys):
    code, out, err = run(capsys, "info", "--json")
    found = {"folder": str(place), "programs": 2, "bytes": 2048, "limit": cache_folder.LIMIT_BYTES}
    assert (code, json.loads(out), err) == (0, found, "")
    code, out, _ = run(capsys, "info")
    assert code == 0
    assert out.startswith(f"{place}: 2 programs, 2 KiB of at most 512.0 MiB")
    assert len(list(place.iterdir())) == 4


def test_clear_deletes_what_is_wellfits_and_says_how_much(place, capsys):
    code, out, _ = run(capsys, "clear", "--json")
    assert (code, json.loads(out)) == (0, {"folder": str(place), "deleted": 2, "bytes": 2048})
    assert [path.name for path in place.iterdir()] == ["notes.txt"]
    code, out, _ = run(capsys, "clear")
    assert (code, out) == (0, f"0 programs, 0 KiB deleted from {place}.\n")


def test_a_folder_that_is_not_there_is_empty(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WELLFIT_CACHE", str(tmp_path / "nothing"))
    assert json.loads(run(capsys, "info", "--json")[1])["programs"] == 0
    assert run(capsys, "clear")[0] == 0
    assert not (tmp_path / "nothing").exists()


def test_with_the_cache_off_there_is_no_folder(monkeypatch, capsys):
    monkeypatch.setenv("WELLFIT_CACHE", "off")
    assert json.loads(run(capsys, "info", "--json")[1])["folder"] is None
    assert "WELLFIT_CACHE is off" in run(capsys, "info")[1]
    assert "nothing is kept" in run(capsys, "clear")[1]


def test_a_user_without_a_home_keeps_nothing(monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("WELLFIT_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(cache_folder.Path, "home", no_home)
    assert cache_folder.folder() is None


def test_what_cannot_be_deleted_is_one_sentence(place, monkeypatch, capsys):
    def refuse(path):
        raise PermissionError(f"no: {path}")

    monkeypatch.setattr(cache_folder.Path, "unlink", refuse)
    code, out, err = run(capsys, "clear")
    assert (code, out) == (1, "")
    assert err.startswith("wellfit: 2 programs in ")
    assert err.count("\n") == 1


def test_the_programs_used_longest_ago_go_first(place, monkeypatch):
    os.utime(place / "a.program", (1, 1))
    monkeypatch.setattr(cache_folder, "LIMIT_BYTES", 600)
    cache_folder.shrink(place)
    assert not (place / "a.program").exists()
    assert (place / "b.program").exists()


def test_neither_help_nor_the_work_needs_jax_or_scikit_learn(place):
    code = """
import sys
from wellfit.cli.main import main
assert main(["cache", "--help"]) == 0
assert main(["cache", "info", "--help"]) == 0
assert main(["cache", "info"]) == 0
assert main(["cache", "clear", "--json"]) == 0
print("loaded:", [name for name in ("jax", "sklearn", "numpy", "pandas") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("loaded: []")
