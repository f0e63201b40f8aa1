"""One fit over several devices, of one process and of two: the parameters are those of one device."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import wellfit
from tests.training.one_process import NETWORK, SETTINGS, run, table
from wellfit.layers.dense import Dense
from wellfit.networks.network import Network
from wellfit.training import devices

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def one():
    return run(0, 1, None)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def processes(count, folder, **environment):
    """What so many processes on the loopback interface found."""
    port, outs = free_port(), [folder / f"{number}.npz" for number in range(count)]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.training.one_process", str(number), str(count), str(port), str(out)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for number, out in enumerate(outs)
    ]
    said = []
    try:
        said = [process.communicate(timeout=300)[0] for process in started]
    finally:
        for process in started:
            process.kill()
            process.communicate()
    assert not any(process.returncode for process in started), "\n".join(said)
    return [np.load(out) for out in outs]


def same(found, one):
    for name, values in one.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.slow
def test_two_processes_find_the_parameters_of_one(one, tmp_path):
    first, second = processes(2, tmp_path)
    assert first["devices"] == second["devices"] == 2
    same(first, one)
    for name in one:
        np.testing.assert_array_equal(first[name], second[name])


@pytest.mark.slow
def test_two_devices_of_one_process_find_the_parameters_of_one(one, tmp_path):
    (found,) = processes(1, tmp_path, XLA_FLAGS="--xla_force_host_platform_device_count=2")
    assert found["devices"] == 2
    same(found, one)


def test_one_device_is_the_plain_fit(one):
    if jax.device_count() > 1:
        pytest.skip("this process has several devices")
    for name, values in run(0, 1, "all").items():
        np.testing.assert_array_equal(values, one[name])


def test_what_cannot_be_is_one_sentence(monkeypatch):
    X, y, _ = table()
    with pytest.raises(ValueError, match="devices must be None or 'all'"):
        wellfit.fit(NETWORK, "categorical", X, y, devices="both", **SETTINGS["full"])
    monkeypatch.setattr(devices.jax, "device_count", lambda: 2)
    monkeypatch.setattr(devices.jax, "process_count", lambda: 2)
    with pytest.raises(ValueError, match=r"max_time=1\.0 would end processes at different steps"):
        wellfit.fit(Network((Dense(3),)), "categorical", X, y, devices="all", max_time=1.0)
