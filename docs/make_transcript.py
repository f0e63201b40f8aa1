"""Run the commands of docs/command_line.md and write what they print into the page: python docs/make_transcript.py

A block that begins with three backticks and ``console`` holds commands, each in a line after ``$``, and below them
what they print. ``console exits 1`` is a block whose commands must end so. The tables of the page are made here.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wellfit.cli.main import main as wellfit

PAGE = Path(__file__).with_name("command_line.md")
BLOCK = re.compile(r"^```console(?: exits (\d))?\n(.*?)^```", re.S | re.M)
WIDTH = "100"


def make_tables(folder: Path) -> None:
    """The page's tables: rents of flats as a colleague's spreadsheet writes them."""
    rng = np.random.default_rng(0)
    n = 640
    town = rng.choice(["Oslo", "Rome", "Lima"], n, p=[0.5, 0.3, 0.2])
    size = rng.gamma(9, 8, n) + 15
    year, month, day = rng.integers(1900, 2021, n), rng.integers(1, 13, n), rng.integers(1, 29, n)
    level = np.array([{"Oslo": 18, "Rome": 14, "Lima": 9}[name] for name in town])
    rent = size**0.85 * level * (1 + 0.002 * (year - 1960)) * np.exp(0.1 * rng.normal(size=n))
    lines = [
        [f"F{j:04d}", f"H{j // 4:03d}", town[j], comma(size[j], 1), f"{day[j]:02d}.{month[j]:02d}.{year[j]}",
         "" if j % 9 == 0 else str(rng.integers(1, 6)), f"{comma(rent[j], 2)} €"]
        for j in range(n)
    ]  # fmt: skip
    header = ["id", "house", "town", "size", "built", "rooms", "rent"]
    write(folder / "flats.csv", header, lines[:600])
    lines[600][2] = "Bern"
    write(folder / "new_flats.csv", ["id", *header[2:6]], [[line[0], *line[2:6]] for line in lines[600:]])


def comma(value: float, digits: int) -> str:
    """1234.5 as 1.234,50"""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,"))


def write(path: Path, header: list[str], lines: list[list[str]]) -> None:
    path.write_text("".join(";".join(line) + "\r\n" for line in [header, *lines]), encoding="utf-8", newline="")


def commands(page: str) -> Iterator[tuple[str, int]]:
    """The page's commands, and the exit code that each must have."""
    for code, text in BLOCK.findall(page):
        for line in text.splitlines():
            if line.startswith("$ "):
                yield line[2:], int(code or 0)


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code, and all that a command prints, in a terminal of a fixed width without colours."""
    words = shlex.split(command)
    if words[0] != "wellfit":
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
        return done.returncode, tidy(done.stdout + done.stderr)
    printed = io.StringIO()
    before = os.getcwd(), os.environ.get("COLUMNS")
    try:
        os.chdir(folder)
        os.environ["COLUMNS"] = WIDTH
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            code = wellfit(words[1:])
    finally:
        os.chdir(before[0])
        os.environ.pop("COLUMNS")
        if before[1] is not None:
            os.environ["COLUMNS"] = before[1]
    return code, tidy(printed.getvalue())


def tidy(text: str) -> str:
    """Lines without spaces at their ends."""
    return "".join(line.rstrip() + "\n" for line in text.splitlines())


def rewritten(page: str, folder: Path) -> str:
    """The page with its blocks as the commands now print them."""

    def block(match: re.Match[str]) -> str:
        parts = []
        for line in match[2].splitlines():
            if line.startswith("$ "):
                code, printed = run(line[2:], folder)
                if code != int(match[1] or 0):
                    raise SystemExit(f"{line}\n{printed}ended with {code}")
                parts.append(f"{line}\n{printed}")
        return f"```console{f' exits {match[1]}' if match[1] else ''}\n" + "\n".join(parts) + "```"

    return BLOCK.sub(block, page)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_tables(folder)
        PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), folder), encoding="utf-8")


if __name__ == "__main__":
    main()
