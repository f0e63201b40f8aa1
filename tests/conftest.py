"""The whole suite: where compiled programs go, and the mark of tests that docs/theory.md names."""

import os
import signal
import tempfile

import pytest

from tests.theory.table import PAGE, coverage, named_tests, rows, weights

# Before wellfit is imported: compiled programs of the tests go to a folder of their own, never to the user's.
os.environ.setdefault("WELLFIT_CACHE", tempfile.mkdtemp(prefix="wellfit-tests-"))
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("MPLBACKEND", "Agg")  # no windows


@pytest.fixture
def by_xla(monkeypatch):
    """A call after which XLA does everything, whatever kernels were built."""

    def turn_off():
        from wellfit.native import library

        monkeypatch.setattr(library, "available", lambda: False)

    return turn_off


@pytest.fixture
def interrupts():
    """Python's own handling of Ctrl-C: processes that a shell put in the background start with it switched off."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what `-m` does not name
def pytest_collection_modifyitems(items):
    """Every test that docs/theory.md names gets the mark ``theory``."""
    named = named_tests(rows(PAGE.read_text()))
    for item in items:
        if _name(item.nodeid) in named:
            item.add_marker(pytest.mark.theory)


def pytest_terminal_summary(terminalreporter, config):
    """After `pytest -m theory`: how many rows of each kind were shown."""
    if "theory" not in (config.option.markexpr or ""):
        return
    passed, failed, errors = (
        {_name(report.nodeid) for report in terminalreporter.stats.get(outcome, ())}
        for outcome in ("passed", "failed", "error")
    )
    terminalreporter.section("docs/theory.md")
    for line in coverage(rows(PAGE.read_text()), weights(), passed - failed - errors):
        terminalreporter.line(line)


def _name(nodeid: str) -> str:
    """``file::function`` below ``tests``, without parameters."""
    return nodeid.partition("[")[0].removeprefix("tests/")
