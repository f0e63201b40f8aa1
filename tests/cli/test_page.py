"""The page on the command line: its commands run, and end as it says."""

import re
from typing import Any

import pytest

from tests.helpers.scripts import script


@pytest.fixture(scope="module")
def transcript() -> Any:
    return script("make_transcript")


@pytest.mark.filterwarnings("default::wellfit.core.errors.WellfitWarning")
@pytest.mark.slow
def test_the_pages_commands_run_and_end_as_it_says(transcript, tmp_path):
    """As printed but for the digits, which differ between machines."""
    page = transcript.PAGE.read_text(encoding="utf-8")
    transcript.make_tables(tmp_path)
    found = transcript.rewritten(page, tmp_path)
    assert len(list(transcript.commands(page))) >= 8
    first = [[shape(line) for line in text.splitlines()[:3]] for text in (page, found)]
    assert first[0] == first[1]
    for block in (
        "note: decimal commas",
        "loss by epoch",
        "predictions written to",
        "mean prediction",
        "wellfit: there is",
    ):
        assert block.lower() in found.lower()


def test_a_command_that_ends_otherwise_is_seen(transcript, tmp_path):
    transcript.make_tables(tmp_path)
    with pytest.raises(SystemExit, match="ended with 1"):
        transcript.rewritten("```console\n$ wellfit fit flats.csv --target rant\n```\n", tmp_path)
    with pytest.raises(SystemExit, match="ended with 0"):
        transcript.rewritten("```console exits 1\n$ head -1 flats.csv\n```\n", tmp_path)


def test_a_block_is_written_anew(transcript, tmp_path):
    transcript.make_tables(tmp_path)
    old = "before\n```console\n$ head -1 flats.csv\nold\n```\nafter\n"
    new = "before\n```console\n$ head -1 flats.csv\nid;house;town;size;built;rooms;rent\n```\nafter\n"
    assert transcript.rewritten(old, tmp_path) == new


def shape(block: str) -> list[str]:
    """The first words of each line: neither figures nor curves."""
    return [found[0] for line in block.splitlines() if (found := re.match(r"[ │╭╰]*[^\W\d]+", line))]
