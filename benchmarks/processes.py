"""A benchmark's module asked in a process of its own, with an empty folder of programs."""

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

WAYS = {"kernel": "1", "XLA": "0"}
"""way: what ``WELLFIT_NATIVE`` says"""


def asked(module: str, argument: str, way: str) -> Any:
    """What ``python -m benchmarks.module argument`` prints, in JSON."""
    with tempfile.TemporaryDirectory() as empty:
        command = [sys.executable, "-m", f"benchmarks.{module}", argument]
        environment = {**os.environ, "WELLFIT_CACHE": empty, "WELLFIT_NATIVE": WAYS[way]}
        ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(ran.stdout)
