"""Seconds of a fit: wellfit beside scikit-learn and torch, interleaved in one run, medians and ratios.

    python -m benchmarks.speed [--repeats 5] [--fashion FILE.npz]

Workloads: (a) 1000 x 20, hidden (64, 64), batch 128, 50 epochs: first and later fits, five folds, compile counts;
(b) 784-300-100-10 with dropout 0.2, batch 32, one epoch, on Fashion-MNIST where the file is given, on noise of the same
shape else; with the file also 30 epochs for the test accuracy. Peers train the same network with Adam and batches
of the same size (scikit-learn has no dropout, so its step does less).
"""

import argparse
import platform
import time
import warnings
from pathlib import Path

import jax
import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from wellfit import NeuralClassifier
from wellfit.layers.dense import Dense
from wellfit.layers.dropout import Dropout
from wellfit.layers.elementwise import Activation
from wellfit.layers.embedding import Tabular
from wellfit.networks.network import Network
from wellfit.training.programs import compilations

try:
    import torch
except ImportError:
    torch = None

WIDTHS = (300, 100)


def network(rate: float, outputs: int) -> Network:
    """784-300-100-10 with dropout before each dense layer."""
    layers = [Tabular()]
    for width in WIDTHS:
        layers += [Dropout(rate), Dense(width, "he_uniform"), Activation("relu")]
    return Network((*layers, Dropout(rate), Dense(outputs, "glorot_uniform")))


def ours(hidden=(64, 64), epochs=50, batch=128, net="auto"):
    """wellfit doing just that: no held-out rows, one member, Adam at a constant rate."""
    return NeuralClassifier(
        net, hidden=hidden, dropout=None, optimizer="adam", learning_rate=1e-3, schedule="constant", weight_decay=None,
        batch_size=batch, max_epochs=epochs, early_stopping=False, n_members=1, random_state=0,
    )  # fmt: skip


def theirs(hidden, epochs, batch):
    """scikit-learn's MLP for the same number of epochs."""
    return MLPClassifier(hidden, batch_size=batch, max_iter=epochs, n_iter_no_change=10**6, random_state=0)


def torch_epochs(X, y, hidden, epochs, batch, rate, fused):
    """Eager torch: the usual loop."""
    torch.manual_seed(0)
    layers, width = [], X.shape[1]
    for h in hidden:
        layers += ([torch.nn.Dropout(rate)] if rate else []) + [torch.nn.Linear(width, h), torch.nn.ReLU()]
        width = h
    layers += ([torch.nn.Dropout(rate)] if rate else []) + [torch.nn.Linear(width, int(y.max()) + 1)]
    model = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=fused)
    loss = torch.nn.CrossEntropyLoss()
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    for _ in range(epochs):
        order = torch.randperm(len(X))
        for first in range(0, len(X), batch):
            rows = order[first : first + batch]
            optimizer.zero_grad()
            loss(model(X[rows]), y[rows]).backward()
            optimizer.step()


def seconds(function) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def table(title: str, runs: dict[str, list[float]]) -> None:
    """Medians, and how many times longer than wellfit's each takes."""
    print(title)
    base = np.median(runs["wellfit"])
    for name, values in runs.items():
        print(
            f"  {name:<22} median {np.median(values):8.4f} s   min {min(values):8.4f}   "
            f"{np.median(values) / base:5.1f} x"
        )


def small(repeats: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(1000, 20)).astype(np.float32)
    y = (X[:, 0] * X[:, 1] + 0.5 * X[:, 2] > 0).astype(np.int64)
    first = seconds(lambda: ours().fit(X, y))
    before = compilations()
    runs: dict[str, list[float]] = {"wellfit": [], "scikit-learn": []}
    for _ in range(repeats):
        runs["wellfit"].append(seconds(lambda: ours().fit(X, y)))
        runs["scikit-learn"].append(seconds(lambda: theirs((64, 64), 50, 128).fit(X, y)))
        if torch is not None:
            for fused in (False, True):
                runs.setdefault(f"torch{' fused' if fused else ''}", []).append(
                    seconds(lambda fused=fused: torch_epochs(X, y, (64, 64), 50, 128, 0, fused))
                )
    table(f"1000 x 20, hidden (64, 64), batch 128, 50 epochs; first fit of the process {first:.2f} s", runs)
    print(f"  compilations in later fits: {compilations() - before}")
    before = compilations()
    for fold in range(5):
        keep = np.arange(1000) % 5 != fold
        ours().fit(X[keep], y[keep])
    print(f"  compilations in five folds: {compilations() - before}")


def fashion(path: Path | None, repeats: int) -> None:
    if path is None:
        rng = np.random.default_rng(0)
        X, y = rng.random((60_000, 784), np.float32), rng.integers(0, 10, 60_000)
    else:
        with np.load(path) as data:
            X, y = data["x_train"].reshape(-1, 784).astype(np.float32) / 255, data["y_train"].astype(np.int64)
            X_test, y_test = data["x_test"].reshape(-1, 784).astype(np.float32) / 255, data["y_test"]
    net = network(0.2, 10)
    runs: dict[str, list[float]] = {"wellfit": [], "scikit-learn": []}
    ours(net=net, batch=32, epochs=1).fit(X, y)
    for _ in range(repeats):
        runs["wellfit"].append(ours(net=net, batch=32, epochs=2).fit(X, y).fit_seconds_ / 2)  # training alone
        runs["scikit-learn"].append(seconds(lambda: theirs(WIDTHS, 2, 32).fit(X, y)) / 2)
        if torch is not None:
            for fused in (False, True):
                runs.setdefault(f"torch{' fused' if fused else ''}", []).append(
                    seconds(lambda fused=fused: torch_epochs(X, y, WIDTHS, 1, 32, 0.2, fused))
                )
    table("784-300-100-10, dropout 0.2 (scikit-learn: none), batch 32: one epoch of 60,000 rows", runs)
    if path is not None:
        model = ours(net=net, batch=32, epochs=30)
        model.schedule = "cosine"
        took = seconds(lambda: model.fit(X, y))
        print(f"  30 epochs in {took:.0f} s: test accuracy {model.score(X_test, y_test):.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--fashion", type=Path)
    parser.add_argument("--only", choices=["small", "fashion"])
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    versions = f"jax {jax.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}"
    print(
        f"{platform.machine()}, Python {platform.python_version()}, {versions}, "
        f"torch {getattr(torch, '__version__', 'none')}"
    )
    if options.only != "fashion":
        small(options.repeats)
    if options.only != "small":
        fashion(options.fashion, max(1, options.repeats // 2))


if __name__ == "__main__":
    main()
