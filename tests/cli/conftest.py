"""The command line in a test: one call, and what it printed."""

import json

import pytest

from wellfit.cli.main import main


@pytest.fixture
def folder(tmp_path):
    """Where ``wellfit`` runs: a folder of the test's own, unless a module names another."""
    return tmp_path


@pytest.fixture
def wellfit(folder, capsys, monkeypatch):
    """Run a command in ``folder``: what it printed, or the JSON of it; with a code other than 0 what went wrong."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    capsys.readouterr()  # what fixtures printed

    def run(*words, code=0):
        found = main(list(map(str, words)))
        out, err = capsys.readouterr()
        assert found == code, out + err
        assert "Traceback" not in out + err
        if code:
            return err
        return json.loads(out) if "--json" in words else out

    return run
