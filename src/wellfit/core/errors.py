"""Errors and warnings of wellfit: one sentence that names what is wrong, what is allowed, and the remedy."""


class WellfitWarning(UserWarning):
    """Something a user should know, after which the work goes on."""


class ConvergenceWarning(WellfitWarning):
    """Training ended before it had settled, or needed repairs to go on."""


class ModelFileError(ValueError):
    """A model file is damaged, truncated, foreign, or of a format this version cannot read."""


class MissingExtraError(ImportError):
    """An optional dependency is needed and not installed."""
