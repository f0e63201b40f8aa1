"""The names of an estimator's parameters, read once for each class."""

import functools


class ParameterNames:
    """To stand before scikit-learn's ``BaseEstimator``, which reads the signature anew at every turn."""

    @classmethod
    @functools.cache
    def _get_param_names(cls) -> list[str]:
        return super()._get_param_names()  # type: ignore[misc]
