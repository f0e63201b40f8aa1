"""A table that was encoded once, to ask a model what it would say were the values of one column others."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np


@dataclass(frozen=True)
class Encoded:
    """Rows as a network takes them, and where in them the table's columns are.

    blocks : as ``TableCodec.transform`` gives them, (n, ...) each;
    places : for each column of the table the columns it became in the blocks, none where the model does not use it.

    Every value is encoded by itself, so that a column may be changed here as it would be in the table: same bits.
    """

    blocks: dict[str, np.ndarray]
    places: list[dict[str, list[int]]]

    def alike(self, column: int) -> np.ndarray:
        """A number (n,) from 0 on for each row: rows have the same one where the column has the same value."""
        number = np.zeros(len(self.blocks["codes"]), np.int64)
        for name, own in self.places[column].items():
            for values in self.blocks[name][:, own].T:
                found, place = np.unique(values, return_inverse=True)
                number = np.unique(number * len(found) + place, return_inverse=True)[1]
        return number

    def exchanged(self, column: int, rows: np.ndarray, others: np.ndarray) -> Self:
        """These rows (m,), each with the column's value of another one (m,)."""
        taken = replace(self, blocks={name: block[rows] for name, block in self.blocks.items()})
        for name, own in self.places[column].items():
            taken.blocks[name][:, own] = self.blocks[name][others[:, None], own]
        return taken
