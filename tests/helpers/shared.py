"""The one door to the folder of real data sets: ``../shared/data`` beside the repository, or ``WELLFIT_DATA``."""

import os
from pathlib import Path

import pytest


def shared_data(name: str) -> Path:
    """The path of a data set, or a skip that says what is missing."""
    folder = Path(os.environ.get("WELLFIT_DATA") or Path(__file__).parents[3] / "shared" / "data")
    path = folder / name
    if not path.exists():
        pytest.skip(f"no real data here: {name} is looked for in ../shared/data or in the folder WELLFIT_DATA names")
    return path
