"""The workloads as data: a network, a batch size, rows and epochs, the same for every peer.

Rows are drawn, not read: standard normal columns and classes that a small network of random weights tells apart, so
that there is something to learn and anybody has the same rows. ``quick`` sizes are of fits of about a second at most.
"""

import dataclasses
from dataclasses import dataclass

import numpy as np

CONVOLUTIONS = (
    "The two convolutional workloads (Conv(3→16) + Dense on 32 x 32 images, and two of both) are left out: "
    "wellfit has no convolution layer yet."
)


@dataclass(frozen=True)
class Workload:
    """A fit of a classifier by Adam: columns - hidden (ReLU) - classes, every epoch all rows in a fresh order.

    Batches are of ``batch`` rows, the last short one of an epoch is kept; ``dropout`` is the rate after each hidden
    layer; weights start Glorot uniform; nothing is held out and nothing stops training.
    """

    name: str
    columns: int
    hidden: tuple[int, ...]
    classes: int
    batch: int
    rows: int
    epochs: int
    quick_rows: int
    quick_epochs: int
    dropout: float = 0.0
    learning_rate: float = 1e-3
    remark: str = ""

    @property
    def widths(self) -> tuple[int, ...]:
        """From the columns to the classes."""
        return (self.columns, *self.hidden, self.classes)

    @property
    def label(self) -> str:
        """The network and the batch, for tables."""
        dropout = f", dropout {self.dropout:g}" if self.dropout else ""
        return f"{'-'.join(map(str, self.widths))}, batch {self.batch}{dropout}"

    @property
    def steps(self) -> int:
        """Steps of one fit."""
        return self.epochs * -(-self.rows // self.batch)

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum((a + 1) * b for a, b in self.layers)

    @property
    def layers(self) -> list[tuple[int, int]]:
        """(inputs, outputs) of the dense layers."""
        return list(zip(self.widths, self.widths[1:], strict=False))

    @property
    def products(self) -> list[tuple[int, int, int]]:
        """(m, k, n) of a step's matrix products: forward, for the weights, for the inputs (not of the first layer)."""
        forward = [(self.batch, a, b) for a, b in self.layers]
        weights = [(a, self.batch, b) for a, b in self.layers]
        inputs = [(self.batch, b, a) for a, b in self.layers[1:]]
        return forward + weights + inputs

    @property
    def flop(self) -> int:
        """Floating point operations in the products of one step."""
        return sum(2 * m * k * n for m, k, n in self.products)

    def quick(self) -> "Workload":
        """The same on fewer rows or for fewer epochs."""
        return dataclasses.replace(self, rows=self.quick_rows, epochs=self.quick_epochs)

    def sized(self, **changes: object) -> "Workload":
        """The same with other sizes: ``rows=``, ``epochs=``, ..."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]

    def data(self, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """X (rows, columns) float32 and y (rows,) int64."""
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((self.rows, self.columns), np.float32)
        inner = np.tanh(X[:, :20] @ rng.normal(size=(min(self.columns, 20), 30)).astype(np.float32) / 3)
        logits = inner @ rng.normal(size=(30, self.classes)).astype(np.float32)
        y = logits.argmax(axis=1).astype(np.int64)
        y[: self.classes] = np.arange(self.classes)  # however few the rows, every class is there
        return X, y


WORKLOADS = (
    Workload("mnist", 784, (300, 100), 10, 32, 60_000, 1, 19_200, 1, dropout=0.2),
    Workload("narrow", 20, (100,), 10, 32, 20_000, 10, 10_000, 4),
    Workload(
        "deep", 100, (512, 512, 512), 10, 256, 51_200, 2, 20_480, 1, remark="what is also called 512-512-512, batch 256"
    ),
    Workload("table64", 20, (64,), 2, 64, 1000, 50, 1000, 50),
    Workload("table64x64", 20, (64, 64), 2, 128, 1000, 50, 1000, 50),
)


def named(names: list[str] | None) -> list[Workload]:
    """The workloads of these names, or all."""
    known = {workload.name: workload for workload in WORKLOADS}
    unknown = [name for name in names or [] if name not in known]
    if unknown:
        raise ValueError(f"workload {unknown[0]!r} is unknown: allowed are {', '.join(known)}.")
    return [known[name] for name in names] if names else list(WORKLOADS)
