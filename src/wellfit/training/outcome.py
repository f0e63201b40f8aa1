"""What a training came to, for people: the history, the epochs, how it ended, and whether to warn."""

import warnings
from dataclasses import dataclass

import numpy as np

from wellfit.training.loop import Trained
from wellfit.training.status import Status


@dataclass(frozen=True)
class Outcome:
    """The members' averages.

    ``history`` has ``loss`` and, where rows were held out, ``validation_loss``, one number an epoch; ``loss`` is the
    best of the loss that decides; ``status`` a word; ``warning`` a sentence, or None where nothing is to be said.
    """

    history: dict[str, list[float]]
    n_iter: int
    best_epoch: int
    loss: float
    status: str
    warning: str | None


def outcome(trained: Trained) -> Outcome:
    """What the final states of a crowd say."""
    state = trained.state
    epochs = int(state.epoch.max())
    means = {name: _mean(values[:, :epochs]) for name, values in state.history.items()}
    n_iter = max(epochs, 1)
    status, warning = _ending(trained)
    scores = state.best_score
    return Outcome(
        history={name: [float(v) for v in values] for name, values in means.items() if not np.isnan(values).all()},
        n_iter=n_iter,
        best_epoch=round(float(np.mean(state.best_epoch))) if state.best else n_iter,
        loss=float(np.mean(scores)) if np.isfinite(scores).all() else float("nan"),
        status=status,
        warning=warning,
    )


def _mean(values: np.ndarray) -> np.ndarray:
    """The means (E,) over members of values (P, E), which are NaN in epochs after a member's last."""
    if len(values) == 1:
        return values[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(values, axis=0)


def of_cycles(cycles: list[Trained]) -> Outcome:
    """What trainings one after another came to: one history, the last epochs and status, the mean loss."""
    found = [outcome(trained) for trained in cycles]
    if len(found) == 1:
        return found[0]
    earlier = sum(own.n_iter for own in found[:-1])
    return Outcome(
        history={name: [v for own in found for v in own.history.get(name, [])] for name in found[0].history},
        n_iter=earlier + found[-1].n_iter,
        best_epoch=earlier + found[-1].best_epoch,
        loss=float(np.mean([own.loss for own in found])),
        status=found[-1].status,
        warning=next((own.warning for own in found if own.warning), None),
    )


def _ending(trained: Trained) -> tuple[str, str | None]:
    if trained.interrupted:
        return "interrupted", "Training was interrupted by the user; the best model so far is kept."
    if trained.timed_out:
        return "timed_out", None
    if trained.stopped_by_callback:
        return "stopped_by_callback", None
    statuses = [Status(int(code)) for code in trained.state.status]
    if Status.DIVERGED in statuses:
        return Status.DIVERGED.name.lower(), Status.DIVERGED.sentence
    status, rollbacks = min(statuses).name.lower(), int(trained.state.rollbacks.max())
    if not rollbacks:
        return status, None
    return status, (
        f"The loss became non-finite {rollbacks} times; training went back each time and took smaller steps: a lower "
        "learning_rate may do better."
    )
