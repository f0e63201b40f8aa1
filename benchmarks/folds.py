"""Repeated folds over tables, one CSV line for each (table, fold, model), so that a run can be stopped and cut up."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold

KEY = ("table", "fold", "model")


def parse(text: str) -> tuple[int, int]:
    """The repeats and the folds of each: "5x2" is five times two-fold.

    >>> parse("5x2")
    (5, 2)
    """
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isdigit() and int(part) for part in parts) or int(parts[1]) < 2:
        raise ValueError(f"--folds {text} must be REPEATSxFOLDS with at least two folds, such as 5x2.")
    return int(parts[0]), int(parts[1])


def folds(y: np.ndarray, repeats: int, parts: int, classes: bool) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(name, training rows, held-out rows): the same ones for every model; stratified for classes."""
    kind = RepeatedStratifiedKFold if classes else RepeatedKFold
    cut = kind(n_splits=parts, n_repeats=repeats, random_state=0)
    for number, (train, held) in enumerate(cut.split(np.zeros(len(y)), y)):
        yield f"{number // parts}.{number % parts}", train, held


class Ledger:
    """Rows of a CSV file, written as they come; what is there already need not be done again."""

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        self.path, self.columns = path, (*KEY, *columns)
        path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = read([path]) if path.exists() else []
        if self.rows and tuple(self.rows[0]) != self.columns:
            raise ValueError(f"{path} has other columns than {', '.join(self.columns)}; name another file.")
        if not path.exists():
            self._write(self.columns)
        elif not path.read_bytes().endswith(b"\n"):  # the torn last line of a run that was killed
            path.unlink()
            for values in (self.columns, *(row.values() for row in self.rows)):
                self._write(values)

    def has(self, *key: str) -> bool:
        """Whether the row of (table, fold, model) is there."""
        return any(tuple(row[name] for name in KEY) == key for row in self.rows)

    def add(self, **row: object) -> None:
        """Write one row."""
        known = {name: str(row.get(name, "")) for name in self.columns}
        self.rows.append(known)
        self._write(known.values())

    def _write(self, values: Iterable[str]) -> None:
        with self.path.open("a", newline="") as file:
            csv.writer(file).writerow(values)


def read(paths: Iterable[Path]) -> list[dict[str, str]]:
    """The rows of several ledgers, each (table, fold, model) once: the last one counts."""
    found: dict[tuple, dict[str, str]] = {}
    for path in paths:
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                if None not in row.values():  # the last line of a run that was killed may be short
                    found[tuple(row[name] for name in KEY)] = row
    return list(found.values())


def figures(rows: list[dict[str, str]], table: str, model: str, column: str) -> dict[str, float]:
    """A model's numbers on a table by fold; empty ones are left out."""
    chosen = (row for row in rows if row["table"] == table and row["model"] == model)
    return {row["fold"]: float(row[column]) for row in chosen if row[column]}


def paired(ours: dict[str, float], theirs: dict[str, float]) -> tuple[float, float, float, float]:
    """(our mean, their mean, mean difference, its standard error) over the folds that both have.

    The standard error is that of the paired differences, sd / sqrt(folds); folds overlap, so it is somewhat small.
    """
    shared = sorted(ours.keys() & theirs.keys())
    if not shared:
        return (np.nan,) * 4
    a, b = (np.array([side[fold] for fold in shared]) for side in (ours, theirs))
    error = (a - b).std(ddof=1) / np.sqrt(len(shared)) if len(shared) > 1 else np.nan
    return float(a.mean()), float(b.mean()), float((a - b).mean()), float(error)
