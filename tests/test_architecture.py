"""The map is a test: layers import only those below, rooms stay small, and what must not know JAX does not."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "wellfit"
ROOM = 400

LAYERS = {
    "core": 1, "native": 1, "data": 2, "functions": 3, "layers": 4, "families": 4, "optimizers": 4, "networks": 5,
    "training": 6, "files": 7, "insight": 7, "estimators": 8, "cli": 10, "report": 9, "plots": 9, "interop": 9,
}  # fmt: skip
WITHOUT_JAX = {"native", "data", "cli", "files"}
DATA_SEEN_FROM = 7


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every import, those inside functions and under TYPE_CHECKING too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.lineno, "." if node.level else node.module or ""
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name


def faults(root: Path) -> Iterator[str]:
    """What breaks the rules in a package laid out like wellfit."""
    for path in sorted(root.rglob("*.py")):
        text, place = path.read_text(), path.relative_to(root)
        layer = place.parts[0] if len(place.parts) > 1 else ""
        if text.count("\n") > ROOM:
            yield f"{place}: {text.count(chr(10))} lines, at most {ROOM}"
        if layer and layer not in LAYERS:
            yield f"{place}: the folder {layer} is on no layer"
            continue
        for line, name in imported(ast.parse(text)):
            if name == ".":
                yield f"{place}:{line}: relative import"
            if name.split(".")[0] in ("jax", "optax") and (
                layer in WITHOUT_JAX or (layer == "core" and place.name != "spec.py")
            ):
                yield f"{place}:{line}: {layer} may not import {name}"
            parts = name.split(".")
            if parts[0] != "wellfit" or len(parts) < 2 or not layer or parts[1] not in LAYERS:
                continue
            above, below = LAYERS[layer], LAYERS[parts[1]]
            upward = below > above or (below == above and parts[1] != layer)
            if upward or (parts[1] == "data" and layer != "data" and above < DATA_SEEN_FROM):
                yield f"{place}:{line}: {layer} may not import {name}"


def test_the_house_keeps_its_rules():
    found = list(faults(SOURCE))
    assert not found, "\n".join(found)


def test_every_folder_has_code():
    for folder in SOURCE.iterdir():
        if folder.is_dir() and folder.name != "__pycache__":
            assert any(path.stat().st_size for path in folder.rglob("*.py")), f"{folder.name} is empty"


@pytest.mark.parametrize(
    ("place", "text", "fault"),
    [
        ("core/a.py", "from wellfit.data.b import c\n", "core may not import wellfit.data.b"),
        (
            "layers/a.py",
            "def f():\n    import wellfit.families.b\n",
            "layers may not import wellfit.families.b",
        ),
        ("training/a.py", "from wellfit.data.b import c\n", "training may not import wellfit.data.b"),
        ("data/a.py", "import jax.numpy as jnp\n", "data may not import jax.numpy"),
        ("core/a.py", "import jax\n", "core may not import jax"),
        ("functions/a.py", "from .b import c\n", "relative import"),
        ("functions/a.py", "x = 1\n" * 401, "401 lines"),
        ("attic/a.py", "x = 1\n", "on no layer"),
    ],
)
def test_the_test_sees_each_fault(tmp_path, place, text, fault):
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text(text)
    found = list(faults(tmp_path))
    assert len(found) == 1
    assert fault in found[0]


def test_the_test_lets_the_right_directions_pass(tmp_path):
    for place, text in {
        "core/spec.py": "import jax\n",
        "estimators/a.py": "from wellfit.data.b import c\nimport jax\n",
        "training/a.py": "from wellfit.families.b import c\nfrom wellfit.training.d import e\n",
    }.items():
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_text(text)
    assert not list(faults(tmp_path))
