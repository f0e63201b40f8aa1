"""Cores: as many as this process may use, which may be fewer than the machine has."""

import os
import subprocess
import sys

import pytest

from wellfit.native.cores import cores

SHOWN = "from wellfit.native.cores import cores; print(cores())"


def shown(**settings):
    options = {"env": os.environ | settings, "capture_output": True, "text": True, "check": True}
    return int(subprocess.run([sys.executable, "-c", SHOWN], **options).stdout)


def test_a_limit_by_hand_counts():
    assert shown(LOKY_MAX_CPU_COUNT="1") == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_affinity_counts():
    mine = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(mine)})
        assert shown() == 1
    finally:
        os.sched_setaffinity(0, mine)


def test_there_are_no_more_than_the_machine_has():
    assert 1 <= cores() <= os.cpu_count()
