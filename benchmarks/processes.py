"""A benchmark's module asked in a process of its own, once or in rounds by every way of training."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

WAYS = {"kernel": "1", "XLA": "0"}
"""way: what ``WELLFIT_NATIVE`` says"""


def process(arguments: list[str], cache: str, **environment: str) -> Any:
    """The JSON of ``python -m benchmarks....`` in a fresh process with this folder of programs; or its error."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, "WELLFIT_CACHE": cache, "PYTHONWARNINGS": "ignore", **environment},
    )  # fmt: skip
    if done.returncode:
        return {"error": (done.stderr.strip().splitlines() or ["no word"])[-1][:200]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def answer(words: str | None, name: str, choices: Mapping[Any, Any], measure: Callable[[Any], Any]) -> None:
    """The other side, a module's own ``main``: print as JSON what is measured for its one argument."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(name, type=type(next(iter(choices))), choices=choices)
    warnings.simplefilter("ignore")
    print(json.dumps(measure(vars(parser.parse_args())[name])))


def asked(module: str, argument: str, way: str) -> Any:
    """What ``python -m benchmarks.module argument`` prints, with an empty folder of programs."""
    with tempfile.TemporaryDirectory() as empty:
        found = process([f"benchmarks.{module}", argument], empty, WELLFIT_NATIVE=WAYS[way])
    if "error" in found:
        raise RuntimeError(f"benchmarks.{module} {argument} failed: {found['error']}")
    return found


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
