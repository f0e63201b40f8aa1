"""Draw the pictures of docs/gallery.md by running its Python blocks: python docs/make_gallery.py

A block that leaves an axis in ``ax`` makes the picture named in the first image link below it.
"""

import re
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
PAGE = Path(__file__).with_name("gallery.md")
ENTRY = re.compile(r"^```python\n(.*?)^```\n(?:\n!\[[^\]]*\]\((gallery/[\w-]+\.png)\)\n)?", re.S | re.M)
DPI = 100


def entries(page: str) -> list[tuple[str, str | None]]:
    """The page's blocks of code, each with the picture it makes, if any."""
    return [(code, picture or None) for code, picture in ENTRY.findall(page)]


def draw(folder: Path) -> list[Path]:
    """Run the page's blocks one after another and write their pictures into this folder."""
    from matplotlib import pyplot

    names: dict[str, Any] = {}
    written = []
    for number, (code, picture) in enumerate(entries(PAGE.read_text(encoding="utf-8"))):
        exec(compile(code, f"block {number}", "exec"), names)
        if picture:
            place = folder / picture
            place.parent.mkdir(parents=True, exist_ok=True)
            names["ax"].figure.savefig(place, dpi=DPI, metadata={"Software": None})
            pyplot.close(names["ax"].figure)
            written.append(place)
    return written


if __name__ == "__main__":
    draw(PAGE.parent)
