"""Make the README's picture: python docs/make_pictures.py"""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_digits

from wellfit import NeuralClassifier, NeuralRegressor


def main() -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    model = NeuralClassifier(random_state=0).fit(*load_digits(return_X_y=True))
    epochs = np.arange(1, model.n_iter_ + 1)
    left.semilogy(epochs, model.history_["loss"], color="0.2", label="training")
    left.semilogy(epochs, model.history_["validation_loss"], color="tab:orange", ls="--", label="held out")
    left.axvline(model.best_epoch_, color="0.6", lw=1, ls=":")
    left.annotate("best epoch", (model.best_epoch_, left.get_ylim()[1]), (4, -12), textcoords="offset points")
    left.set(title="digits: loss by epoch", xlabel="epoch", ylabel="cross-entropy (nats)")
    left.legend(frameon=False)

    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(-3, 3, 600))
    y = np.sin(2 * x) + (0.1 + 0.15 * np.abs(x)) * rng.normal(size=600)
    from wellfit.families.normal import Normal

    noisy = NeuralRegressor(family=Normal(learn_scale=True), random_state=0).fit(x[:, None], y)
    grid = np.linspace(-3, 3, 200)[:, None]
    low, high = noisy.predict_interval(grid, 0.9).T
    right.plot(x, y, ".", ms=3, color="0.5")
    right.fill_between(grid[:, 0], low, high, color="tab:blue", alpha=0.25, lw=0, label="90 % interval")
    right.plot(grid, noisy.predict(grid), color="tab:blue", label="mean")
    right.set(title="noise that grows: a learnt scale", xlabel="x", ylabel="y")
    right.legend(frameon=False, loc="upper right")
    for axis in (left, right):
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(Path(__file__).with_name("fit.png"), dpi=110)


if __name__ == "__main__":
    main()
