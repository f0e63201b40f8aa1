"""How training ended, as a number: a compiled program cannot raise, it returns a status."""

from enum import IntEnum


class Status(IntEnum):
    """The state of one member's training; ``sentence`` says it in words."""

    RUNNING = 0
    FINISHED = 1
    STOPPED_EARLY = 2
    DIVERGED = 3

    @property
    def sentence(self) -> str:
        """One sentence for people."""
        return SENTENCES[self]


SENTENCES = {
    Status.RUNNING: "Training was ended from outside before it was done.",
    Status.FINISHED: "Training used all its epochs.",
    Status.STOPPED_EARLY: "Training stopped early: the validation loss had not improved for `patience` epochs.",
    Status.DIVERGED: (
        "Training diverged: the loss became non-finite again and again although every roll-back made the steps "
        "smaller; lower learning_rate, or look for extreme values in X and y."
    ),
}
