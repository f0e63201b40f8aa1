"""The text that ``verbose`` prints, word for word scikit-learn's."""

from typing import Any

from wellfit.training.loop import Progress
from wellfit.training.status import Status


def tell(line: str) -> None:
    """Print a line, as scikit-learn does."""
    print(line)  # noqa: T201


class Printer:
    """Prints a line an epoch, and why the rate changes or training ends."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator
        self.told = 0
        self.rate: float | None = None

    def __call__(self, progress: Progress) -> None:
        epoch, last = int(progress.epochs[0]), progress.last
        if epoch <= self.told:
            return
        self.told = epoch
        tell(f"Iteration {epoch}, loss = {last['loss']:.8f}")
        if "validation_score" in last:
            tell(f"Validation score: {last['validation_score']:f}")
        rate, before = last["learning_rate"], self.rate
        self.rate = rate
        if self._adaptive and rate < (self.estimator.learning_rate_init if before is None else before) * 0.9:
            tell(f"{self._sentence} Setting learning rate to {rate:f}")

    def close(self, status: Status) -> None:
        """The last line, where the rule stopped training."""
        if status == Status.STOPPED_EARLY:
            tell(f"{self._sentence} {'Learning rate too small. ' if self._adaptive else ''}Stopping.")

    @property
    def _adaptive(self) -> bool:
        return self.estimator.solver == "sgd" and self.estimator.learning_rate == "adaptive"

    @property
    def _sentence(self) -> str:
        what = "Validation score" if self.estimator.early_stopping else "Training loss"
        return (
            f"{what} did not improve more than tol={self.estimator.tol:f} for {self.estimator.n_iter_no_change} "
            "consecutive epochs."
        )
