"""What happens between epochs: progress bar, the user's functions, scikit-learn 1.9's callbacks, where installed."""

import contextlib
import importlib
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from wellfit.core.turns import away
from wellfit.training.loop import Progress

CallbackSupportMixin: Any = type("NoCallbacks", (), {})
with_callbacks: Any = lambda method: method  # noqa: E731
with contextlib.suppress(ModuleNotFoundError):  # scikit-learn 1.9 and later; earlier versions have nothing to support
    _sklearn = importlib.import_module("sklearn.callback")
    CallbackSupportMixin, with_callbacks = _sklearn.CallbackSupportMixin, _sklearn.with_callbacks

logger = logging.getLogger("wellfit")
BAR_WIDTH = 24


class Watchers:
    """Everybody who wants to know how training goes; ``__call__`` returns whether one of them wants to stop."""

    def __init__(
        self,
        estimator: Any,
        X: Any,
        y: Any,
        max_epochs: int,
        snapshot: Callable[[], dict[str, Any]],
        *,
        bar: bool = True,
    ) -> None:
        self.estimator, self.data, self.snapshot = estimator, {"X": X, "y": y}, snapshot
        chosen = estimator.callbacks
        self.functions = [] if chosen is None else list(chosen) if isinstance(chosen, tuple | list) else [chosen]
        self.context = None
        if getattr(estimator, "_skl_callbacks", None):
            self.context = estimator._init_callback_context(max_subtasks=max_epochs)
            self.context.call_on_fit_task_begin(estimator=estimator, **self.data)
        self.told = 0
        self.bar = bar and bool(estimator.verbose) and sys.stderr.isatty()

    @property
    def needed(self) -> bool:
        """Whether anybody wants to hear of every epoch."""
        return bool(self.functions) or self.context is not None

    def __call__(self, progress: Progress) -> bool:
        epoch = int(progress.epochs.max(initial=0))
        if self.bar:
            sys.stderr.write("\r" + bar(progress, epoch))
            sys.stderr.flush()
        if epoch <= self.told:
            return False
        self.told = epoch
        logger.info("epoch %d: loss %.5g, validation loss %.5g", epoch, progress.loss, progress.validation_loss)
        with away():  # a user's function may fit in threads of its own, and wait for them
            stop = sum(bool(function(progress)) for function in self.functions) > 0
        if self.context is not None:
            step = self.context.subcontext(task_name="epoch")
            step.call_on_fit_task_begin(estimator=self.estimator, **self.data)
            wish = step.call_on_fit_task_end(
                estimator=self.estimator, **self.data, reconstruction_attributes=self.snapshot
            )
            stop = stop or bool(wish)
        return stop

    def close(self) -> None:
        """The end of training."""
        if self.bar:
            sys.stderr.write("\r\033[K" if "NO_COLOR" not in os.environ else "\n")
            sys.stderr.flush()
        if self.context is not None:
            self.context.call_on_fit_task_end(estimator=self.estimator, **self.data, reconstruction_attributes={})


def bar(progress: Progress, epoch: int) -> str:
    """One line of progress."""
    share = epoch / max(progress.max_epochs, 1)
    full = round(BAR_WIDTH * share)
    line = "█" * full + "░" * (BAR_WIDTH - full)
    valid = (
        f"  validation {progress.validation_loss:.4f}" if progress.validation_loss == progress.validation_loss else ""
    )
    if progress.loss != progress.loss:  # nothing is known before the first epoch ends: the program compiles
        return f"{line} compiling, or in the first epoch  {progress.seconds:.1f} s "
    return f"{line} epoch {epoch}/{progress.max_epochs}  loss {progress.loss:.4f}{valid}  {progress.seconds:.1f} s "
