"""A benchmark's module asked again and again, each time in a process of its own with an empty folder of programs."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
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


def measured(
    module: str, arguments: Iterable[Any], rounds: int, say: Callable[[str], None] = print
) -> dict[str, dict[str, list[Any]]]:
    """Argument -> way -> what was printed in each round; arguments and ways take turns."""
    found: dict[str, dict[str, list[Any]]] = {str(argument): {way: [] for way in WAYS} for argument in arguments}
    for number in range(rounds):
        for argument, own in found.items():
            for way in WAYS:
                own[way].append(asked(module, argument, way))
        say(f"  {module:11} round {number + 1} of {rounds}")
    return found
