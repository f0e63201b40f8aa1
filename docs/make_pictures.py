"""Make the README's picture: python docs/make_pictures.py"""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from wellfit import NeuralClassifier, NeuralRegressor
from wellfit.families.normal import Normal


def learning_curve(axis: Any) -> None:
    """One network on digits: the loss by epoch, and the epoch whose parameters are kept."""
    model = NeuralClassifier(n_members=1, random_state=0).fit(*load_digits(return_X_y=True))
    history, best = model.history_, model.best_epoch_
    epochs = np.arange(1, model.n_iter_ + 1)
    axis.semilogy(epochs, history["loss"], color="0.2", label="training")
    axis.semilogy(epochs, history["validation_loss"], color="tab:orange", label="held out")
    lowest = history["validation_loss"][best - 1]
    axis.plot(best, lowest, "o", color="tab:red", zorder=3, label=f"kept: epoch {best}")
    axis.set(title="digits: loss by epoch", xlabel="epoch", ylabel="cross-entropy (nats)")
    axis.legend(frameon=False)


def interval(axis: Any) -> None:
    """A learnt scale on noise that grows, and how many fresh rows the 90 % interval holds."""
    rng = np.random.default_rng(0)

    def drawn(n: int) -> tuple[np.ndarray, np.ndarray]:
        x = np.sort(rng.uniform(-3, 3, n))
        return x[:, None], np.sin(2 * x) + (0.1 + 0.15 * np.abs(x)) * rng.normal(size=n)

    x, y = drawn(2000)
    model = NeuralRegressor(family=Normal(learn_scale=True), random_state=0).fit(x, y)
    fresh, seen = drawn(2000)
    low, high = model.predict_interval(fresh, 0.9).T
    inside = np.mean((low <= seen) & (seen <= high))
    axis.plot(fresh[::4], seen[::4], ".", ms=3, color="0.55")
    axis.fill_between(fresh[:, 0], low, high, color="tab:blue", alpha=0.25, lw=0, label="90 % interval")
    axis.plot(fresh, model.predict(fresh), color="tab:blue", label="mean")
    axis.set(title=f"fresh rows: {inside:.1%} lie in the 90 % interval", xlabel="x", ylabel="y")
    axis.set_ylim(-2.6, 3.4)
    axis.legend(frameon=False, loc="upper right", ncols=2)


def main() -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    learning_curve(left)
    interval(right)
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(Path(__file__).with_name("fit.png"), dpi=110)


if __name__ == "__main__":
    main()
